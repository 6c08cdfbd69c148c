// A step of a flow. What belongs to calls is in describe_call.cc.
#include <array>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/call_keys.h"
#include "config/describe.h"
#include "config/names.h"
#include "config/scalar_types.h"

namespace linkspan::config {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 8> kKinds = {"call", "set", "wait",    "wait_for",
                                                    "emit", "run", "respond", "fail"};
// These have a meaning with `call` only.
constexpr std::array<std::string_view, 13> kOfCall = {
    "path",    "query", "headers", "body",      "timeout",     "retry",   "reject",
    "unknown", "undo",  "pivot",   "exhausted", "idempotency", "paginate"};
// These end a run or let it sleep, which a part of a step cannot do.
constexpr std::array<std::string_view, 4> kNotForeach = {"wait", "wait_for", "respond", "fail"};

Typed<Exhausted> exhausted_choice() {
  return choice<Exhausted>(
      {{"park", Exhausted::park}, {"undo", Exhausted::undo}, {"continue", Exhausted::carry_on}});
}

void check_wait_for(WaitForConfig&, const ObjectView& view) {
  if (view.given("event") && view.given("approval")) {
    view.problem("approval", "a step waits for an event or an approval, not both");
  } else if (!view.given("event") && !view.given("approval") && !view.has_unknown_keys()) {
    view.problem("needs event or approval");
  }
  if (view.given("key") && !view.given("event")) view.problem("key", "means something only with event");
  if (view.given("on_timeout") && !view.given("timeout")) {
    view.problem("on_timeout", "means something only with timeout");
  }
}

bool has_timeout(const WaitForConfig& wait) {
  return wait.timeout != kNoDuration;
}

Typed<WaitForConfig> wait_for_type() {
  return object<WaitForConfig>("Waits for an event, or for a person's approval.")
      .positioned()
      .field("event", &WaitForConfig::event, event_name(), "The event.")
      .field("key", &WaitForConfig::key, optional(expression()),
             "Only an event with this key; any event of the name if not given.")
      .field("approval", &WaitForConfig::approval, optional(expression()), "What the person is asked.")
      .field("timeout", &WaitForConfig::timeout, duration({1ms, Duration::max(), "none"}),
             "How long it waits.")
      .field("on_timeout", &WaitForConfig::on_timeout, exhausted_choice(),
             "What then: `park` the run until a person repairs it, `undo` what it did, or `continue`.")
      .shown_when<has_timeout>()
      .check<check_wait_for>()
      .done();
}

Typed<EmitConfig> emit_type() {
  return object<EmitConfig>(
             "Sends an event to flows that are triggered by it or wait for it. Its name alone will do.")
      .scalar("event")
      .positioned()
      .field("event", &EmitConfig::event, event_name(), "The event.")
      .required()
      .field("key", &EmitConfig::key, optional(expression()), "What `wait_for` tells such events apart by.")
      .field("data", &EmitConfig::data, optional(expression()), "What it says; the run's input if not given.")
      .done();
}

Typed<RunFlowConfig> run_flow_type() {
  return object<RunFlowConfig>("Starts a run of another flow. Its name alone will do.")
      .scalar("flow")
      .positioned()
      .field("flow", &RunFlowConfig::flow, name_of("flow"), "The flow.")
      .required()
      .field("input", &RunFlowConfig::input, optional(expression()),
             "Its input; that of this run if not given.")
      .field("wait", &RunFlowConfig::wait, boolean(),
             "Whether the step lasts until that run ends; its output is then the step's.")
      .done();
}

Typed<RespondStepConfig> respond_step_type() {
  return object<RespondStepConfig>(
             "Answers the request that started the run, while the run goes on. A status alone will do.")
      .scalar("status")
      .positioned()
      .field("status", &RespondStepConfig::status, optional(expression()), "The status; 200 if not given.")
      .field("body", &RespondStepConfig::body, optional(expression()), "The body.")
      .done();
}

// "auto", "none" or a header.
bool is_idempotency(std::string_view text) {
  return is_header_name(text) && !is_connection_header(text);
}

bool calls(const StepConfig& step) {
  return step.call.has_value();
}

bool is_foreach(const StepConfig& step) {
  return step.foreach.has_value();
}

void check_kind(const ObjectView& view) {
  std::string_view first;
  for (std::string_view kind : kKinds) {
    if (!view.given(kind)) continue;
    if (!first.empty()) {
      view.problem(kind, "a step does one thing, and this one has " + std::string(first) + " already");
    } else {
      first = kind;
    }
  }
  if (first.empty() && !view.has_unknown_keys()) {
    view.problem("needs one of call, set, wait, wait_for, emit, run, respond and fail");
  }
}

void check_step(StepConfig& step, const ObjectView& view) {
  check_kind(view);
  const bool call = view.given("call");
  for (std::string_view key : kOfCall) {
    if (!call && !view.has_unknown_keys() && view.given(key)) {
      view.problem(key, "means something only in a step with call");
    }
  }
  if (!call) step.call.reset();
  for (std::string_view key : {"parallel", "on_failure"}) {
    if (view.given(key) && !view.given("foreach")) view.problem(key, "means something only with foreach");
  }
  for (std::string_view kind : kNotForeach) {
    if (view.given("foreach") && view.given(kind)) view.problem(kind, "cannot be done with foreach");
  }
}

void add_kinds(ObjectBuilder<StepConfig>& builder) {
  builder.whole("call", call_operation<StepConfig>(), "Calls an operation: `api.operation`.");
  add_call_arguments(builder);
  builder.field("set", &StepConfig::set, optional(expression()), "Computes a value.")
      .field("wait", &StepConfig::wait, optional(expression()),
             "Waits: a duration such as `26h`, or an expression for seconds or a time (RFC 3339).")
      .field("wait_for", &StepConfig::wait_for, optional(wait_for_type()),
             "Waits for an event or an approval.")
      .field("emit", &StepConfig::emit, optional(emit_type()), "Sends an event.")
      .field("run", &StepConfig::run, optional(run_flow_type()), "Starts a run of another flow.")
      .field("respond", &StepConfig::respond, optional(respond_step_type()),
             "Answers the request that started the run.")
      .field("fail", &StepConfig::fail, optional(expression()),
             "Fails the run, which undoes what it did; the expression is the reason.");
}

void add_call_settings(ObjectBuilder<StepConfig>& builder) {
  builder
      .field("timeout", &StepConfig::timeout, duration({1ms, 24h, "none"}),
             "How long one attempt may take; `none` is the API's `timeout.total`.")
      .shown_when<calls>()
      .field("retry", &StepConfig::retry, step_retry_type(), "When the call is made again.")
      .shown_when<calls>()
      .field(
          "reject", &StepConfig::reject, optional(expression()),
          "Out of the answer as `{status, headers, body}`: whether it is a no, so that the run is undone and "
          "nothing tried again.")
      .field("unknown", &StepConfig::unknown, optional(probe_type()),
             "How to find out whether a call took place whose outcome is not known.")
      .field("undo", &StepConfig::undo, optional(undo_type()), "How to take back what the call did.")
      .field("pivot", &StepConfig::pivot, boolean(),
             "Whether the run cannot go back any more once this step is done.")
      .shown_when<calls>()
      .field("exhausted", &StepConfig::exhausted, exhausted_choice(),
             "What happens when no attempt is left: `park` the run until a person repairs it, `undo` what it "
             "did, or `continue` without the step.")
      .shown_when<calls>()
      .field(
          "idempotency", &StepConfig::idempotency,
          text({.form = "`auto`, `none` or a header name",
                .expected = "auto, none, or a header name such as Idempotency-Key",
                .pattern = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"},
               is_idempotency),
          "The header that carries a key which stays the same for all attempts, if the operation takes one; "
          "`auto` is `Idempotency-Key` with POST, PATCH and where the description has it.")
      .shown_when<calls>()
      .field("paginate", &StepConfig::paginate, optional(paginate_type()),
             "Calls until there are no more items.");
}

}  // namespace

Typed<StepConfig> step_type() {
  auto builder = object<StepConfig>(
      "One step of a flow. It does one thing: `call`, `set`, `wait`, `wait_for`, `emit`, `run`, `respond` or "
      "`fail`. What it gives is `$NAME` in all that comes after it. The keys from `path` to `body` and from "
      "`timeout` on belong to `call`.");
  builder
      .field("after", &StepConfig::after, optional(list(text(), {.or_one = true, .flow = true})),
             "Steps that come before it; the one written before it if not given, none with `[]`.")
      .field("when", &StepConfig::when, optional(expression()),
             "Only if this holds; otherwise it is skipped.")
      .field("foreach", &StepConfig::foreach, optional(expression()),
             "An array: the step is done for each of its items, as `$item` and `$index`, and gives an array.")
      .field("parallel", &StepConfig::parallel, count32({1, 1000}), "With `foreach`: so many at a time.")
      .shown_when<is_foreach>()
      .field("on_failure", &StepConfig::collect_failures,
             Typed<bool>(choice_type({{"stop", 0}, {"collect", 1}})),
             "With `foreach`, when one item fails: `stop` with it, or `collect` failures and go on.")
      .shown_when<is_foreach>();
  add_kinds(builder);
  add_call_settings(builder);
  return builder.check<check_step>().done();
}

}  // namespace linkspan::config
