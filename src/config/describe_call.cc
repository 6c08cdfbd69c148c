// What belongs to a step that calls an operation: retry, paging, the probe of an unknown outcome, undo.
#include "base/error_kinds.h"
#include "config/call_keys.h"
#include "config/describe.h"
#include "config/retry_on.h"
#include "config/scalar_types.h"

namespace linkspan::config {
namespace {

using namespace std::chrono_literals;

void check_step_retry(StepRetryConfig& retry, const ObjectView& view) {
  if (!view.ok("first_delay") || !view.ok("max_delay") || retry.first_delay <= retry.max_delay) return;
  // Of the two the one that was written gives way.
  if (view.given("max_delay")) {
    view.problem("max_delay", "is shorter than first_delay");
  } else {
    retry.max_delay = retry.first_delay;
  }
}

void check_paginate(PaginateConfig& paginate, const ObjectView& view) {
  if (!view.ok("by") || view.has_unknown_keys()) return;
  if (view.given("next") != (paginate.by == Paging::cursor)) {
    view.given("next") ? view.problem("next", "means something only by cursor")
                       : view.problem("needs next, the expression for the next cursor");
  }
  switch (paginate.by) {
    case Paging::link:
      if (view.given("parameter")) view.problem("parameter", "by link, the answer says what is next");
      return;
    case Paging::cursor:
      if (paginate.parameter.empty()) paginate.parameter = "cursor";
      return;
    case Paging::page:
      if (paginate.parameter.empty()) paginate.parameter = "page";
      return;
    case Paging::offset:
      if (paginate.parameter.empty()) paginate.parameter = "offset";
      return;
  }
}

Typed<StepRetryConfig> step_retry_on_type() {
  return Typed<StepRetryConfig>(retry_on_words({"network"}, [](void* object) {
    auto& retry = *static_cast<StepRetryConfig*>(object);
    return RetryOnMembers{{&retry.on_network}, &retry.on_statuses};
  }));
}

}  // namespace

Typed<StepRetryConfig> step_retry_type() {
  return object<StepRetryConfig>(
             "When a call is made again, with growing pauses: each is a random part of a time that doubles "
             "from "
             "`first_delay` to `max_delay`, or what the answer's `Retry-After` asks for. A number alone is "
             "`attempts`.")
      .scalar("attempts")
      .whole("on", step_retry_on_type(),
             "What is tried again: `network` (no answer: refused, reset, late), statuses such as `429` or "
             "`5xx`.")
      .field("attempts", &StepRetryConfig::attempts, count32({1, 1'000'000, "unlimited"}),
             "Attempts in all: 1 means no retry.")
      .field("within", &StepRetryConfig::within, duration({1ms, Duration::max()}),
             "No attempt begins later than this after the first.")
      .field("first_delay", &StepRetryConfig::first_delay, duration({1ms, 24h}),
             "Longest pause before the second attempt.")
      .field("max_delay", &StepRetryConfig::max_delay, duration({1ms, 7 * 24h}),
             "Longest pause between two attempts.")
      .check<check_step_retry>()
      .done();
}

Typed<PaginateConfig> paginate_type() {
  return object<PaginateConfig>(
             "Calls the operation again and again until it has no more items, and puts all of them together. "
             "What tells the next page may stand alone: `paginate: link`.")
      .scalar("by")
      .field("by", &PaginateConfig::by,
             choice<Paging>({{"link", Paging::link},
                             {"cursor", Paging::cursor},
                             {"page", Paging::page},
                             {"offset", Paging::offset}}),
             "What tells the next page: the answer's `Link` header, a cursor, the page's number, or how many "
             "items there were.")
      .field("items", &PaginateConfig::items, optional(expression()),
             "The items of the answer's body; the body itself if not given.")
      .field(
          "next", &PaginateConfig::next, optional(expression()),
          "With `cursor`: the next cursor, out of the answer as `{status, headers, body}`; null if there is "
          "none.")
      .field("parameter", &PaginateConfig::parameter, text(),
             "The query parameter that takes it: `cursor`, `page` or `offset` if not given.")
      .field("max_pages", &PaginateConfig::max_pages, count32({1, 100'000}), "At most so many calls.")
      .field("max_items", &PaginateConfig::max_items, count32({1, 10'000'000}), "At most so many items.")
      .check<check_paginate>()
      .done();
}

Typed<ProbeConfig> probe_type() {
  auto builder =
      object<ProbeConfig>("A call that tells whether another one, whose outcome is not known, took place.");
  builder.positioned()
      .whole("call", call_operation<ProbeConfig>(), "The operation: `api.operation`.")
      .required();
  add_call_arguments(builder);
  return builder
      .field(
          "found", &ProbeConfig::found, expression(),
          "Out of the answer as `{status, headers, body}`: what the call's body would have been; null if it "
          "did not take place.")
      .required()
      .done();
}

Typed<UndoConfig> undo_type() {
  auto builder =
      object<UndoConfig>("A call that takes back what the step did. The name of an operation alone will do.");
  builder.scalar("call")
      .positioned()
      .whole("call", call_operation<UndoConfig>(), "The operation: `api.operation`.")
      .required();
  add_call_arguments(builder);
  return builder
      .field("when", &UndoConfig::when, optional(expression()), "Only if this holds; always if not given.")
      .done();
}

}  // namespace linkspan::config
