// A request made from named arguments.
//
//   BuiltRequest request = build_request(*api, operation, {.path = {{"id", 7}}, .body = order});
//   if (request.problems.empty()) send(request.method, base + request.target(), request.headers,
//   request.body);
//
// All problems are told at once: missing arguments, unknown ones, values that cannot be written in the style
// of their parameter, bodies of a type that cannot be written. Values are not checked against their schemas
// here: check_message.h does that, on what was built. Credentials are not this room's: `security` says what
// to add. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/model.h"
#include "catalog/problem.h"

namespace linkspan::catalog {

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

// Objects by the names of parameters; null is an empty one. A value of null means that nothing is given.
struct RequestArguments {
  data::JsonValue path;
  data::JsonValue query;
  data::JsonValue header;  // names in any case
  data::JsonValue cookie;
  data::JsonValue querystring;  // the value of the one parameter `in: querystring`
  std::optional<data::JsonValue> body;
  std::string content_type;  // which of the body's media types; the preferred one if empty
};

struct BuiltRequest {
  std::string method;
  std::string path;   // percent-encoded, without the path of the server
  std::string query;  // without "?"
  HeaderFields headers;
  std::string body;
  std::vector<Problem> problems;  // pointers name arguments: "/query/limit"

  std::string target() const { return query.empty() ? path : path + "?" + query; }
};

BuiltRequest build_request(const Api& api, const Operation& operation, const RequestArguments& arguments);

// The URL of a server with its variables filled in, defaults where `values` (an object) has none. Relative
// URLs stay relative.
std::string expand_server(const Server& server, const data::JsonValue& values = {});

}  // namespace linkspan::catalog
