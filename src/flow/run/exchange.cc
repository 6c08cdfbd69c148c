#include "flow/run/exchange.h"

#include "base/error_kinds.h"
#include "base/strings.h"
#include "catalog/body.h"
#include "catalog/build_request.h"
#include "catalog/check_message.h"
#include "catalog/media.h"
#include "data/json_parse.h"
#include "data/json_write.h"
#include "data/utf8.h"

namespace linkspan::flow {

namespace {

constexpr std::size_t kMaxAnswerBytes = 16 * 1024 * 1024;

Result<data::JsonValue> make_object(const std::vector<NamedValue>& arguments, std::string_view what,
                                    Evaluator& evaluator, const Values& values) {
  data::JsonObjectBuilder object(arguments.size());
  for (const NamedValue& argument : arguments) {
    Result<data::JsonValue> value = argument.value.evaluate(evaluator, values.input, values.variables);
    if (!value) return std::move(value).error().context(std::string(what) + "." + argument.name);
    object.set(argument.name, std::move(*value));
  }
  return object.build();
}

bool is_json(const Call& call) {
  if (!call.operation->request_body) return false;
  const catalog::MediaType* media = catalog::preferred_media(call.operation->request_body->content);
  return media != nullptr && catalog::kind_of(catalog::essence_of(media->type)) == catalog::MediaKind::json;
}

Error bad_arguments(const std::vector<catalog::Problem>& problems) {
  std::string detail;
  for (const catalog::Problem& problem : problems) {
    if (!detail.empty()) detail += "; ";
    detail += problem.pointer + ": " + problem.message;
  }
  return Error(errors::flow_failed, std::move(detail));
}

data::JsonValue headers_of(const Incoming& answer) {
  data::JsonObjectBuilder headers(answer.headers.size());
  for (const auto& [name, value] : answer.headers) headers.set(to_lower_ascii(name), data::JsonValue(value));
  return headers.build();
}

std::string_view header_of(const Incoming& answer, std::string_view name) {
  for (const auto& [field, value] : answer.headers) {
    if (equals_ignore_case(field, name)) return value;
  }
  return {};
}

Result<data::JsonValue> read_body(const Call& call, const Incoming& answer) {
  if (answer.body.empty()) return data::JsonValue();
  const std::string_view type = header_of(answer, "content-type");
  const std::string essence = catalog::essence_of(type);
  if (catalog::kind_of(essence) == catalog::MediaKind::json) {
    Result<data::JsonValue> value = data::parse_json(answer.body, {.max_bytes = kMaxAnswerBytes});
    if (!value) return Error(errors::flow_failed, "the answer's body: " + value.error().detail());
    return value;
  }
  const catalog::Response* response = catalog::find_response(*call.operation, answer.status);
  const catalog::MediaType* media =
      response == nullptr ? nullptr : catalog::find_media(response->content, type);
  catalog::MediaType undescribed;
  undescribed.type = essence;
  Result<std::optional<data::JsonValue>> value =
      catalog::read_body(*call.description, media == nullptr ? undescribed : *media, type, answer.body);
  if (!value) return Error(errors::flow_failed, "the answer's body: " + value.error().detail());
  return value->value_or(data::JsonValue());
}

}  // namespace

Result<data::JsonValue> make_request(const Call& call, Evaluator& evaluator, const Values& values,
                                     std::string_view key) {
  catalog::RequestArguments arguments;
  Result<data::JsonValue> path = make_object(call.path, "path", evaluator, values);
  if (!path) return path;
  Result<data::JsonValue> query = make_object(call.query, "query", evaluator, values);
  if (!query) return query;
  Result<data::JsonValue> headers = make_object(call.headers, "headers", evaluator, values);
  if (!headers) return headers;
  if (values.given != nullptr && !values.given->is_null()) {
    arguments.body = *values.given;
  } else if (call.body) {
    Result<data::JsonValue> body = call.body->evaluate(evaluator, values.input, values.variables);
    if (!body) return std::move(body).error().context("body");
    arguments.body = std::move(*body);
  }
  arguments.path = std::move(*path);
  arguments.query = std::move(*query);
  if (!call.key_header.empty()) headers->set(call.key_header, data::JsonValue(key));
  // Header fields that the description does not have are added as they are.
  data::JsonValue described = data::JsonValue::empty_object();
  data::JsonObjectBuilder fields;
  for (const data::JsonMember& header : headers->members()) {
    bool known = false;
    for (const catalog::Parameter& parameter : call.operation->parameters) {
      known |= parameter.in == catalog::ParameterIn::header &&
               equals_ignore_case(parameter.name, header.key.string());
    }
    if (known) {
      described.set(header.key, header.value);
    } else if (!header.value.is_null()) {
      fields.set(header.key,
                 header.value.is_string() ? header.value : data::JsonValue(data::write_json(header.value)));
    }
  }
  arguments.header = std::move(described);
  const bool json = is_json(call);
  catalog::BuiltRequest built = catalog::build_request(*call.description, *call.operation, arguments);
  if (!built.problems.empty()) return bad_arguments(built.problems);
  for (auto& [name, value] : built.headers) fields.set(name, data::JsonValue(value));
  data::JsonObjectBuilder request(5);
  request.set("call", data::JsonValue(call.api + "." + call.operation->id));
  request.set("method", data::JsonValue(built.method));
  request.set("target", data::JsonValue(call.path_prefix + built.target()));
  request.set("headers", fields.build());
  if (json && arguments.body) {
    request.set("json", *arguments.body);
  } else if (!built.body.empty()) {
    request.set("body", data::JsonValue(built.body));
  }
  return request.build();
}

Outgoing to_outgoing(const Call& call, const data::JsonValue& request, std::int64_t timeout_ns) {
  Outgoing out;
  out.api = call.api;
  out.operation = call.operation->id;
  out.method = call.method;
  out.repeatable = call.is_repeatable();
  out.timeout_ns = timeout_ns;
  const auto text = [](const data::JsonValue* value) {
    return value == nullptr || !value->is_string() ? std::string() : std::string(value->string());
  };
  out.target = text(request.find("target"));
  if (const data::JsonValue* headers = request.find("headers")) {
    for (const data::JsonMember& header : headers->members()) {
      out.headers.emplace_back(header.key.string(), text(&header.value));
    }
  }
  if (const data::JsonValue* json = request.find("json")) {
    out.body = data::write_json(*json);
  } else {
    out.body = text(request.find("body"));
  }
  return out;
}

Result<data::JsonValue> read_answer(const Call& call, const Incoming& answer) {
  Result<data::JsonValue> body = read_body(call, answer);
  if (!body) return body;
  data::JsonObjectBuilder value(3);
  value.set("status", data::JsonValue(static_cast<std::int64_t>(answer.status)));
  value.set("headers", headers_of(answer));
  value.set("body", std::move(*body));
  return value.build();
}

}  // namespace linkspan::flow
