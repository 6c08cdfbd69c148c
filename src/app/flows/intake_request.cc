#include "app/flows/intake_request.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/json_write.h"
#include "http/accept.h"

namespace linkspan::app {

namespace {

// How long a caller's idempotency key is remembered.
constexpr std::int64_t kIdempotencyNs = 24 * 3600 * kNsPerSecond;
constexpr std::size_t kMaxKeyBytes = 255;
// How long the ids of messages are, where the flow says nothing of it.
constexpr std::int64_t kMessageIdNs = 7 * 24 * 3600 * kNsPerSecond;
constexpr std::size_t kMaxProblems = 20;

IntakeRefusal refuse(const Error& error) {
  return {&error.kind(), error.detail(), {}};
}

std::optional<IntakeRefusal> check_media_type(const IntakeInput& input) {
  const std::string_view type = input.head.fields.value(http::HeaderId::content_type);
  if (type.empty() || input.body.empty()) return std::nullopt;
  const std::optional<http::MediaType> media = http::parse_media_type(type);
  const bool is_json =
      media && (equals_ignore_case(media->subtype, "json") ||
                (media->subtype.size() > 5 &&
                 equals_ignore_case(media->subtype.substr(media->subtype.size() - 5), "+json")));
  if (is_json) return std::nullopt;
  return IntakeRefusal{&errors::media_type_unsupported,
                       "the body must be JSON (Content-Type: application/json), not " +
                           std::string(type.substr(0, kMaxKeyBytes)),
                       {}};
}

// Sets what the sender calls the message.
std::optional<IntakeRefusal> verify(const IntakeInput& input, std::string& message_id) {
  if (input.kind != FlowRoute::Kind::accept || !input.flow.verifier) return std::nullopt;
  std::vector<flow::WebhookHeader> headers;
  for (const http::Field& field : input.head.fields) headers.push_back({field.name(), field.value()});
  Result<flow::VerifiedWebhook> verified = input.flow.verifier->verify(headers, input.body, input.now);
  if (!verified) return refuse(verified.error());
  message_id = std::move(verified->message_id);
  return std::nullopt;
}

std::optional<IntakeRefusal> check_input(const FlowEntry& flow, const data::JsonValue& value) {
  const data::SchemaCheck check{.direction = data::SchemaDirection::request, .max_problems = kMaxProblems};
  if (!flow.input || flow.input->is_valid(value, check)) return std::nullopt;
  IntakeRefusal refusal{&errors::input_invalid, "the body is not a " + flow.plan->input_name, {}};
  for (data::SchemaProblem& problem : flow.input->validate(value, check)) {
    refusal.problems.push_back({std::move(problem.instance), std::move(problem.message)});
  }
  return refusal;
}

std::string as_key(const data::JsonValue& value) {
  return value.is_string() ? std::string(value.string()) : data::write_json(value, {.sort_keys = true});
}

struct Claim {
  std::string space;
  std::string key;  // empty: none
  std::int64_t for_ns = 0;
};

// The caller's own key comes first; of a webhook, what the flow says, then what the sender calls the message.
std::variant<Claim, IntakeRefusal> make_claim(const IntakeInput& input, const data::JsonValue& value,
                                              const std::string& message_id, flow::Evaluator& evaluator) {
  const std::string& name = input.flow.config->name;
  if (input.kind == FlowRoute::Kind::answer) {
    const http::Field* field = input.head.fields.find(config::flow_of(input.endpoint)->idempotency_header);
    if (field != nullptr) {
      if (field->value().empty() || field->value().size() > kMaxKeyBytes) {
        return IntakeRefusal{
            &errors::bad_request,
            config::flow_of(input.endpoint)->idempotency_header + " must have 1 to 255 characters",
            {}};
      }
      const std::string consumer =
          input.consumer.empty() ? "anonymous" : "consumer:" + std::string(input.consumer);
      return Claim{"idem:" + name + ":" + consumer, std::string(field->value()), kIdempotencyNs};
    }
  }
  if (input.flow.dedupe_key) {
    Result<data::JsonValue> key = input.flow.dedupe_key->evaluate(evaluator, value, {});
    if (!key) return refuse(std::move(key).error().context("dedupe.key of flow \"" + name + "\""));
    if (key->is_null()) return Claim{};
    return Claim{"dedupe:" + name, as_key(*key), input.flow.config->trigger.dedupe->window.count()};
  }
  if (!message_id.empty()) return Claim{"message:" + name, message_id, kMessageIdNs};
  return Claim{};
}

bool carries_key(const IntakeInput& input, std::string_view parameter) {
  for (std::uint32_t index : input.endpoint.auth_indices) {
    const std::optional<config::ApiKeyAuthConfig>& key = input.config.auth[index].api_key;
    if (key && key->query == parameter) return true;
  }
  return false;
}

// The facts are kept and shown: without the parameters that carry API keys.
std::string public_query(const IntakeInput& input) {
  std::string query;
  for (std::string_view parameter : split(input.head.query, '&')) {
    const std::string_view name = split_once(parameter, '=').first;
    if (parameter.empty() || (!name.empty() && carries_key(input, name))) continue;
    if (!query.empty()) query += '&';
    query += parameter;
  }
  return query;
}

data::JsonValue facts_of(const IntakeInput& input) {
  data::JsonObjectBuilder facts;
  facts.set("path", input.head.path);
  if (const std::string query = public_query(input); !query.empty()) facts.set("query", query);
  if (!input.consumer.empty()) facts.set("consumer", input.consumer);
  facts.set("request_id", input.request_id);
  return facts.build();
}

}  // namespace

std::variant<flow::StartRequest, IntakeRefusal> make_start_request(const IntakeInput& input,
                                                                   data::JsonParser& parser,
                                                                   flow::Evaluator& evaluator) {
  std::string message_id;
  if (std::optional<IntakeRefusal> refusal = verify(input, message_id)) return std::move(*refusal);
  if (std::optional<IntakeRefusal> refusal = check_media_type(input)) return std::move(*refusal);
  data::JsonValue value;
  if (!input.body.empty()) {
    Result<data::JsonValue> parsed = parser.parse(input.body);
    if (!parsed) return refuse(parsed.error());
    value = std::move(*parsed);
  }
  if (std::optional<IntakeRefusal> refusal = check_input(input.flow, value)) return std::move(*refusal);
  std::variant<Claim, IntakeRefusal> claim = make_claim(input, value, message_id, evaluator);
  if (auto* refusal = std::get_if<IntakeRefusal>(&claim)) return std::move(*refusal);
  Claim& taken = std::get<Claim>(claim);
  return flow::StartRequest{.flow = input.flow.config->name,
                            .input = std::move(value),
                            .trigger = input.kind == FlowRoute::Kind::accept ? "webhook" : "endpoint",
                            .facts = facts_of(input),
                            .claim_space = std::move(taken.space),
                            .claim_key = std::move(taken.key),
                            .claim_for_ns = taken.for_ns,
                            .values = {}};
}

std::string problem_document(const IntakeRefusal& refusal, std::string_view instance) {
  const ErrorKind& kind = *refusal.kind;
  data::JsonObjectBuilder document;
  document.set("type", "urn:linkspan:error:" + std::string(kind.slug));
  document.set("title", kind.title).set("status", kind.status).set("detail", refusal.detail);
  if (!instance.empty()) document.set("instance", instance);
  data::JsonArrayBuilder problems;
  for (const InputProblem& problem : refusal.problems) {
    problems.add(data::JsonValue::object({{"pointer", problem.pointer}, {"detail", problem.message}}));
  }
  document.set("errors", problems.build());
  return data::write_json(document.build());
}

}  // namespace linkspan::app
