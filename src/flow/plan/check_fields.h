// Whether the fields that an expression reads are in the descriptions: of the input, and of what the
// operations of the steps before it answer. A name that a schema does not have, though it lists others, is
// taken for a mistake, unless the schema says by `additionalProperties` that there may be more, or the
// expression asks with `?`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.h"
#include "catalog/schema_view.h"
#include "config/flow_config.h"

namespace linkspan::flow {

// What is known of a value.
struct KnownValue {
  std::shared_ptr<const catalog::Api> api;  // null: nothing
  std::vector<catalog::Node> schemas;       // any of them
  bool is_list = false;                     // an array of these
  bool is_answer = false;                   // {status, headers, body}, its body being any of these
};

struct FieldProblem {
  config::Origin origin;
  std::string message;  // `the answer of stock.reserve has no field "idd"; did you mean "id"?`
};

// What an operation answers on success (2xx), as JSON; unknown where it is not described.
KnownValue known_answer(const std::shared_ptr<const catalog::Api>& api, const catalog::Operation& operation);

// `known` is asked for the input ("") and for each variable; `what` names them for the message.
struct FieldScope {
  std::function<KnownValue(std::string_view variable)> known;
  std::function<std::string(std::string_view variable)> what;
};

std::vector<FieldProblem> check_fields(const config::Expression& expression, const FieldScope& scope);

}  // namespace linkspan::flow
