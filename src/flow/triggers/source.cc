#include "flow/triggers/source.h"

#include <utility>

#include "base/error_kinds.h"

namespace linkspan::flow {

namespace {

constexpr std::size_t kMaxProblems = 5;

// What the engine refuses for the event's own sake, and would refuse again.
bool is_of_event(const Error& error) {
  return error.kind().slug == errors::flow_failed.slug;
}

Error not_the_input(const EventSink::Target& target, const data::JsonValue& input) {
  std::string detail = "the event is not a " + target.input_name;
  for (const data::SchemaProblem& problem : target.input->validate(input, {.max_problems = kMaxProblems})) {
    detail += "; " + problem.to_string();
  }
  return Error(errors::input_invalid, std::move(detail));
}

}  // namespace

void EventSink::take(SourceEvent event, std::function<void(const Receipt&)> done) const {
  if (target_.input && !target_.input->is_valid(event.input)) {
    return done({.taken = Taken::unusable, .run_id = {}, .error = not_the_input(target_, event.input)});
  }
  StartRequest request;
  request.flow = target_.flow;
  request.input = std::move(event.input);
  request.trigger = target_.source;
  request.facts = std::move(event.facts);
  if (!event.claim_key.empty()) request.claim_space = target_.source + ":" + target_.flow;
  request.claim_key = std::move(event.claim_key);
  request.claim_for_ns = event.claim_for_ns;
  request.values = std::move(event.values);
  engine_->start(std::move(request), [done = std::move(done)](StartOutcome outcome) {
    Receipt receipt;
    receipt.run_id = std::move(outcome.run_id);
    if (outcome.error) {
      receipt.taken = is_of_event(*outcome.error) ? Taken::unusable : Taken::later;
      receipt.error = std::move(outcome.error);
    } else {
      receipt.taken = outcome.is_duplicate ? Taken::known : Taken::committed;
    }
    done(receipt);
  });
}

}  // namespace linkspan::flow
