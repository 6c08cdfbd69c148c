#include "catalog/example.h"

#include "base/error_kinds.h"
#include "catalog/body.h"
#include "catalog/media.h"
#include "catalog/style.h"
#include "catalog/value_maker.h"
#include "data/json_pointer.h"

namespace linkspan::catalog {

using data::JsonValue;
using data::SchemaDirection;

ExampleMaker::ExampleMaker(const Api& api, const ExampleOptions& options)
    : api_(api), view_(api), options_(options) {}

Result<JsonValue> ExampleMaker::value(const Node& schema, SchemaDirection direction) {
  // Another try has other luck with alternatives and patterns; one without what is optional is the simplest.
  constexpr std::uint64_t kTries = 4;
  for (std::uint64_t attempt = 0; attempt < kTries; ++attempt) {
    ExampleOptions options = options_;
    if (attempt + 1 == kTries) options.max_optional_depth = 0;
    if (attempt > 0) options.seed += attempt;
    ValueMaker maker(api_, view_, options, direction, options.seed);
    if (auto made = maker.make({schema}, 0)) return *std::move(made);
  }
  const Result<data::JsonSchema> compiled = api_.validators->get(schema);
  if (!compiled) return Error(compiled.error().kind(), compiled.error().detail());
  return Error(errors::example_failed, "no value was found that the schema " + schema.pointer + " accepts");
}

Result<JsonValue> ExampleMaker::own_or_made(const std::optional<Schema>& schema,
                                            const std::vector<Example>& examples, SchemaDirection direction) {
  const Node node = schema ? view_.node_of(*schema) : Node{};
  ValueMaker maker(api_, view_, options_, direction, options_.seed);
  for (const Example& example : examples) {
    if (example.is_serialized || !example.external_value.empty()) continue;
    if (!schema || maker.is_valid({node}, example.value)) return example.value;
  }
  if (!schema) return JsonValue("text");
  return value(node, direction);
}

Result<JsonValue> ExampleMaker::body(const MediaType& media, SchemaDirection direction) {
  if (!media.item_schema || media.schema) return own_or_made(media.schema, media.examples, direction);
  Result<JsonValue> item = value(view_.node_of(*media.item_schema), direction);
  if (!item) return item;
  return JsonValue::array({*std::move(item)});
}

void ExampleMaker::add_argument(const Parameter& parameter, RequestArguments& arguments,
                                std::vector<Problem>& problems) {
  Result<JsonValue> made = parameter.content.empty()
                               ? own_or_made(parameter.schema, parameter.examples, SchemaDirection::request)
                               : body(parameter.content[0], SchemaDirection::request);
  if (!made) {
    Problem problem;
    problem.severity = parameter.required ? Severity::error : Severity::warning;
    problem.pointer = "/" + std::string(to_string(parameter.in));
    data::append_pointer_token(problem.pointer, parameter.name);
    problem.message = made.error().detail();
    problems.push_back(std::move(problem));
    return;
  }
  JsonValue* into = &arguments.query;
  if (parameter.in == ParameterIn::path) into = &arguments.path;
  if (parameter.in == ParameterIn::header) into = &arguments.header;
  if (parameter.in == ParameterIn::cookie) into = &arguments.cookie;
  if (parameter.in == ParameterIn::querystring) {
    arguments.querystring = *std::move(made);
  } else {
    into->set(parameter.name, *std::move(made));
  }
}

RequestArguments ExampleMaker::arguments(const Operation& operation, std::vector<Problem>& problems) {
  RequestArguments arguments;
  for (const Parameter& parameter : operation.parameters) add_argument(parameter, arguments, problems);
  if (!operation.request_body) return arguments;
  const MediaType* media = preferred_media(operation.request_body->content);
  if (media == nullptr) return arguments;
  Result<JsonValue> made = body(*media, SchemaDirection::request);
  if (made) {
    arguments.body = *std::move(made);
    arguments.content_type = concrete_type(*media);
  } else {
    Problem problem;
    problem.pointer = "/body";
    problem.message = made.error().detail();
    problems.push_back(std::move(problem));
  }
  return arguments;
}

BuiltRequest example_request(const Api& api, const Operation& operation, const ExampleOptions& options) {
  std::vector<Problem> problems;
  ExampleMaker maker(api, options);
  const RequestArguments arguments = maker.arguments(operation, problems);
  BuiltRequest request = build_request(api, operation, arguments);
  request.problems.insert(request.problems.begin(), problems.begin(), problems.end());
  return request;
}

namespace {

void add_example_headers(ExampleMaker& maker, const SchemaView& view, const Response& response,
                         ExampleResponse& example) {
  for (const Header& header : response.headers) {
    if (!header.schema) continue;
    Result<JsonValue> value = maker.value(view.node_of(*header.schema), SchemaDirection::response);
    Result<std::string> text =
        value ? write_header_value({header.name, Style::simple, header.explode, false, false}, *value)
              : Result<std::string>(Error(value.error().kind(), value.error().detail()));
    if (text) {
      example.headers.emplace_back(header.name, *std::move(text));
      continue;
    }
    Problem problem;
    problem.severity = header.required ? Severity::error : Severity::warning;
    problem.pointer = "/header";
    data::append_pointer_token(problem.pointer, header.name);
    problem.message = text.error().detail();
    example.problems.push_back(std::move(problem));
  }
}

void add_example_body(const Api& api, ExampleMaker& maker, const MediaType& media, ExampleResponse& example) {
  const auto fail = [&](const Error& error) {
    Problem problem;
    problem.pointer = "/body";
    problem.message = error.detail();
    example.problems.push_back(std::move(problem));
  };
  const Result<JsonValue> value = maker.body(media, SchemaDirection::response);
  if (!value) return fail(value.error());
  Result<WrittenBody> body = write_body(api, media, concrete_type(media), *value);
  if (!body) return fail(body.error());
  example.headers.emplace_back("Content-Type", std::move(body->content_type));
  example.body = std::move(body->bytes);
}

}  // namespace

std::vector<ExampleResponse> example_responses(const Api& api, const Operation& operation,
                                               const ExampleOptions& options) {
  std::vector<ExampleResponse> examples;
  const SchemaView view(api);
  ExampleMaker maker(api, options);
  for (const Response& response : operation.responses) {
    ExampleResponse example;
    example.status = response.status;
    add_example_headers(maker, view, response, example);
    if (response.content.empty()) examples.push_back(example);
    for (const MediaType& media : response.content) {
      examples.push_back(example);
      add_example_body(api, maker, media, examples.back());
    }
  }
  return examples;
}

}  // namespace linkspan::catalog
