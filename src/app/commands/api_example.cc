#include <ostream>

#include "app/commands/api_support.h"
#include "catalog/example.h"
#include "catalog/example_check.h"
#include "data/json_parse.h"
#include "data/json_write.h"

namespace linkspan::app {

namespace {

using data::JsonValue;

struct Count {
  std::size_t operations = 0;
  std::size_t failed = 0;
};

JsonValue headers_value(const catalog::HeaderFields& headers) {
  JsonValue object = JsonValue::empty_object();
  for (const auto& [name, value] : headers) object.set(name, value);
  return object;
}

// JSON bodies as JSON, others as text.
JsonValue body_value(const std::string& body) {
  auto parsed = data::parse_json(body);
  return parsed ? *std::move(parsed) : JsonValue(body);
}

// JSON laid out for people, others as they are.
void print_body(const std::string& body, std::ostream& out) {
  if (body.empty()) return;
  const auto parsed = data::parse_json(body);
  const bool is_laid_out = parsed && (parsed->is_object() || parsed->is_array());
  out << '\n' << (is_laid_out ? data::write_json(*parsed, {.indent = 2}) : body) << '\n';
}

void print_headers(const catalog::HeaderFields& headers, std::ostream& out) {
  for (const auto& [name, value] : headers) out << name << ": " << value << '\n';
}

JsonValue example_value(const catalog::Operation& operation, const catalog::BuiltRequest& request,
                        const std::vector<catalog::ExampleResponse>& responses) {
  data::JsonObjectBuilder object;
  object.set("operation", operation.id);
  data::JsonObjectBuilder sent;
  sent.set("method", request.method)
      .set("target", request.target())
      .set("headers", headers_value(request.headers));
  if (!request.body.empty()) sent.set("body", body_value(request.body));
  object.set("request", sent.build());
  data::JsonArrayBuilder array;
  for (const catalog::ExampleResponse& response : responses) {
    data::JsonObjectBuilder one;
    one.set("status", response.status).set("headers", headers_value(response.headers));
    if (!response.body.empty()) one.set("body", body_value(response.body));
    array.add(one.build());
  }
  return object.set("responses", array.build()).build();
}

std::string server_of(const catalog::Operation& operation) {
  return operation.servers.empty() ? std::string() : catalog::expand_server(operation.servers[0]);
}

void print_example(const catalog::Operation& operation, const catalog::BuiltRequest& request,
                   const std::vector<catalog::ExampleResponse>& responses, std::ostream& out) {
  out << "### " << operation.id << '\n'
      << request.method << ' ' << server_of(operation) << request.target() << '\n';
  print_headers(request.headers, out);
  print_body(request.body, out);
  for (const catalog::ExampleResponse& response : responses) {
    out << "\n### " << operation.id << ": response " << response.status << '\n';
    print_headers(response.headers, out);
    print_body(response.body, out);
  }
}

// Whether nothing is wrong but what is a warning.
bool report(const catalog::Operation& operation, const std::vector<catalog::Problem>& problems,
            const Output& output) {
  for (const catalog::Problem& problem : problems)
    output.err << operation.id << ": " << to_string(problem) << '\n';
  return !has_errors(problems);
}

bool make_example(const catalog::Api& api, const catalog::Operation& operation,
                  const ApiExampleOptions& options, bool is_first, const Output& output) {
  const catalog::ExampleOptions example{.seed = options.seed};
  if (options.check) return report(operation, check_examples(api, operation, example), output);
  const catalog::BuiltRequest request = example_request(api, operation, example);
  const auto responses = example_responses(api, operation, example);
  bool is_good = report(operation, request.problems, output);
  for (const catalog::ExampleResponse& response : responses)
    is_good = report(operation, response.problems, output) && is_good;
  if (options.json) {
    output.out << data::write_json(example_value(operation, request, responses), {.indent = 2}) << '\n';
  } else {
    if (!is_first) output.out << '\n';
    print_example(operation, request, responses, output.out);
  }
  return is_good;
}

}  // namespace

int api_example_command(const ApiExampleOptions& options, const Output& output) {
  if (options.all != options.operation.empty()) {
    output.err
        << "linkspan: api example needs an OPERATION, or --all\nSee \"linkspan api example --help\".\n";
    return kExitUsage;
  }
  const auto api = load_or_say(options, output);
  if (!api) return kExitProblems;
  Count count;
  const auto make = [&](const catalog::Operation& operation) {
    if (!make_example(*api, operation, options, count.operations == 0, output)) ++count.failed;
    ++count.operations;
  };
  if (options.all) {
    for (const catalog::Operation& operation : api->operations) make(operation);
  } else {
    const catalog::Operation* operation = find_operation(*api, options.operation, output);
    if (operation == nullptr) return kExitProblems;
    make(*operation);
  }
  if (options.check)
    output.out << count.operations - count.failed << " of " << count.operations
               << (count.operations == 1 ? " operation has" : " operations have") << " valid examples\n";
  return count.failed == 0 ? kExitOk : kExitProblems;
}

}  // namespace linkspan::app
