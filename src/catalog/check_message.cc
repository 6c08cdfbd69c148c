#include "catalog/check_message.h"

#include <algorithm>

#include "base/strings.h"
#include "catalog/body.h"
#include "catalog/media.h"
#include "catalog/path_template.h"
#include "catalog/style.h"
#include "catalog/uri.h"
#include "catalog/validators.h"
#include "data/json_pointer.h"

namespace linkspan::catalog {

using data::JsonValue;

namespace {

class Checker {
 public:
  Checker(const Api& api, const CheckOptions& options, data::SchemaDirection direction,
          std::vector<Problem>& problems)
      : api_(api), view_(api), options_(options), direction_(direction), problems_(problems) {}

  const SchemaView& view() const { return view_; }

  void report(std::string pointer, std::string message) {
    if (problems_.size() >= options_.max_problems) return;
    Problem problem;
    problem.pointer = std::move(pointer);
    problem.message = std::move(message);
    problems_.push_back(std::move(problem));
  }

  Node node_of(const std::optional<Schema>& schema) const { return schema ? view_.node_of(*schema) : Node{}; }

  void check(const Node& schema, const JsonValue& value, const std::string& pointer) {
    if (schema.value == nullptr) return;
    const Result<data::JsonSchema> compiled = api_.validators->get(schema);
    if (!compiled) return report(pointer, "cannot be checked: " + compiled.error().detail());
    data::SchemaCheck check;
    check.assert_formats = options_.assert_formats;
    check.direction = direction_;
    check.max_problems = options_.max_problems;
    if (compiled->is_valid(value, check)) return;
    for (const data::SchemaProblem& problem : compiled->validate(value, check))
      report(pointer + problem.instance, problem.message);
  }

  // A body, or a parameter with `content`; null if it is not looked into.
  JsonValue read(const MediaType& media, std::string_view content_type, std::string_view bytes,
                 const std::string& pointer) {
    Result<std::optional<JsonValue>> value = read_body(api_, media, content_type, bytes);
    if (!value) {
      report(pointer, value.error().detail());
      return {};
    }
    if (!*value) return {};
    if (media.item_schema) {
      for (std::size_t i = 0; i < (*value)->items().size(); ++i)
        check(view_.node_of(*media.item_schema), (*value)->items()[i], pointer + "/" + std::to_string(i));
    }
    check(node_of(media.schema), **value, pointer);
    return **std::move(value);
  }

 private:
  const Api& api_;
  SchemaView view_;
  const CheckOptions& options_;
  data::SchemaDirection direction_;
  std::vector<Problem>& problems_;
};

std::string pointer_to(std::string_view part, std::string_view name) {
  std::string pointer = "/" + std::string(part);
  data::append_pointer_token(pointer, name);
  return pointer;
}

// Several fields of one name are one with commas (RFC 9110 section 5.3).
std::optional<std::string> find_header(std::span<const HeaderView> headers, std::string_view name) {
  std::optional<std::string> text;
  for (const auto& [field, value] : headers) {
    if (!equals_ignore_case(field, name)) continue;
    if (text) {
      text->append(",").append(value);
    } else {
      text = value;
    }
  }
  return text;
}

class RequestChecker {
 public:
  RequestChecker(const Api& api, const Operation& operation, const ReceivedRequest& request,
                 const CheckOptions& options)
      : operation_(operation),
        request_(request),
        options_(options),
        checker_(api, options, data::SchemaDirection::request, result_.problems) {}

  CheckedRequest run() {
    result_.path = result_.query = result_.header = result_.cookie = JsonValue::empty_object();
    query_ = split_pairs(request_.query);
    used_.assign(query_.size(), false);
    read_cookies();
    read_path();
    for (const Parameter& parameter : operation_.parameters)
      if (!is_spread(parameter)) read(parameter);
    // Objects whose properties are names of their own take what is left.
    for (const Parameter& parameter : operation_.parameters)
      if (is_spread(parameter)) read(parameter);
    refuse_unknown_query();
    read_body_of_request();
    return std::move(result_);
  }

 private:
  bool is_spread(const Parameter& parameter) const {
    if (parameter.in != ParameterIn::query || !parameter.explode || !parameter.schema) return false;
    const TypeMask types = checker_.view().types(checker_.view().node_of(*parameter.schema));
    return types == kObject || types == (kObject | kNull);
  }

  void read_cookies() {
    const std::optional<std::string> text = find_header(request_.headers, "Cookie");
    if (!text) return;
    for (std::string_view part : split(*text, ';')) {
      const auto [name, value] = split_once(trim(part), '=');
      if (!name.empty()) cookies_.emplace_back(name, value.value_or(""));
    }
    used_cookies_.assign(cookies_.size(), false);
  }

  void read_path() {
    const Result<PathTemplate> path = PathTemplate::parse(operation_.path);
    if (!path) return;
    const auto values = path->match(request_.path);
    if (!values) return checker_.report("/path", "the path does not match " + operation_.path);
    for (const Parameter& parameter : operation_.parameters) {
      if (parameter.in != ParameterIn::path) continue;
      const auto name = std::find(path->names().begin(), path->names().end(), parameter.name);
      if (name == path->names().end()) continue;
      const std::string_view text = (*values)[static_cast<std::size_t>(name - path->names().begin())];
      const std::string pointer = pointer_to("path", parameter.name);
      if (!parameter.content.empty()) {
        const MediaType& media = parameter.content[0];
        result_.path.set(parameter.name,
                         checker_.read(media, concrete_type(media), percent_decode(text), pointer));
        continue;
      }
      const Node schema = checker_.node_of(parameter.schema);
      JsonValue value = read_path_value(spelling_of(parameter), checker_.view(), schema, text);
      checker_.check(schema, value, pointer);
      result_.path.set(parameter.name, std::move(value));
    }
  }

  void read(const Parameter& parameter) {
    switch (parameter.in) {
      case ParameterIn::path:
        return;
      case ParameterIn::querystring:
        return read_querystring(parameter);
      case ParameterIn::query:
        return keep(parameter, read_pairs(parameter, query_, used_), result_.query);
      case ParameterIn::cookie:
        return keep(parameter, read_pairs(parameter, cookies_, used_cookies_), result_.cookie);
      case ParameterIn::header:
        return read_header(parameter);
    }
  }

  void read_querystring(const Parameter& parameter) {
    if (request_.query.empty()) {
      if (parameter.required) missing(parameter, "/querystring");
      return;
    }
    const MediaType& media = parameter.content[0];
    const std::string type = concrete_type(media);
    const bool is_form = kind_of(essence_of(type)) == MediaKind::urlencoded;
    result_.querystring = checker_.read(
        media, type, is_form ? std::string(request_.query) : percent_decode(request_.query), "/querystring");
    used_.assign(used_.size(), true);
  }

  std::optional<JsonValue> read_pairs(const Parameter& parameter, const EncodedPairs& pairs,
                                      std::vector<bool>& used) {
    if (parameter.content.empty())
      return read_query_value(spelling_of(parameter), checker_.view(), checker_.node_of(parameter.schema),
                              pairs, used);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (percent_decode(pairs[i].first, true) != parameter.name) continue;
      used[i] = true;
      const MediaType& media = parameter.content[0];
      return checker_.read(media, concrete_type(media), percent_decode(pairs[i].second, true),
                           pointer_to(to_string(parameter.in), parameter.name));
    }
    return std::nullopt;
  }

  void read_header(const Parameter& parameter) {
    const std::optional<std::string> text = find_header(request_.headers, parameter.name);
    std::optional<JsonValue> value;
    if (text && !parameter.content.empty()) {
      const MediaType& media = parameter.content[0];
      value = checker_.read(media, concrete_type(media), *text, pointer_to("header", parameter.name));
    } else if (text) {
      value = read_header_value(spelling_of(parameter), checker_.view(), checker_.node_of(parameter.schema),
                                *text);
    }
    keep(parameter, std::move(value), result_.header);
  }

  void keep(const Parameter& parameter, std::optional<JsonValue> value, JsonValue& into) {
    const std::string pointer = pointer_to(to_string(parameter.in), parameter.name);
    if (!value) {
      if (parameter.required) missing(parameter, pointer);
      return;
    }
    const bool is_allowed_to_be_empty =
        parameter.allow_empty_value && value->is_string() && value->string().empty();
    if (!is_allowed_to_be_empty) checker_.check(checker_.node_of(parameter.schema), *value, pointer);
    into.set(parameter.name, *std::move(value));
  }

  void missing(const Parameter& parameter, std::string pointer) {
    checker_.report(std::move(pointer), "the " + std::string(to_string(parameter.in)) + " parameter \"" +
                                            parameter.name + "\" is required");
  }

  void refuse_unknown_query() {
    if (options_.allow_unknown_query) return;
    for (std::size_t i = 0; i < query_.size(); ++i)
      if (!used_[i])
        checker_.report(pointer_to("query", percent_decode(query_[i].first, true)),
                        "there is no such query parameter");
  }

  void read_body_of_request() {
    if (!operation_.request_body) return;
    const RequestBody& body = *operation_.request_body;
    const std::optional<std::string> type = find_header(request_.headers, "Content-Type");
    // A form without fields has no bytes, but a type.
    if (request_.body.empty() && (!type || kind_of(essence_of(*type)) != MediaKind::urlencoded)) {
      if (body.required) checker_.report("/body", "a body is required");
      return;
    }
    if (body.content.empty()) return;
    if (!type) return checker_.report("/header/Content-Type", "a body needs a Content-Type");
    const MediaType* media = find_media(body.content, *type);
    if (media == nullptr)
      return checker_.report("/header/Content-Type", "this operation takes no \"" + *type + "\"");
    result_.body = checker_.read(*media, *type, request_.body, "/body");
  }

  const Operation& operation_;
  const ReceivedRequest& request_;
  const CheckOptions& options_;
  CheckedRequest result_;
  Checker checker_;
  EncodedPairs query_;
  std::vector<bool> used_;
  EncodedPairs cookies_;
  std::vector<bool> used_cookies_;
};

void check_headers(Checker& checker, const Response& response, std::span<const HeaderView> headers,
                   JsonValue& values) {
  for (const Header& header : response.headers) {
    const std::optional<std::string> text = find_header(headers, header.name);
    const std::string pointer = pointer_to("header", header.name);
    if (!text) {
      if (header.required) checker.report(pointer, "the header \"" + header.name + "\" is required");
      continue;
    }
    if (!header.content.empty()) {
      const MediaType& media = header.content[0];
      values.set(header.name, checker.read(media, concrete_type(media), *text, pointer));
      continue;
    }
    const Node schema = checker.node_of(header.schema);
    const Spelling spelling{header.name, Style::simple, header.explode, false, false};
    JsonValue value = read_header_value(spelling, checker.view(), schema, *text);
    checker.check(schema, value, pointer);
    values.set(header.name, std::move(value));
  }
}

}  // namespace

CheckedRequest check_request(const Api& api, const Operation& operation, const ReceivedRequest& request,
                             const CheckOptions& options) {
  return RequestChecker(api, operation, request, options).run();
}

const Response* find_response(const Operation& operation, int status) {
  const std::string code = std::to_string(status);
  for (const std::string& wanted : {code, code.substr(0, 1) + "XX", std::string("default")})
    for (const Response& response : operation.responses)
      if (response.status == wanted) return &response;
  return nullptr;
}

CheckedResponse check_response(const Api& api, const Operation& operation, const ReceivedResponse& received,
                               const CheckOptions& options) {
  CheckedResponse result;
  result.header = JsonValue::empty_object();
  Checker checker(api, options, data::SchemaDirection::response, result.problems);
  result.response = find_response(operation, received.status);
  if (result.response == nullptr) {
    checker.report("/status", "the operation has no response " + std::to_string(received.status));
    return result;
  }
  check_headers(checker, *result.response, received.headers, result.header);
  if (result.response->content.empty() || operation.method == "HEAD") return result;
  const std::optional<std::string> type = find_header(received.headers, "Content-Type");
  if (!type) {
    checker.report("/header/Content-Type",
                   received.body.empty() ? "a body is missing" : "a body needs a Content-Type");
    return result;
  }
  const MediaType* media = find_media(result.response->content, *type);
  if (media == nullptr) {
    checker.report("/header/Content-Type", "this response is no \"" + *type + "\"");
    return result;
  }
  result.body = checker.read(*media, *type, received.body, "/body");
  return result;
}

std::vector<Problem> check_body(const Api& api, const Operation& operation, const JsonValue& body,
                                const CheckOptions& options) {
  std::vector<Problem> problems;
  Checker checker(api, options, data::SchemaDirection::request, problems);
  const MediaType* media =
      operation.request_body ? preferred_media(operation.request_body->content) : nullptr;
  if (media == nullptr) {
    checker.report("/body", "the operation takes no body");
  } else {
    checker.check(checker.node_of(media->schema), body, "/body");
  }
  return problems;
}

const Operation* find_operation(const Api& api, std::string_view method, std::string_view path) {
  const Operation* best = nullptr;
  std::optional<PathTemplate> best_path;
  for (const Operation& operation : api.operations) {
    if (operation.method != method) continue;
    Result<PathTemplate> candidate = PathTemplate::parse(operation.path);
    if (!candidate || !candidate->match(path)) continue;
    if (best_path && !candidate->is_more_specific_than(*best_path)) continue;
    best = &operation;
    best_path = *std::move(candidate);
  }
  return best;
}

}  // namespace linkspan::catalog
