// A flow as it runs: compiled from config::FlowConfig, every operation found in the description of its API,
// every expression compiled against the names that it may use. Immutable and shared; any thread.
//
//   PlanResult made = make_plan(flow_config, catalog);
//   for (const PlanProblem& problem : made.problems) refuse(problem.origin, problem.message);
//
// A step's variable ($reserve) may be used by whatever comes after the step for certain: steps that follow it
// by `after` or by their order, its own undo, and the output. In an undo and in `output` all steps are there;
// one that was not done is null, and in the undo of a foreach the step's own name is what the item's call
// gave.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "catalog/model.h"
#include "config/flow_config.h"
#include "flow/plan/expression.h"
#include "http/method.h"

namespace linkspan::flow {

// The APIs that flows may call, by name.
struct ApiEntry {
  std::shared_ptr<const catalog::Api> api;
  std::string path_prefix;  // before every path: of the server in the description, unless the config says one
};
using Catalog = std::map<std::string, ApiEntry, std::less<>>;

struct NamedValue {
  std::string name;
  Expression value;
};

// An operation and what is given to it.
struct Call {
  std::string api;  // its name
  std::shared_ptr<const catalog::Api> description;
  const catalog::Operation* operation = nullptr;  // of `description`
  std::string path_prefix;
  http::Method method = http::Method::get;
  std::vector<NamedValue> path;
  std::vector<NamedValue> query;
  std::vector<NamedValue> headers;
  std::optional<Expression> body;
  // The header that carries the key of this call, empty: none is sent. Sent twice with the same key it
  // happens once: only where the operation says that it honours the key, or the config does.
  std::string key_header;
  bool key_is_honoured = false;

  // May be sent again though it may have happened.
  bool is_repeatable() const { return http::is_idempotent(method) || key_is_honoured; }
};

enum class StepKind : std::uint8_t { call, set, wait, wait_for, emit, run, respond, fail };

struct Undo {
  Call call;
  std::optional<Expression> when;
};

struct Probe {
  Call call;
  Expression found;
};

struct WaitFor {
  std::string event;  // empty: an approval
  std::optional<Expression> key;
  std::optional<Expression> approval;
};

struct Emit {
  std::string event;
  std::optional<Expression> key;
  std::optional<Expression> data;
};

struct RunFlow {
  std::string flow;
  std::optional<Expression> input;
  bool wait = true;
};

struct Respond {
  std::optional<Expression> status;
  std::optional<Expression> body;
};

struct Paginate {
  config::Paging by = config::Paging::link;
  std::optional<Expression> items;
  std::optional<Expression> next;
  std::string parameter;
  std::uint32_t max_pages = 0;
  std::uint32_t max_items = 0;
};

struct Step {
  std::string name;
  StepKind kind = StepKind::set;
  std::vector<std::uint32_t> after;  // steps that must be over before, by index
  std::optional<Expression> when;
  std::optional<Expression> foreach;
  std::uint32_t parallel = 1;
  bool collect_failures = false;

  std::optional<Call> call;
  std::optional<Expression> value;  // of set; of wait what it waits for; of fail the reason
  std::int64_t wait_ns = 0;         // of wait: a fixed time, and then there is no value
  std::optional<WaitFor> wait_for;
  std::optional<Emit> emit;
  std::optional<RunFlow> run;
  std::optional<Respond> respond;

  std::int64_t timeout_ns = 0;  // 0: the API's; of wait_for 0: none
  config::Exhausted on_timeout = config::Exhausted::park;
  config::StepRetryConfig retry;
  std::optional<Expression> reject;
  std::optional<Probe> probe;
  std::optional<Undo> undo;
  bool pivot = false;
  config::Exhausted exhausted = config::Exhausted::park;
  std::optional<Paginate> paginate;
};

// Slots of the scope: the steps by index, then these.
struct Plan {
  std::string flow;
  std::string definition;  // the flow as it was written, from which this can be made again
  std::string digest;      // of the definition
  std::vector<Step> steps;
  Scope scope;
  bool mentions_run = false;        // any expression, $run
  bool mentions_approvals = false;  // and its links
  config::Origin approvals_at;      // where, the first time
  std::optional<Expression> order_by;
  std::optional<Expression> output;
  std::uint32_t concurrency = 0;                  // 0: unlimited
  std::int64_t deadline_ns = 0;                   // 0: none
  std::shared_ptr<const catalog::Api> input_api;  // null: the input may be anything
  catalog::Schema input_schema;
  std::string input_name;  // "shop#Order"

  std::uint32_t run_slot() const { return static_cast<std::uint32_t>(scope.size()) - 3; }
  std::uint32_t item_slot() const { return run_slot() + 1; }
  std::uint32_t index_slot() const { return run_slot() + 2; }
  std::optional<std::uint32_t> find_step(std::string_view name) const;
};

struct PlanProblem {
  config::Origin origin;
  std::string message;
};

struct PlanResult {
  std::shared_ptr<const Plan> plan;  // null if there are problems
  std::vector<PlanProblem> problems;
};

PlanResult make_plan(const config::FlowConfig& flow, const Catalog& catalog);

}  // namespace linkspan::flow
