// The poll trigger of a flow as it runs: the operation that is called again and again, and what is taken out
// of its answers. Apart from the flow's Plan, because runs that are under way need nothing of it: they can go
// on though their trigger could not be made any more. Immutable and shared; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "config/flow_config.h"
#include "flow/plan/expression.h"
#include "flow/plan/plan.h"

namespace linkspan::flow {

// $cursor is the only variable, in all but `key`.
struct PollPlan {
  Call call;
  Expression items;                  // of the answer {status, headers, body}
  std::optional<Expression> cursor;  // of the answer
  std::optional<Expression> key;     // of an item
  bool changed_only = false;
  std::int64_t every_ns = 0;
};

struct PollPlanResult {
  std::shared_ptr<const PollPlan> plan;  // null if there are problems
  std::vector<PlanProblem> problems;
};

// Of a flow whose trigger is a poll.
PollPlanResult make_poll_plan(const config::FlowConfig& flow, const Catalog& catalog);

}  // namespace linkspan::flow
