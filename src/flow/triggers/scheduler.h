// Starts runs by the clock: for each flow with a schedule, when its cron says so.
//
// The last tick of each is kept in the store and committed together with the start of its run, so that none
// is lost and none happens twice, whatever happens in between. What was missed while no process ran is made
// up for as the flow says (config::MissedTicks); a tick counts as missed a minute after its time. The input
// of a run is
// {"at": "2026-11-22T06:00:00.000000Z"}, the time for which it was due.
//
//   Scheduler scheduler({.engine = engine, .store = store, .clock = clock, .log = log}, store_values);
//   scheduler.adopt(schedules);
//   ... at next_wake(): scheduler.wake();
//
// One thread, that of the engine.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "config/flow_config.h"
#include "flow/engine.h"
#include "flow/triggers/cron.h"
#include "flow/triggers/source.h"
#include "flow/triggers/time_zone.h"
#include "store/store.h"

namespace linkspan::flow {

struct Schedule {
  std::string flow;
  Cron cron;
  TimeZone zone;
  config::MissedTicks missed = config::MissedTicks::once;
};

// Errors: config_invalid: no cron, or no such time zone. Reads files.
Result<Schedule> make_schedule(const std::string& flow, const config::ScheduleConfig& config);

class Scheduler {
 public:
  struct Parts {
    Engine& engine;
    store::Store& store;
    const Clock& clock;
    Logger log;
  };
  // At most so many missed ticks of one flow are made up for; the latest.
  static constexpr std::size_t kMaxMadeUp = 1000;

  // `values` are those of the store at its start.
  Scheduler(Parts parts, const std::vector<store::NamedValue>& values);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  ~Scheduler();

  // From now on these. A flow that is new begins with its next tick; one that is gone is forgotten.
  void adopt(std::vector<Schedule> schedules);

  // Wall time when wake() is to be called next; 0: never.
  WallNs next_wake() const;
  void wake();

 private:
  struct Entry {
    Schedule schedule;
    WallNs last = 0;  // the last tick that was dealt with
    WallNs next = 0;  // when to look again; 0: never
    bool starting = false;
  };

  void plan_next(Entry& entry);
  std::vector<WallNs> due_ticks(const Entry& entry, WallNs now) const;
  void deal_with(Entry& entry, WallNs now);
  void start(const std::string& flow, WallNs tick);
  void on_started(const std::string& flow, WallNs tick, const Receipt& receipt);
  void keep(const std::string& flow, std::optional<WallNs> last);

  Parts parts_;
  std::map<std::string, WallNs> stored_;  // by flow
  std::map<std::string, Entry> entries_;
  std::shared_ptr<bool> alive_;  // for callbacks
};

}  // namespace linkspan::flow
