// The seam for sources: what brings events in from elsewhere and starts a run for each. A source hands an
// event to the sink of its flow and hears once what became of it, so that it can acknowledge: to a broker, by
// moving a file away, by moving its cursor on. What the event needs to happen once goes with it, into the
// same transaction as the start of its run: a key that is taken, named values such as a cursor.
//
//   EventSink sink(engine, {.source = "poll", .flow = "new-contact", .input = schema, .input_name =
//   "crm#Contact"}); sink.take({.input = contact, .values = {cursor}}, [](const Receipt& receipt) {
//     if (receipt.taken != Taken::later) acknowledge();   // hand it over again later, otherwise
//   });
//
// A source belongs to the engine's thread, keeps what it must remember as named values of the store, and is
// driven like the engine: the host calls its wake() when its next_wake() has come. Sources so far: the clock
// (scheduler.h) and lists that are asked for again and again (poller.h). The other direction, calls to
// systems, is the seam of flow/caller.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/json.h"
#include "data/schema/schema.h"
#include "flow/engine.h"
#include "store/store.h"

namespace linkspan::flow {

struct SourceEvent {
  data::JsonValue input;
  data::JsonValue facts;  // what else is known of it, for people
  // If given, the same key of the same source and flow starts one run only until it expires.
  std::string claim_key;
  std::int64_t claim_for_ns = 0;
  std::vector<store::NamedValue> values;  // committed together with the start
};

enum class Taken : std::uint8_t {
  committed,  // its run is on disk, and so are the values
  known,      // it was taken before: the key is that of another run, the values were not written
  unusable,   // it will never start a run, `error` says why: input_invalid, flow_failed
  later       // nothing has happened, `error` says why: store_full, store_failed, overloaded, flow_unknown
};

struct Receipt {
  Taken taken = Taken::later;
  std::string run_id;  // of committed and known
  std::optional<Error> error;
};

// Where the events of one source for one flow go.
class EventSink {
 public:
  struct Target {
    std::string source;  // "poll", "schedule", ...: the trigger of the run, for people
    std::string flow;
    std::optional<data::JsonSchema> input;  // what events must be; none: anything
    std::string input_name;                 // "crm#Contact"
  };

  // The engine outlives it.
  EventSink(Engine& engine, Target target) : engine_(&engine), target_(std::move(target)) {}

  // `done` is called once: from within, where the event is refused at once. The sink may go meanwhile.
  void take(SourceEvent event, std::function<void(const Receipt&)> done) const;

 private:
  Engine* engine_;
  Target target_;
};

}  // namespace linkspan::flow
