#include "flow/plan/plan.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/strings.h"
#include "base/units.h"
#include "data/in_quotes.h"
#include "data/jq/reads.h"
#include "flow/plan/plan_maker.h"

namespace linkspan::flow {

std::optional<std::uint32_t> Plan::find_step(std::string_view name) const {
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    if (steps[i].name == name) return i;
  }
  return std::nullopt;
}

PlanMaker::PlanMaker(const config::FlowConfig& flow, const Catalog& catalog)
    : flow_(flow), catalog_(catalog) {}

PlanResult PlanMaker::make() {
  plan_ = std::make_shared<Plan>();
  plan_->flow = flow_.name;
  plan_->definition = flow_.source;
  plan_->digest = encode_hex(Sha256().digest(std::string_view(flow_.source)));
  plan_->concurrency = flow_.concurrency;
  plan_->deadline_ns = flow_.deadline.count();
  find_input();
  order_steps();
  for (const config::StepConfig& step : flow_.steps) plan_->scope.push_back(step.name);
  plan_->scope.insert(plan_->scope.end(), {"run", "item", "index"});

  for (std::uint32_t i = 0; i < flow_.steps.size(); ++i) make_step(i);
  scope_ = plan_->scope;
  scope_[plan_->item_slot()].clear();
  scope_[plan_->index_slot()].clear();
  if (flow_.output) plan_->output = compile(*flow_.output, "output");
  for (std::uint32_t i = 0; i < flow_.steps.size(); ++i) scope_[i].clear();
  if (flow_.order_by) plan_->order_by = compile(*flow_.order_by, "order_by");

  if (!problems_.empty()) return {.plan = nullptr, .problems = std::move(problems_)};
  return {.plan = std::move(plan_), .problems = {}};
}

void PlanMaker::problem(const config::Origin& origin, std::string message) {
  problems_.push_back({origin, subject_ + message});
}

void PlanMaker::find_input() {
  subject_ = "flow \"" + flow_.name + "\": ";
  if (flow_.input.empty()) return;
  const auto [api_name, schema_name] = split_once(flow_.input, '#');
  const auto api = catalog_.find(api_name);
  if (!schema_name || api == catalog_.end()) {
    return problem(flow_.origin, "input " + data::in_quotes(flow_.input) +
                                     " must name a schema of an api that has a spec, as in shop#Order");
  }
  for (const catalog::NamedSchema& schema : api->second.api->schemas) {
    if (schema.name != *schema_name) continue;
    plan_->input_api = api->second.api;
    plan_->input_schema = schema.schema;
    plan_->input_name = flow_.input;
    return;
  }
  std::vector<std::string_view> names;
  for (const catalog::NamedSchema& schema : api->second.api->schemas) names.push_back(schema.name);
  problem(flow_.origin, "the description of api \"" + api->first + "\" has no schema " +
                            data::in_quotes(*schema_name) + suggestion(*schema_name, names));
}

// Which steps are over before each, for certain.
void PlanMaker::order_steps() {
  const std::size_t count = flow_.steps.size();
  after_.resize(count);
  before_.assign(count, std::vector<bool>(count));
  for (std::uint32_t i = 0; i < count; ++i) {
    const config::StepConfig& step = flow_.steps[i];
    if (!step.after) {
      if (i > 0) after_[i].push_back(i - 1);
      continue;
    }
    for (const std::string& name : *step.after) {
      const auto found = std::find_if(flow_.steps.begin(), flow_.steps.end(),
                                      [&](const config::StepConfig& other) { return other.name == name; });
      if (found != flow_.steps.end())
        after_[i].push_back(static_cast<std::uint32_t>(found - flow_.steps.begin()));
    }
  }
  // The graph has no cycles (the config is checked), but its steps may stand in any order.
  for (bool changed = true; changed;) {
    changed = false;
    for (std::uint32_t i = 0; i < count; ++i) {
      for (std::uint32_t j : after_[i]) changed |= add_before(i, j);
    }
  }
}

bool PlanMaker::add_before(std::uint32_t step, std::uint32_t earlier) {
  bool changed = false;
  const auto add = [&](std::uint32_t one) {
    if (before_[step][one]) return;
    before_[step][one] = true;
    changed = true;
  };
  add(earlier);
  for (std::uint32_t one = 0; one < before_.size(); ++one) {
    if (before_[earlier][one]) add(one);
  }
  return changed;
}

std::optional<Expression> PlanMaker::compile(const config::Expression& text, std::string_view what) {
  Result<Expression> made = Expression::compile(text, scope_);
  if (made) {
    check_reads(text, what);
    const std::vector<std::uint32_t>& mentions = made->mentions();
    const bool mentions_run = std::ranges::find(mentions, plan_->run_slot()) != mentions.end();
    plan_->mentions_run |= mentions_run;
    if (mentions_run && text.text.find("approvals") != std::string::npos) check_approvals(text, what);
    return std::move(*made);
  }
  std::string message = std::string(what) + ": " + made.error().detail();
  for (std::uint32_t i = 0; i < flow_.steps.size(); ++i) {
    const std::string& name = flow_.steps[i].name;
    if (std::ranges::find(scope_, name) != scope_.end() ||
        message.find("$" + name + " ") == std::string::npos)
      continue;
    message += "\n(step \"" + name + "\" is not over for certain when this is evaluated)";
    break;
  }
  problem(text.origin, std::move(message));
  return std::nullopt;
}

std::optional<Expression> PlanMaker::compile(const std::optional<config::Expression>& text,
                                             std::string_view what) {
  if (!text) return std::nullopt;
  return compile(*text, what);
}

std::optional<Expression> PlanMaker::compile_elsewhere(const std::optional<config::Expression>& text,
                                                       std::string_view what) {
  dot_.emplace();
  std::optional<Expression> made = compile(text, what);
  dot_.reset();
  return made;
}

KnownValue PlanMaker::known_of(std::string_view variable) const {
  if (variable.empty()) {
    if (dot_) return dot_->known;
    if (!plan_->input_api) return {};
    return {.api = plan_->input_api,
            .schemas = {catalog::SchemaView(*plan_->input_api).node_of(plan_->input_schema)},
            .is_list = false};
  }
  for (std::uint32_t i = 0; i < plan_->steps.size(); ++i) {
    const Step& step = plan_->steps[i];
    if (step.name != variable || !step.call || step.paginate) continue;
    KnownValue known = known_answer(step.call->description, *step.call->operation);
    known.is_list = step.foreach.has_value() && undoing_ != i;
    return known;
  }
  return {};
}

void PlanMaker::check_reads(const config::Expression& text, std::string_view what) {
  const FieldScope scope{.known = [this](std::string_view variable) { return known_of(variable); },
                         .what =
                             [this](std::string_view variable) {
                               if (!variable.empty())
                                 return "the answer of step \"" + std::string(variable) + "\"";
                               return dot_ ? dot_->name : "the input (" + plan_->input_name + ")";
                             }};
  for (FieldProblem& found : check_fields(text, scope))
    problem(found.origin, std::string(what) + ": " + found.message);
}

void PlanMaker::check_approvals(const config::Expression& text, std::string_view what) {
  if (!plan_->mentions_approvals) plan_->approvals_at = text.origin;
  plan_->mentions_approvals = true;
  const Result<std::vector<data::JqRead>> reads = data::jq_reads(text.text);
  if (!reads) return;
  std::vector<std::string_view> names;
  for (const config::StepConfig& step : flow_.steps) {
    if (step.wait_for && step.wait_for->approval) names.push_back(step.name);
  }
  for (const data::JqRead& read : *reads) {
    if (read.variable != "run" || read.path.size() != 2 || read.path[0] != "approvals") continue;
    const std::string& name = *read.path[1];
    if (std::ranges::find(names, name) != names.end()) continue;
    problem(text.origin, std::string(what) + ": no step " + data::in_quotes(name) + " asks for an approval" +
                             suggestion(name, names));
  }
}

void PlanMaker::make_step(std::uint32_t index) {
  const config::StepConfig& config = flow_.steps[index];
  subject_ = "step \"" + config.name + "\" of flow \"" + flow_.name + "\": ";
  Step step;
  step.name = config.name;
  step.after = after_[index];
  scope_ = plan_->scope;
  for (std::uint32_t i = 0; i < flow_.steps.size(); ++i) {
    if (!before_[index][i]) scope_[i].clear();
  }
  const Scope with_item = scope_;
  scope_[plan_->item_slot()].clear();
  scope_[plan_->index_slot()].clear();
  step.when = compile(config.when, "when");
  step.foreach = compile(config.foreach, "foreach");
  if (config.foreach) scope_ = with_item;
  step.parallel = config.parallel;
  step.collect_failures = config.collect_failures;
  make_kind(config, step);
  step.timeout_ns = (config.wait_for ? config.wait_for->timeout : config.timeout).count();
  step.retry = config.retry;
  step.pivot = config.pivot;
  step.exhausted = config.exhausted;
  step.reject = compile_elsewhere(config.reject, "reject");
  if (config.unknown) step.probe = make_probe(*config.unknown);
  if (config.paginate) step.paginate = make_paginate(*config.paginate, step);
  plan_->steps.push_back(std::move(step));
  if (config.undo) {  // all steps are there, null where they were not done
    for (std::uint32_t i = 0; i < flow_.steps.size(); ++i) scope_[i] = flow_.steps[i].name;
    undoing_ = index;
    Undo undo = make_undo(*config.undo);
    undoing_.reset();
    plan_->steps.back().undo = std::move(undo);
  }
}

void PlanMaker::make_kind(const config::StepConfig& config, Step& step) {
  if (config.call) {
    step.kind = StepKind::call;
    step.call = make_call(*config.call, config.idempotency);
  } else if (config.set) {
    step.kind = StepKind::set;
    step.value = compile(*config.set, "set");
  } else if (config.wait) {
    step.kind = StepKind::wait;
    const Result<Duration> fixed = parse_duration(config.wait->text);
    if (fixed && !config.wait->is_literal) {
      step.wait_ns = fixed->count();
    } else {
      step.value = compile(*config.wait, "wait");
    }
  } else if (config.wait_for) {
    step.kind = StepKind::wait_for;
    step.wait_for = WaitFor{config.wait_for->event, compile(config.wait_for->key, "wait_for.key"),
                            compile(config.wait_for->approval, "wait_for.approval")};
    step.on_timeout = config.wait_for->on_timeout;
  } else if (config.emit) {
    step.kind = StepKind::emit;
    step.emit = Emit{config.emit->event, compile(config.emit->key, "emit.key"),
                     compile(config.emit->data, "emit.data")};
  } else if (config.run) {
    step.kind = StepKind::run;
    step.run = RunFlow{config.run->flow, compile(config.run->input, "run.input"), config.run->wait};
  } else if (config.respond) {
    step.kind = StepKind::respond;
    step.respond = Respond{compile(config.respond->status, "respond.status"),
                           compile(config.respond->body, "respond.body")};
  } else if (config.fail) {
    step.kind = StepKind::fail;
    step.value = compile(*config.fail, "fail");
  }
}

Probe PlanMaker::make_probe(const config::ProbeConfig& config) {
  Probe probe;
  if (std::optional<Call> call = make_call(config, "none")) probe.call = std::move(*call);
  if (std::optional<Expression> found = compile_elsewhere(config.found, "unknown.found"))
    probe.found = std::move(*found);
  if (probe.call.operation != nullptr && !http::is_safe(probe.call.method)) {
    problem(config.call_origin, "unknown: " + config.call + " changes something (" +
                                    probe.call.operation->method +
                                    "); what asks whether a call took place must be safe");
  }
  return probe;
}

Undo PlanMaker::make_undo(const config::UndoConfig& config) {
  Undo undo;
  if (std::optional<Call> call = make_call(config, "auto")) undo.call = std::move(*call);
  undo.when = compile(config.when, "undo.when");
  return undo;
}

Paginate PlanMaker::make_paginate(const config::PaginateConfig& config, const Step& step) {
  const config::Origin& at = flow_.steps[plan_->steps.size()].origin;
  if (step.call && !http::is_safe(step.call->method)) {
    problem(at, "paginate: only calls that change nothing can be paged");
  }
  if (config.by == config::Paging::cursor && !config.next) problem(at, "paginate by cursor needs next");
  if (config.by != config::Paging::link && config.parameter.empty()) {
    problem(at, "paginate needs parameter, unless it is by link");
  }
  return {.by = config.by,
          .items = compile_elsewhere(config.items, "paginate.items"),
          .next = compile_elsewhere(config.next, "paginate.next"),
          .parameter = config.parameter,
          .max_pages = config.max_pages,
          .max_items = config.max_items};
}

PlanResult make_plan(const config::FlowConfig& flow, const Catalog& catalog) {
  return PlanMaker(flow, catalog).make();
}

}  // namespace linkspan::flow
