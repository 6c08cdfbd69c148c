// Makes one Plan; internal to plan*.cc and poll_plan.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/plan/check_fields.h"
#include "flow/plan/plan.h"
#include "flow/plan/poll_plan.h"

namespace linkspan::flow {

class PlanMaker {
 public:
  PlanMaker(const config::FlowConfig& flow, const Catalog& catalog);

  PlanResult make();
  PollPlanResult make_poll();

 private:
  // What `.` is where it is not the run's input.
  struct Dot {
    KnownValue known;
    std::string name;  // for messages
  };

  void problem(const config::Origin& origin, std::string message);
  void find_input();
  void order_steps();
  bool add_before(std::uint32_t step, std::uint32_t earlier);
  // With the names in scope_; a problem and nullopt where it is no program.
  std::optional<Expression> compile(const config::Expression& text, std::string_view what);
  std::optional<Expression> compile(const std::optional<config::Expression>& text, std::string_view what);
  // The same for one whose input is something else than the run's.
  std::optional<Expression> compile_elsewhere(const std::optional<config::Expression>& text,
                                              std::string_view what);
  void check_reads(const config::Expression& text, std::string_view what);
  // Of what mentions $run and `approvals`: whether there are such steps.
  void check_approvals(const config::Expression& text, std::string_view what);
  KnownValue known_of(std::string_view variable) const;
  void make_step(std::uint32_t index);
  void make_kind(const config::StepConfig& config, Step& step);
  std::optional<Call> make_call(const config::CallArguments& config, std::string_view idempotency);
  const ApiEntry* find_api(const config::CallArguments& config, std::string& operation_id);
  std::vector<NamedValue> make_arguments(const std::vector<config::NamedExpression>& given,
                                         catalog::ParameterIn in, const config::CallArguments& config,
                                         const catalog::Operation& operation);
  void check_required(const config::CallArguments& config, const catalog::Operation& operation);
  void choose_key_header(Call& call, std::string_view idempotency) const;
  Probe make_probe(const config::ProbeConfig& config);
  Undo make_undo(const config::UndoConfig& config);
  Dot dot_of_item(const config::PollConfig& config, const Dot& answer) const;
  Paginate make_paginate(const config::PaginateConfig& config, const Step& step);
  // `; did you mean "..."?`, or nothing.
  static std::string suggestion(std::string_view name, const std::vector<std::string_view>& names);

  const config::FlowConfig& flow_;
  const Catalog& catalog_;
  std::shared_ptr<Plan> plan_;
  std::vector<PlanProblem> problems_;
  std::string subject_;
  Scope scope_;                           // what may be mentioned where we are
  std::optional<Dot> dot_;                // none: it is the run's input
  std::optional<std::uint32_t> undoing_;  // the step whose undo is being made
  std::vector<std::vector<std::uint32_t>> after_;
  std::vector<std::vector<bool>> before_;  // [step][other]: other is over before step begins
};

}  // namespace linkspan::flow
