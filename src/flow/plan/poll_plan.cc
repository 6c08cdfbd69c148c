// The part of plan_maker.h that makes poll triggers.
#include "flow/plan/poll_plan.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/strings.h"
#include "flow/plan/plan_maker.h"

namespace linkspan::flow {

namespace {

// The names of a program that is a path of them and nothing else: ".body.data".
std::optional<std::vector<std::string>> plain_path(const config::Expression& text) {
  if (text.is_literal || !text.text.starts_with('.')) return std::nullopt;
  std::vector<std::string> names;
  for (std::string_view name : split(std::string_view(text.text).substr(1), '.')) {
    const bool is_plain = !name.empty() && !is_digit(name[0]) && std::ranges::all_of(name, [](char c) {
      return is_alpha(c) || is_digit(c) || c == '_';
    });
    if (!is_plain) return std::nullopt;
    names.emplace_back(name);
  }
  return names;
}

}  // namespace

// What an item is: what the flow says of its input, else what the description of the answer says.
PlanMaker::Dot PlanMaker::dot_of_item(const config::PollConfig& config, const Dot& answer) const {
  if (plan_->input_api) {
    return {.known = {.api = plan_->input_api,
                      .schemas = {catalog::SchemaView(*plan_->input_api).node_of(plan_->input_schema)}},
            .name = "the input (" + plan_->input_name + ")"};
  }
  Dot item{.known = {}, .name = "an item of " + config.call};
  const std::optional<std::vector<std::string>> path = plain_path(config.items);
  if (!path || path->front() != "body" || answer.known.api == nullptr) return item;
  const catalog::SchemaView view(*answer.known.api);
  std::vector<catalog::Node> schemas = answer.known.schemas;
  const auto into = [&](const auto& step) {
    std::vector<catalog::Node> found;
    for (const catalog::Node& schema : schemas) {
      const std::vector<catalog::Node> more = step(schema);
      found.insert(found.end(), more.begin(), more.end());
    }
    schemas = std::move(found);
  };
  for (std::size_t i = 1; i < path->size(); ++i) {
    into([&](const catalog::Node& schema) { return view.property(schema, (*path)[i]); });
  }
  into([&](const catalog::Node& schema) { return view.items(schema); });
  if (!schemas.empty()) item.known = {.api = answer.known.api, .schemas = std::move(schemas)};
  return item;
}

PollPlanResult PlanMaker::make_poll() {
  const config::PollConfig& config = *flow_.trigger.poll;
  plan_ = std::make_shared<Plan>();
  find_input();
  problems_.clear();  // of the input: told with the flow's own
  subject_ = "poll of flow \"" + flow_.name + "\": ";
  auto poll = std::make_shared<PollPlan>();
  poll->every_ns = config.every.count();
  poll->changed_only = config.changed_only;
  scope_ = {"cursor"};
  dot_ = Dot{.known = {}, .name = "the input of a poll's call"};
  if (std::optional<Call> call = make_call(config, "none")) poll->call = std::move(*call);
  Dot answer{.known = {}, .name = "the answer of " + config.call};
  if (poll->call.operation != nullptr) {
    answer.known = known_answer(poll->call.description, *poll->call.operation);
    answer.known.api = poll->call.description;
    answer.known.is_answer = true;
  }
  dot_ = answer;
  if (std::optional<Expression> items = compile(config.items, "items")) poll->items = std::move(*items);
  poll->cursor = compile(config.cursor, "cursor");
  scope_.clear();
  dot_ = dot_of_item(config, answer);
  poll->key = compile(config.key, "key");
  dot_.reset();
  if (flow_.trigger.dedupe) {
    problem(flow_.trigger.dedupe->key.origin, "a poll knows its items by its own key; leave dedupe out");
  }
  if (!problems_.empty()) return {.plan = nullptr, .problems = std::move(problems_)};
  return {.plan = std::move(poll), .problems = {}};
}

PollPlanResult make_poll_plan(const config::FlowConfig& flow, const Catalog& catalog) {
  return PlanMaker(flow, catalog).make_poll();
}

}  // namespace linkspan::flow
