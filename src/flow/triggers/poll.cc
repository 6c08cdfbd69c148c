#include "flow/triggers/poll.h"

#include <algorithm>
#include <utility>

#include "base/error_kinds.h"
#include "base/timestamp.h"
#include "data/json_write.h"
#include "flow/calls/backoff.h"
#include "flow/calls/retry_after.h"
#include "flow/run/exchange.h"

namespace linkspan::flow {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxCursorBytes = 64 * 1024;
// Keys are remembered for good, in words of the store: for ten years.
constexpr std::int64_t kRememberNs = std::int64_t{10} * 365 * 24 * 3600 * kNsPerSecond;
// The time of a poll that gave nothing is written this often, so that restarts do not ask too early.
constexpr std::int64_t kKeepTimeEveryNs = 10 * kNsPerSecond;
// Of one page; the others are counted.
constexpr std::uint64_t kMaxRefusalsLogged = 5;
constexpr Duration kFirstDelay = 1s;
constexpr Duration kMaxHold = 1min;

std::string time_text(WallNs at) {
  std::string text(kTimestampBytes, '\0');
  format_timestamp(at, text.data());
  return text;
}

// How long failing polls may be apart.
Duration longest_pause(std::int64_t every_ns) {
  return std::clamp<Duration>(Duration(every_ns), 5min, 1h);
}

}  // namespace

Poll::Poll(const Parts& parts, std::string flow)
    : parts_(parts), flow_(std::move(flow)), alive_(std::make_shared<bool>(true)) {
  restore();
}

Poll::~Poll() {
  *alive_ = false;
}

void Poll::restore() {
  const auto unreadable = [this](const std::string& name, const Error& error) {
    parts_.log.error("what a poll kept cannot be read; it begins anew",
                     {{"flow", flow_}, {"value", name}, {"error", error.to_string()}});
  };
  if (const auto found = parts_.values.find(position_name(flow_)); found != parts_.values.end()) {
    Result<PollPosition> position = parse_position(found->second);
    if (position) position_ = std::move(*position);
    if (!position) unreadable(found->first, position.error());
    kept_at_ = position_.at;
  }
  if (const auto found = parts_.values.find(page_name(flow_)); found != parts_.values.end()) {
    Result<PollPage> page = parse_page(found->second);
    if (page) {
      dealing_ = Dealing{
          .page = std::move(*page), .done = position_.done, .refused = 0, .kept = true, .written = false};
    } else {
      unreadable(found->first, page.error());
    }
    found->second.clear();  // it may be large, and is in memory as a value now
  }
}

void Poll::adopt(PollTrigger trigger) {
  trigger_ = std::move(trigger);
  sink_.emplace(
      parts_.engine,
      EventSink::Target{
          .source = "poll", .flow = flow_, .input = trigger_.input, .input_name = trigger_.input_name});
  resting_ = false;
  if (!busy_ && failures_ == 0) plan_next();
}

void Poll::plan_next() {
  const WallNs now = parts_.clock.wall_ns();
  if (dealing_) {
    next_at_ = now;
    return;
  }
  const std::int64_t every = trigger_.plan->every_ns;
  if (position_.not_before != 0) {
    next_at_ = position_.not_before;
  } else {
    // A clock that was set back must not hold it up.
    next_at_ = position_.at == 0 ? now : std::min(position_.at + every, now + every);
  }
  next_at_ = std::max(next_at_, now);
}

void Poll::wake() {
  if (resting_ || busy_ || next_at_ > parts_.clock.wall_ns()) return;
  if (dealing_) return deal();
  ask();
}

void Poll::ask() {
  const std::shared_ptr<const PollPlan> plan = trigger_.plan;
  const WallNs now = parts_.clock.wall_ns();
  if (place_at_ == 0) place_at_ = parts_.engine.place_of_call(plan->call.api);
  if (place_at_ > now) {
    next_at_ = place_at_;
    return;
  }
  place_at_ = 0;
  position_.at = now;
  const data::JsonValue no_input;
  Result<data::JsonValue> request = make_request(
      plan->call, parts_.evaluator, {.input = no_input, .variables = {&position_.cursor, 1}}, {});
  if (!request) return failed("the call cannot be made: " + request.error().detail(), {});
  busy_ = true;
  parts_.caller.call(to_outgoing(plan->call, *request, 0),
                     [this, plan, alive = alive_](const CallOutcome& outcome) {
                       if (!*alive) return;
                       busy_ = false;
                       if (!resting_) on_answer(*plan, outcome);
                     });
}

void Poll::on_answer(const PollPlan& plan, const CallOutcome& outcome) {
  if (!outcome.answer) {
    return failed(outcome.error ? outcome.error->to_string() : std::string("there was no answer"), {});
  }
  const Incoming& answer = *outcome.answer;
  if (answer.status >= 400) {
    return failed(plan.call.api + " answered " + std::to_string(answer.status),
                  retry_after_of(answer, parts_.clock.wall_ns()));
  }
  Result<PollPage> page = read_page(plan, answer);
  if (!page) return failed(page.error().detail(), {});
  dealing_ = Dealing{.page = std::move(*page), .done = 0, .refused = 0, .kept = false, .written = false};
  if (dealing_->page.items.size() > 1) return keep_page();
  deal();
}

Result<PollPage> Poll::read_page(const PollPlan& plan, const Incoming& incoming) {
  Result<data::JsonValue> answer = read_answer(plan.call, incoming);
  if (!answer) return std::move(answer).error();
  const std::span<const data::JsonValue> variables(&position_.cursor, 1);
  PollPage page{.items = {}, .cursor = position_.cursor, .at = position_.at};
  Result<data::JsonValue> items = plan.items.evaluate(parts_.evaluator, *answer, variables);
  if (!items) return std::move(items).error().context("items");
  if (!items->is_array() && !items->is_null()) {
    return Error(errors::flow_failed, "items must give an array, or null for none");
  }
  page.items = items->is_null() ? data::JsonValue::empty_array() : std::move(*items);
  if (!plan.cursor) return page;
  Result<data::JsonValue> cursor = plan.cursor->evaluate(parts_.evaluator, *answer, variables);
  if (!cursor) return std::move(cursor).error().context("cursor");
  if (data::write_json(*cursor).size() > kMaxCursorBytes) {
    return Error(errors::flow_failed, "cursor gives more than 64 KiB");
  }
  // The answer says nothing of how to go on: an empty page, as a rule.
  if (!cursor->is_null()) page.cursor = std::move(*cursor);
  return page;
}

void Poll::keep_page() {
  PollPosition position = position_;
  position.not_before = 0;
  position.done = 0;
  write({page_value(flow_, &dealing_->page), position_value(flow_, position)},
        [this](const Result<store::Committed>& outcome) {
          if (!outcome) {  // nothing has begun: it is asked for again
            dealing_.reset();
            return failed(outcome.error().to_string(), {});
          }
          dealing_->kept = true;
          deal();
        });
}

// One item at a time: the next begins when this one is on disk.
void Poll::deal() {
  is_dealing_ = true;
  is_held_ = false;
  const std::span<const data::JsonValue> items = dealing_->page.items.items();
  while (!resting_ && !busy_ && !is_held_ && dealing_->done < items.size()) {
    std::optional<SourceEvent> event = event_of(items[dealing_->done]);
    if (event) {
      take(std::move(*event));
    } else {
      ++dealing_->done;
    }
  }
  is_dealing_ = false;
  if (!resting_ && !busy_ && !is_held_) finish();
}

// nullopt: there is nothing to start, and it is counted.
std::optional<SourceEvent> Poll::event_of(const data::JsonValue& item) {
  SourceEvent event;
  event.input = item;
  event.values = values_after(dealing_->done + 1);
  data::JsonObjectBuilder facts;
  facts.set("polled_at", time_text(dealing_->page.at));
  facts.set("position", static_cast<std::int64_t>(dealing_->done));
  const PollPlan& plan = *trigger_.plan;
  if (plan.key) {
    Result<data::JsonValue> key = plan.key->evaluate(parts_.evaluator, item, {});
    if (!key) {
      refuse_item(std::move(key).error().context("key"));
      return std::nullopt;
    }
    const std::string text = key->is_null() ? std::string() : key_text(*key);
    if (!key->is_null() && plan.changed_only) {
      store::NamedValue content{item_name(flow_, text), content_digest(item)};
      const auto before = parts_.values.find(content.name);
      if (before != parts_.values.end() && before->second == content.value) {
        ++counts_.known;
        return std::nullopt;
      }
      event.values.push_back(std::move(content));
    } else if (!key->is_null()) {
      event.claim_key = claim_key(text);
      event.claim_for_ns = kRememberNs;
    }
    facts.set("key", std::move(*key));
  }
  event.facts = facts.build();
  return event;
}

void Poll::take(SourceEvent event) {
  busy_ = true;
  std::vector<store::NamedValue> values = event.values;
  sink_->take(std::move(event), [this, values = std::move(values), alive = alive_](const Receipt& receipt) {
    if (!*alive) return;
    busy_ = false;
    on_taken(values, receipt);
  });
}

void Poll::on_taken(const std::vector<store::NamedValue>& values, const Receipt& receipt) {
  if (receipt.taken == Taken::later) return hold(*receipt.error);
  if (receipt.taken == Taken::committed) {
    ++counts_.started;
    for (const store::NamedValue& value : values) {
      if (is_item_name(value.name)) parts_.values[value.name] = *value.value;
    }
    dealing_->written = dealing_->done + 1 == dealing_->page.items.size();
  } else if (receipt.taken == Taken::known) {
    ++counts_.known;
  } else {
    refuse_item(*receipt.error);
  }
  ++dealing_->done;
  if (!is_dealing_) deal();
}

void Poll::refuse_item(const Error& error) {
  ++counts_.refused;
  last_refusal_ = "item " + std::to_string(dealing_->done) + " of the poll at " +
                  time_text(dealing_->page.at) + ": " + error.detail();
  if (++dealing_->refused > kMaxRefusalsLogged) return;
  parts_.log.warn("an item of a poll starts no run",
                  {{"flow", flow_}, {"position", dealing_->done}, {"error", error.to_string()}});
}

PollPosition Poll::position_after(std::size_t done) const {
  const bool is_over = done == dealing_->page.items.size();
  return {.cursor = is_over ? dealing_->page.cursor : position_.cursor,
          .at = dealing_->page.at,
          .not_before = 0,
          .done = is_over ? 0 : done};
}

std::vector<store::NamedValue> Poll::values_after(std::size_t done) const {
  std::vector<store::NamedValue> values{position_value(flow_, position_after(done))};
  if (dealing_->kept && done == dealing_->page.items.size()) values.push_back(page_value(flow_, nullptr));
  return values;
}

// The position goes with the start of the last item, unless that was none, or there was no item at all.
void Poll::finish() {
  const PollPosition after = position_after(dealing_->page.items.size());
  const bool is_worth_it = dealing_->kept || position_.not_before != 0 ||
                           !(after.cursor == position_.cursor) || after.at - kept_at_ >= kKeepTimeEveryNs;
  if (dealing_->written || !is_worth_it) return finished();
  write(values_after(dealing_->page.items.size()), [this](const Result<store::Committed>& outcome) {
    if (!outcome) return hold(outcome.error());
    dealing_->written = true;
    finished();
  });
}

void Poll::finished() {
  position_ = position_after(dealing_->page.items.size());
  if (dealing_->written) kept_at_ = position_.at;
  if (dealing_->refused > kMaxRefusalsLogged) {
    parts_.log.warn("items of a poll started no run", {{"flow", flow_}, {"items", dealing_->refused}});
  }
  if (!problem_.empty()) parts_.log.info("a poll goes on", {{"flow", flow_}});
  dealing_.reset();
  problem_.clear();
  failures_ = 0;
  ++counts_.succeeded;
  plan_next();
}

void Poll::write(std::vector<store::NamedValue> values, Written done) {
  busy_ = true;
  store::Write write;
  write.values = std::move(values);
  parts_.store.commit(std::move(write), [this, done = std::move(done),
                                         alive = alive_](const Result<store::Committed>& outcome) {
    if (!*alive) return;
    busy_ = false;
    done(outcome);
  });
}

// The poll gave nothing: another is made later, with the same cursor.
void Poll::failed(const std::string& problem, Duration at_least) {
  ++counts_.failed;
  const Duration delay = trouble(problem, longest_pause(trigger_.plan->every_ns), at_least);
  position_.not_before = next_at_;
  if (delay.count() < kKeepTimeEveryNs) return;
  // So that a restart does not ask too early; if it cannot be written, it may.
  write({position_value(flow_, position_)}, [](const Result<store::Committed>&) {});
}

// What was read waits until the store takes it.
void Poll::hold(const Error& error) {
  is_held_ = true;
  (void)trouble(error.to_string(), kMaxHold, {});
}

Duration Poll::trouble(const std::string& problem, Duration max_delay, Duration at_least) {
  const Duration first = std::min(kFirstDelay, Duration(trigger_.plan->every_ns));
  const Duration delay =
      draw_delay({.first_delay = first, .max_delay = max_delay}, ++failures_, parts_.random, at_least);
  next_at_ = parts_.clock.wall_ns() + delay.count();
  if (problem_.empty()) {
    parts_.log.warn("a poll does not go on; it is tried again", {{"flow", flow_}, {"problem", problem}});
  }
  problem_ = problem;
  return delay;
}

PollStatus Poll::status() const {
  return {.flow = flow_,
          .last_at = position_.at,
          .next_at = next_wake(),
          .cursor = position_.cursor,
          .problem = problem_,
          .last_refusal = last_refusal_,
          .counts = counts_};
}

}  // namespace linkspan::flow
