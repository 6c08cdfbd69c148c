#include "flow/testing/mock_systems.h"

#include <algorithm>
#include <array>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "catalog/body.h"
#include "catalog/check_message.h"
#include "catalog/media.h"
#include "data/json_write.h"

namespace linkspan::flow {

namespace {

std::string texts_of(const std::vector<catalog::Problem>& problems) {
  std::string text;
  for (const catalog::Problem& problem : problems) {
    if (!text.empty()) text += "; ";
    text += problem.pointer + ": " + problem.message;
  }
  return text;
}

std::vector<catalog::HeaderView> views_of(const std::vector<std::pair<std::string, std::string>>& headers) {
  return {headers.begin(), headers.end()};
}

std::string_view header_of(const std::vector<std::pair<std::string, std::string>>& headers,
                           std::string_view name) {
  for (const auto& [field, value] : headers) {
    if (equals_ignore_case(field, name)) return value;
  }
  return {};
}

CallOutcome no_answer(std::string_view error) {
  CallOutcome outcome;
  outcome.may_have_happened = error != "refused";
  if (error == "refused") {
    outcome.error = Error(errors::upstream_connect_refused, "as the mock says");
  } else if (error == "timeout") {
    outcome.error = Error(errors::upstream_timeout_first_byte, "as the mock says");
  } else {
    outcome.error = Error(errors::upstream_reset, "as the mock says");
  }
  return outcome;
}

}  // namespace

MockSystems::MockSystems(const config::FlowTestConfig& test, const PlanSet& plans, const Catalog& catalog)
    : catalog_(catalog), evaluator_(clock_) {
  read_plans(plans);
  read_mocks(test);
}

void MockSystems::problem(std::string text) {
  if (std::find(problems_.begin(), problems_.end(), text) == problems_.end())
    problems_.push_back(std::move(text));
}

void MockSystems::read_mocks(const config::FlowTestConfig& test) {
  for (const config::MockAnswer& config : test.mock) {
    std::vector<std::string_view> names;
    std::vector<std::string> owned;
    bool known = false;
    for (const auto& [api, entry] : catalog_) {
      for (const catalog::Operation& operation : entry.api->operations) {
        owned.push_back(api + "." + operation.id);
        known |= owned.back() == config.name;
      }
    }
    if (!known) {
      names.assign(owned.begin(), owned.end());
      const std::string_view near = nearest_name(config.name, names);
      problem("the mock of " + config.name + ": there is no such operation" +
              (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
      continue;
    }
    Mock& mock = mocks_[config.name];
    mock.config = &config;
    if (config.times != config::kUnlimited) mock.left = config.times;
    if (!config.body) continue;
    Result<Expression> body = Expression::compile(*config.body, {});
    if (body) {
      mock.body = std::move(*body);
    } else {
      problem("the mock of " + config.name + ": body: " + body.error().detail());
    }
  }
}

void MockSystems::read_plans(const PlanSet& plans) {
  std::set<std::string> work;
  const auto note = [&](const Call& call) {
    const std::string name = call.api + "." + call.operation->id;
    if (!call.key_header.empty()) key_headers_[name].insert(call.key_header);
    return name;
  };
  for (const auto& [flow, plan] : plans.plans) {
    for (const Step& step : plan->steps) {
      if (step.undo) work.insert(note(step.undo->call));
      if (!step.call) continue;
      const std::string name = note(*step.call);
      work.insert(name);
      if (step.probe) probes_[note(step.probe->call)].insert(name);
    }
  }
  std::erase_if(probes_, [&](const auto& probe) { return work.contains(probe.first); });
}

MockSystems::Target MockSystems::target_of(const Outgoing& request) {
  Target target;
  target.name = request.api + "." + request.operation;
  target.entry = &catalog_.at(request.api);
  target.operation = target.entry->api->find_operation(request.operation);
  return target;
}

CallOutcome MockSystems::take(const Outgoing& request) {
  const Target target = target_of(request);
  const data::JsonValue value = read_request(target, request);
  MockedCall& call = calls_.emplace_back();
  call.name = target.name;
  call.request = value;
  last_mock_ = nullptr;
  const bool is_read = http::is_safe(request.method);
  MockedEffect* effect = is_read ? nullptr : &effect_of(target, request, value);
  CallOutcome outcome;
  if (effect != nullptr && effect->was_answered && request.repeatable && !effect->key.empty()) {
    outcome.answer = effect->answer;
    call.status = outcome.answer->status;
    return outcome;
  }
  Mock* mock = mock_of(target.name);
  if (mock != nullptr) {
    last_mock_ = mock;
    if (mock->left) --*mock->left;
    if (!mock->config->error.empty()) {
      call.error = mock->config->error;
      return fail(target, request, *mock, value);
    }
  }
  if (effect != nullptr && effect->count > 0 && mock == nullptr && request.repeatable) {
    outcome.answer = effect->answer;  // it took place, and only the answer was missing
  } else {
    outcome.answer = mock == nullptr && probes_.contains(target.name) ? answer_probe(target, value)
                                                                      : answer(target, mock, value);
  }
  call.status = outcome.answer->status;
  if (effect != nullptr && outcome.answer->status < 400) {
    happen(*effect, request.repeatable, *outcome.answer);
    effect->answer_body = body_of(target, *outcome.answer);
    effect->was_answered = true;
  }
  return outcome;
}

void MockSystems::lose_answer() {
  if (last_mock_ != nullptr && last_mock_->left) ++*last_mock_->left;
  last_mock_ = nullptr;
}

CallOutcome MockSystems::fail(const Target& target, const Outgoing& request, const Mock& mock,
                              const data::JsonValue& value) {
  const std::string& error = mock.config->error;
  if (error != "refused" && mock.config->took_place && !http::is_safe(request.method)) {
    MockedEffect& effect = effect_of(target, request, value);
    const Incoming made = effect.count > 0 ? effect.answer : answer(target, nullptr, value);
    happen(effect, request.repeatable, made);
    effect.answer_body = body_of(target, made);
  }
  return no_answer(error);
}

// Once where the system knows that it is the same; else again.
void MockSystems::happen(MockedEffect& effect, bool is_repeatable, const Incoming& answer) {
  if (effect.count == 0 || !is_repeatable) ++effect.count;
  effect.answer = answer;
  if (effect.count > 1 && !effect.key.empty()) {
    problem(effect.name + " took place " + std::to_string(effect.count) + " times under the key " +
            effect.key + ", which it does not honour by its description");
  }
}

data::JsonValue MockSystems::read_request(const Target& target, const Outgoing& request) {
  std::string_view text = request.target;
  if (text.starts_with(target.entry->path_prefix)) text.remove_prefix(target.entry->path_prefix.size());
  const auto [path, query] = split_once(text, '?');
  const std::vector<catalog::HeaderView> headers = views_of(request.headers);
  const catalog::Api& api = *target.entry->api;
  catalog::CheckedRequest checked = catalog::check_request(
      api, *target.operation,
      {.path = path, .query = query.value_or(std::string_view()), .headers = headers, .body = request.body});
  if (!checked.problems.empty()) {
    problem("what is sent to " + target.name +
            " is not what its description asks for: " + texts_of(checked.problems));
  }
  const std::string_view type = header_of(request.headers, "content-type");
  if (checked.body.is_null() && !request.body.empty() && target.operation->request_body) {
    const catalog::MediaType* media = catalog::find_media(target.operation->request_body->content, type);
    if (media != nullptr) {
      Result<std::optional<data::JsonValue>> body = catalog::read_body(api, *media, type, request.body);
      if (body && *body) checked.body = std::move(**body);
    }
  }
  data::JsonValue fields = data::JsonValue::empty_object();
  for (const auto& [name, field] : request.headers) fields.set(to_lower_ascii(name), field);
  return data::JsonObjectBuilder()
      .set("path", checked.path.is_null() ? data::JsonValue::empty_object() : checked.path)
      .set("query", checked.query.is_null() ? data::JsonValue::empty_object() : checked.query)
      .set("headers", std::move(fields))
      .set("body", std::move(checked.body))
      .build();
}

MockSystems::Mock* MockSystems::mock_of(const std::string& name) {
  const auto found = mocks_.find(name);
  return found == mocks_.end() || found->second.left == 0U ? nullptr : &found->second;
}

std::string MockSystems::key_of(const Target& target, const Outgoing& request) const {
  const auto headers = key_headers_.find(target.name);
  if (headers == key_headers_.end()) return {};
  for (const std::string& header : headers->second) {
    const std::string_view key = header_of(request.headers, header);
    if (!key.empty()) return std::string(key);
  }
  return {};
}

MockedEffect& MockSystems::effect_of(const Target& target, const Outgoing& request,
                                     const data::JsonValue& value) {
  std::string key = key_of(target, request);
  std::string identity = target.name + ' ' + (key.empty() ? request.target + ' ' + request.body : key);
  for (MockedEffect& effect : effects_) {
    if (effect.identity == identity) return effect;
  }
  MockedEffect& effect = effects_.emplace_back();
  effect.name = target.name;
  effect.identity = std::move(identity);
  effect.key = std::move(key);
  effect.request = value;
  return effect;
}

}  // namespace linkspan::flow
