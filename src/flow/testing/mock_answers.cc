// What mocked systems answer. Part of mock_systems.h.
#include <algorithm>
#include <array>

#include "base/strings.h"
#include "catalog/body.h"
#include "catalog/check_message.h"
#include "catalog/example.h"
#include "catalog/media.h"
#include "data/json_parse.h"
#include "data/json_write.h"
#include "flow/run/exchange.h"
#include "flow/testing/mock_systems.h"

namespace linkspan::flow {

namespace {

// What may always be answered, by whatever stands in front of the API, and descriptions seldom name.
bool may_come_from_anywhere(int status) {
  return status >= 500 || status == 408 || status == 425 || status == 429;
}

// The least success that the description has.
int success_of(const catalog::Operation& operation) {
  int least = 0;
  for (const catalog::Response& response : operation.responses) {
    const int status =
        response.status == "2XX" ? 200 : static_cast<int>(parse_u64(response.status).value_or(0));
    if (status >= 200 && status < 300 && (least == 0 || status < least)) least = status;
  }
  return least == 0 ? 200 : least;
}

bool is_json(const catalog::ExampleResponse& example) {
  for (const auto& [name, value] : example.headers) {
    if (equals_ignore_case(name, "content-type"))
      return catalog::kind_of(catalog::essence_of(value)) == catalog::MediaKind::json;
  }
  return false;
}

// The first list in a value, wherever it is, becomes `items`. False if there is none.
bool fill_first_list(data::JsonValue& value, const data::JsonValue& items) {
  if (value.is_array()) {
    value = items;
    return true;
  }
  for (const data::JsonMember& member : value.members()) {
    data::JsonValue inner = member.value;
    if (!fill_first_list(inner, items)) continue;
    const data::JsonValue key = member.key;
    value.set(key, std::move(inner));
    return true;
  }
  return false;
}

std::string plain(const data::JsonValue& value) {
  return value.is_string() ? std::string(value.string()) : data::write_json(value);
}

}  // namespace

Incoming MockSystems::answer(const Target& target, const Mock* mock, const data::JsonValue& value) {
  int status = success_of(*target.operation);
  if (mock != nullptr) {
    const int wanted = static_cast<int>(mock->config->status);
    // 200 is also what a mock without a status has; the API may say success in another way.
    if (wanted != 200 || catalog::find_response(*target.operation, 200) != nullptr) status = wanted;
  }
  if (mock == nullptr || !mock->body) {
    Incoming made = example(target, status);
    if (mock != nullptr) check_answer(target, made, "the mock of " + target.name);
    return made;
  }
  data::JsonValue request = value;
  request.set("done", done());
  Result<data::JsonValue> body = mock->body->evaluate(evaluator_, request, {});
  if (!body) {
    problem("the mock of " + target.name + ": body: " + body.error().detail());
    return Incoming{.status = status, .headers = {}, .body = {}};
  }
  Incoming made = written(target, status, *body);
  check_answer(target, made, "the mock of " + target.name);
  return made;
}

Incoming MockSystems::example(const Target& target, int status) {
  const auto [at, is_new] = examples_.try_emplace({target.name, status});
  if (!is_new) return at->second;
  Incoming& made = at->second;
  made.status = status;
  const catalog::Response* response = catalog::find_response(*target.operation, status);
  if (response == nullptr) return made;
  const catalog::ExampleResponse* best = nullptr;
  const std::vector<catalog::ExampleResponse> all =
      catalog::example_responses(*target.entry->api, *target.operation);
  for (const catalog::ExampleResponse& one : all) {
    if (one.status != response->status) continue;
    if (best == nullptr || (is_json(one) && !is_json(*best))) best = &one;
  }
  if (best == nullptr) return made;
  made.headers = best->headers;
  made.body = best->body;
  if (catalog::has_errors(best->problems)) {
    problem("no example can be made of what " + target.name + " answers with status " +
            std::to_string(status) + ": " + best->problems.front().message + "; say it by `mock: { " +
            target.name + ": { body: ... } }`");
  }
  return made;
}

Incoming MockSystems::written(const Target& target, int status, const data::JsonValue& body) {
  Incoming made{.status = status, .headers = {}, .body = {}};
  if (body.is_null()) return made;
  const catalog::Response* response = catalog::find_response(*target.operation, status);
  const catalog::MediaType* media =
      response == nullptr ? nullptr : catalog::preferred_media(response->content);
  if (media == nullptr) {
    made.headers.emplace_back("Content-Type", "application/json");
    made.body = data::write_json(body);
    return made;
  }
  Result<catalog::WrittenBody> bytes =
      catalog::write_body(*target.entry->api, *media, catalog::concrete_type(*media), body);
  if (!bytes) {
    problem("the mock of " + target.name + ": its body cannot be written: " + bytes.error().detail());
    return made;
  }
  made.headers.emplace_back("Content-Type", std::move(bytes->content_type));
  made.body = std::move(bytes->bytes);
  return made;
}

void MockSystems::check_answer(const Target& target, const Incoming& answer, const std::string& who) {
  const bool is_described = catalog::find_response(*target.operation, answer.status) != nullptr;
  if (!is_described && may_come_from_anywhere(answer.status)) return;
  const std::vector<catalog::HeaderView> headers(answer.headers.begin(), answer.headers.end());
  const catalog::CheckedResponse checked =
      catalog::check_response(*target.entry->api, *target.operation,
                              {.status = answer.status, .headers = headers, .body = answer.body});
  for (const catalog::Problem& wrong : checked.problems) {
    // Mocks cannot say header fields.
    if (wrong.pointer.starts_with("/header")) continue;
    problem(who + " answers what the API never does: " + wrong.pointer + ": " + wrong.message);
  }
}

data::JsonValue MockSystems::body_of(const Target& target, const Incoming& answer) const {
  Call call;
  call.api = target.name;
  call.description = target.entry->api;
  call.operation = target.operation;
  Result<data::JsonValue> value = read_answer(call, answer);
  return value ? *value->find("body") : data::JsonValue();
}

data::JsonValue MockSystems::done() const {
  data::JsonArrayBuilder all;
  for (const MockedEffect& effect : effects_) {
    for (std::uint32_t i = 0; i < effect.count; ++i) {
      data::JsonValue one = effect.request;
      one.set("call", effect.name);
      one.set("answer", effect.answer_body);
      all.add(std::move(one));
    }
  }
  return all.build();
}

// Without a mock, who asks whether something took place is told what did: as the items of the list that the
// example has, or, where it has none, as the answer of then; 404 if nothing took place. What took place is
// meant if any of what is asked by stands in its request.
Incoming MockSystems::answer_probe(const Target& target, const data::JsonValue& value) {
  std::vector<std::string> asked;
  for (std::string_view part : {"path", "query"}) {
    for (const data::JsonMember& member : value.find(part)->members()) asked.push_back(plain(member.value));
  }
  data::JsonArrayBuilder found;
  const data::JsonValue* last = nullptr;
  for (const MockedEffect& effect : effects_) {
    if (effect.count == 0 || !probes_.at(target.name).contains(effect.name)) continue;
    const std::string text = data::write_json(effect.request);
    const bool is_meant =
        asked.empty() || std::any_of(asked.begin(), asked.end(), [&](const std::string& by) {
          return text.find(by) != std::string::npos;
        });
    if (!is_meant) continue;
    found.add(effect.answer_body);
    last = &effect.answer_body;
  }
  const int status = success_of(*target.operation);
  data::JsonValue body = body_of(target, example(target, status));
  Incoming made{.status = 404, .headers = {}, .body = {}};
  if (fill_first_list(body, found.build())) {
    made = written(target, status, body);
  } else if (last != nullptr) {
    made = written(target, status, *last);
  }
  if (made.status != 404)
    check_answer(target, made, target.name + ", which asks what took place and has no mock that says it,");
  return made;
}

}  // namespace linkspan::flow
