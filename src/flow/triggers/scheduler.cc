#include "flow/triggers/scheduler.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "base/timestamp.h"

namespace linkspan::flow {

namespace {

constexpr std::string_view kPrefix = "schedule:";
constexpr std::int64_t kMissedAfterNs = 60 * kNsPerSecond;
constexpr std::int64_t kTryAgainNs = 10 * kNsPerSecond;

std::string time_text(WallNs at) {
  std::string text(kTimestampBytes, '\0');
  format_timestamp(at, text.data());
  return text;
}

store::NamedValue value_of(const std::string& flow, std::optional<WallNs> last) {
  store::NamedValue value{std::string(kPrefix) + flow, std::nullopt};
  if (last) value.value = std::to_string(*last);
  return value;
}

}  // namespace

Result<Schedule> make_schedule(const std::string& flow, const config::ScheduleConfig& config) {
  Result<Cron> cron = parse_cron(config.cron);
  if (!cron) return std::move(cron).error().context("cron");
  Result<TimeZone> zone = load_time_zone(config.time_zone);
  if (!zone) return std::move(zone).error().context("time_zone");
  return Schedule{.flow = flow, .cron = *cron, .zone = std::move(*zone), .missed = config.missed};
}

Scheduler::Scheduler(Parts parts, const std::vector<store::NamedValue>& values)
    : parts_(parts), alive_(std::make_shared<bool>(true)) {
  for (const store::NamedValue& value : values) {
    if (!value.name.starts_with(kPrefix) || !value.value) continue;
    const auto last = parse_u64(*value.value);
    if (last) stored_[value.name.substr(kPrefix.size())] = static_cast<WallNs>(*last);
  }
}

Scheduler::~Scheduler() {
  *alive_ = false;
}

void Scheduler::adopt(std::vector<Schedule> schedules) {
  std::map<std::string, Entry> before = std::exchange(entries_, {});
  const WallNs now = parts_.clock.wall_ns();
  for (Schedule& schedule : schedules) {
    const std::string flow = schedule.flow;
    Entry& entry = entries_[flow];
    if (const auto old = before.find(flow); old != before.end()) entry = std::move(old->second);
    entry.schedule = std::move(schedule);
    const auto stored = stored_.find(flow);
    if (entry.last == 0) entry.last = stored == stored_.end() ? now : stored->second;
    // Kept from the beginning, so that a tick which comes while no process runs is known to be missed.
    if (stored == stored_.end()) keep(flow, entry.last);
    if (!entry.starting) plan_next(entry);
  }
  std::vector<std::string> gone;
  for (const auto& [flow, last] : stored_) {
    if (!entries_.contains(flow)) gone.push_back(flow);
  }
  for (const std::string& flow : gone) keep(flow, std::nullopt);
}

void Scheduler::plan_next(Entry& entry) {
  entry.next = next_tick(entry.schedule.cron, entry.schedule.zone, entry.last).value_or(0);
}

WallNs Scheduler::next_wake() const {
  WallNs next = 0;
  for (const auto& [flow, entry] : entries_) {
    if (entry.next != 0 && !entry.starting && (next == 0 || entry.next < next)) next = entry.next;
  }
  return next;
}

void Scheduler::wake() {
  const WallNs now = parts_.clock.wall_ns();
  std::vector<std::string> due;
  for (const auto& [flow, entry] : entries_) {
    if (entry.next != 0 && !entry.starting && entry.next <= now) due.push_back(flow);
  }
  for (const std::string& flow : due) deal_with(entries_[flow], now);
}

// Oldest first.
std::vector<WallNs> Scheduler::due_ticks(const Entry& entry, WallNs now) const {
  std::vector<WallNs> ticks;
  auto tick = next_tick(entry.schedule.cron, entry.schedule.zone, entry.last);
  while (tick && *tick <= now) {
    if (ticks.size() == 2 * kMaxMadeUp) ticks.erase(ticks.begin(), ticks.begin() + kMaxMadeUp);
    ticks.push_back(*tick);
    tick = next_tick(entry.schedule.cron, entry.schedule.zone, *tick);
  }
  if (ticks.size() > kMaxMadeUp) ticks.erase(ticks.begin(), ticks.end() - kMaxMadeUp);
  return ticks;
}

// One tick at a time: the next begins when this one is on disk.
void Scheduler::deal_with(Entry& entry, WallNs now) {
  const std::vector<WallNs> ticks = due_ticks(entry, now);
  if (ticks.empty()) return plan_next(entry);
  const std::string& flow = entry.schedule.flow;
  const auto fresh = std::ranges::find_if(ticks, [now](WallNs tick) { return tick >= now - kMissedAfterNs; });
  const auto missed = static_cast<std::size_t>(fresh - ticks.begin());
  WallNs tick = ticks.front();
  if (missed > 0 && entry.schedule.missed != config::MissedTicks::all) {
    parts_.log.warn("ticks were missed",
                    {{"flow", flow}, {"ticks", missed}, {"last", time_text(ticks[missed - 1])}});
    tick = ticks[missed - 1];
    if (entry.schedule.missed == config::MissedTicks::skip) {
      entry.last = tick;
      keep(flow, tick);
      return plan_next(entry);
    }
  }
  entry.starting = true;
  start(flow, tick);
}

void Scheduler::start(const std::string& flow, WallNs tick) {
  SourceEvent event;
  event.input = data::JsonValue::object({{"at", time_text(tick)}});
  event.values.push_back(value_of(flow, tick));
  const EventSink sink(parts_.engine, {.source = "schedule", .flow = flow, .input = {}, .input_name = {}});
  sink.take(std::move(event), [this, flow, tick, alive = alive_](const Receipt& receipt) {
    if (*alive) on_started(flow, tick, receipt);
  });
}

void Scheduler::on_started(const std::string& flow, WallNs tick, const Receipt& receipt) {
  const auto found = entries_.find(flow);
  if (receipt.error) {
    parts_.log.error("a run that is due did not start; it is tried again",
                     {{"flow", flow}, {"due", time_text(tick)}, {"error", receipt.error->to_string()}});
  } else {
    stored_[flow] = tick;
  }
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.starting = false;
  if (receipt.error) {
    entry.next = parts_.clock.wall_ns() + kTryAgainNs;
    return;
  }
  entry.last = tick;
  plan_next(entry);
}

void Scheduler::keep(const std::string& flow, std::optional<WallNs> last) {
  if (last) {
    stored_[flow] = *last;
  } else {
    stored_.erase(flow);
  }
  store::Write write;
  write.values.push_back(value_of(flow, last));
  parts_.store.commit(std::move(write), [log = parts_.log, flow](const Result<store::Committed>& outcome) {
    if (!outcome)
      log.warn("the time of a schedule was not kept",
               {{"flow", flow}, {"error", outcome.error().to_string()}});
  });
}

}  // namespace linkspan::flow
