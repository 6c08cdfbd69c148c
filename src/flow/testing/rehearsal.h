// Rehearses a changed flow with a run that took place: the run begins again with its input, in memory, and
// every call gets the answer that the journal has. Nothing is sent, and nothing is written.
//
//   Result<RecordedRun> run = read_recorded_run(id, stored);
//   Result<Rehearsed> told = rehearse(*run, plans, catalog);
//   if (told->differs) print(told->lines);
//
// A call is answered by what the same operation of the same step (and item) came to in the end, attempts in
// between left out; a call that was not made then, by an example of its description. Events, decisions, the
// ends of other runs and what persons skipped or cancelled come at the time at which they came then; waits
// take no time. A run that has not ended is rehearsed as far as it had come. One thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "flow/engine.h"
#include "flow/plan/plan.h"
#include "flow/testing/recorded_run.h"

namespace linkspan::flow {

struct Rehearsed {
  RunStatus then = RunStatus::running;
  RunStatus now = RunStatus::running;
  bool differs = false;
  // What differs, and what could not be known, in words. Values that are secrets by their names are masked.
  std::vector<std::string> lines;
};

// `plans` has the flow of the run. Errors: what the engine refuses the start with; flow_failed for a run that
// never comes to rest.
Result<Rehearsed> rehearse(const RecordedRun& run, const PlanSet& plans, const Catalog& catalog);

}  // namespace linkspan::flow
