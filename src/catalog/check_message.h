// Whether a request or a response is what the description says, and what it holds.
//
//   CheckedRequest checked = check_request(*api, operation, {.path = "/orders/7", .headers = fields, .body =
//   bytes}); if (!checked.problems.empty()) refuse(checked.problems);   // all of them: "/query/limit: must
//   be at most 100" else use(checked.path, checked.query, checked.body);
//
// Parameters are decoded by their style and typed by their schema; bodies are parsed by their media type;
// both are checked against their schemas, with `readOnly` and `writeOnly` by the direction of the message.
// Bodies that are no text, and XML, are not looked into. Any thread; schemas are compiled when first needed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/model.h"
#include "catalog/problem.h"
#include "data/json.h"

namespace linkspan::catalog {

using HeaderView = std::pair<std::string_view, std::string_view>;

struct CheckOptions {
  bool assert_formats = false;  // otherwise `format` is a note
  // Query parameters that the description does not have; servers usually bear them.
  bool allow_unknown_query = true;
  std::size_t max_problems = 100;
};

struct ReceivedRequest {
  std::string_view path;   // percent-encoded, without the path of the server
  std::string_view query;  // without "?"
  std::span<const HeaderView> headers;
  std::string_view body;
};

struct CheckedRequest {
  data::JsonValue path;  // objects by name
  data::JsonValue query;
  data::JsonValue header;  // names as the description has them
  data::JsonValue cookie;
  data::JsonValue querystring;
  data::JsonValue body;           // null if there is none, or it is not looked into
  std::vector<Problem> problems;  // pointers into this: "/query/limit", "/body/lines/0/qty"
};

struct ReceivedResponse {
  int status = 200;
  std::span<const HeaderView> headers;
  std::string_view body;
};

struct CheckedResponse {
  const Response* response = nullptr;  // the one of the description that the status falls under
  data::JsonValue header;
  data::JsonValue body;
  std::vector<Problem> problems;
};

CheckedRequest check_request(const Api& api, const Operation& operation, const ReceivedRequest& request,
                             const CheckOptions& options = {});
CheckedResponse check_response(const Api& api, const Operation& operation, const ReceivedResponse& response,
                               const CheckOptions& options = {});
// A value that is to be the operation's body, against the schema of what would be sent.
std::vector<Problem> check_body(const Api& api, const Operation& operation, const data::JsonValue& body,
                                const CheckOptions& options = {});

// By code, then range, then "default"; nullptr if there is none.
const Response* find_response(const Operation& operation, int status);

// The operation that a request is for; the path is without that of the server. nullptr if there is none.
const Operation* find_operation(const Api& api, std::string_view method, std::string_view path);

}  // namespace linkspan::catalog
