// A flow as the admin listener shows it.
#pragma once

#include "config/flow_config.h"
#include "data/json.h"
#include "flow/triggers/poll.h"

namespace linkspan::app {

// {"flow", "trigger", "poll": {"last_at", "next_at", "problem", "cursor", "started", "known", "refused",
// "last_refusal"}}, the poll where `poll` is given; times as RFC 3339, what there is none of left out.
data::JsonValue flow_document(const config::FlowConfig& flow, const flow::PollStatus* poll);

}  // namespace linkspan::app
