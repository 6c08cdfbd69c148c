#include "app/flows/flow_document.h"

#include <string>

#include "base/timestamp.h"

namespace linkspan::app {

namespace {

std::string time_text(WallNs at) {
  std::string text(kTimestampBytes, '\0');
  format_timestamp(at, text.data());
  return text;
}

const char* trigger_of(const config::TriggerConfig& trigger) {
  if (trigger.webhook) return "webhook";
  if (trigger.schedule) return "schedule";
  if (trigger.poll) return "poll";
  return trigger.event.empty() ? "none" : "event";
}

data::JsonValue poll_document(const flow::PollStatus& poll) {
  data::JsonObjectBuilder document;
  if (poll.last_at != 0) document.set("last_at", time_text(poll.last_at));
  if (poll.next_at != 0) document.set("next_at", time_text(poll.next_at));
  if (!poll.problem.empty()) document.set("problem", poll.problem);
  if (!poll.cursor.is_null()) document.set("cursor", poll.cursor);
  document.set("started", poll.counts.started);
  document.set("known", poll.counts.known);
  document.set("refused", poll.counts.refused);
  if (!poll.last_refusal.empty()) document.set("last_refusal", poll.last_refusal);
  return document.build();
}

}  // namespace

data::JsonValue flow_document(const config::FlowConfig& flow, const flow::PollStatus* poll) {
  data::JsonValue document =
      data::JsonValue::object({{"flow", flow.name}, {"trigger", trigger_of(flow.trigger)}});
  if (poll != nullptr) document.set("poll", poll_document(*poll));
  return document;
}

}  // namespace linkspan::app
