// What the admin API can have done to runs: one of them, or all that a filter names. On the flows' thread,
// but for reading requests.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/flows/flow_host.h"
#include "base/result.h"
#include "data/json.h"
#include "flow/engine.h"
#include "store/store.h"

namespace linkspan::app {

struct RunAction {
  std::string word;  // "retry"
  flow::Repair repair;
  bool approves = false;  // `repair` has the step and the decision
};

// Whether there is an action of this name.
bool is_run_action(std::string_view word);

// `body` is null or {"step", "value", "by"}, for retry also {"from", "confirm"}. errors::bad_request, also
// for members that mean nothing: what changes something is not guessed at.
Result<RunAction> read_run_action(std::string_view word, const data::JsonValue& body);

// Errors: those of Engine::repair and approve.
void act_on_run(FlowWork& work, store::RunNo run, const RunAction& action, flow::Engine::Done done);

struct BulkAction {
  RunAction action;
  store::RunFilter filter;
  std::string before;
  bool dry_run = false;  // the runs are listed, nothing is done to them
};

// The members of one action, and {"action", "flow", "status", "limit", "before", "dry_run"}. Without a status
// it is for the runs that the action is for: retry and skip the parked ones, others the open ones.
Result<BulkAction> read_bulk_action(const data::JsonValue& body);

// {"runs": [...], "next"}: rows as lists have them, and, unless it is a dry run, of each whether it was
// "done", else "error" (a slug) and "detail". Errors: those of Store::list.
void act_on_runs(FlowWork& work, BulkAction bulk, std::function<void(Result<data::JsonValue>)> done);

}  // namespace linkspan::app
