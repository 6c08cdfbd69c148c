#include "catalog/example_check.h"

#include "catalog/check_message.h"

namespace linkspan::catalog {

namespace {

constexpr CheckOptions kStrict{.assert_formats = true, .allow_unknown_query = false};

void add(const std::vector<Problem>& found, const std::string& where, std::vector<Problem>& problems) {
  for (Problem problem : found) {
    problem.pointer = where + problem.pointer;
    problems.push_back(std::move(problem));
  }
}

std::vector<HeaderView> views_of(const HeaderFields& fields) {
  return {fields.begin(), fields.end()};
}

// A code that falls under this response and no other: of "2XX", of "default".
int code_under(const Operation& operation, const std::string& status) {
  for (int code = 200; code < 700; ++code) {
    const Response* response = find_response(operation, code < 600 ? code : code - 500);
    if (response != nullptr && response->status == status) return code < 600 ? code : code - 500;
  }
  return 0;
}

}  // namespace

std::vector<Problem> check_examples(const Api& api, const Operation& operation,
                                    const ExampleOptions& options) {
  std::vector<Problem> problems;
  const BuiltRequest request = example_request(api, operation, options);
  add(request.problems, "/request", problems);
  if (!has_errors(request.problems) && operation.path.starts_with('/')) {
    const std::vector<HeaderView> headers = views_of(request.headers);
    const CheckedRequest checked =
        check_request(api, operation, {request.path, request.query, headers, request.body}, kStrict);
    add(checked.problems, "/request", problems);
  }
  for (const ExampleResponse& response : example_responses(api, operation, options)) {
    const std::string where = "/responses/" + response.status;
    add(response.problems, where, problems);
    const int code = code_under(operation, response.status);
    if (has_errors(response.problems) || code == 0) continue;
    const std::vector<HeaderView> headers = views_of(response.headers);
    const CheckedResponse checked = check_response(api, operation, {code, headers, response.body}, kStrict);
    add(checked.problems, where, problems);
  }
  return problems;
}

}  // namespace linkspan::catalog
