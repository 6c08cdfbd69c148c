// The pages of a list: what one answer adds, and the request for the next.
//
// Where a link leads to another host, its path and query are asked of the API's own servers: credentials go
// nowhere else. Pure; one thread for an Evaluator.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/json.h"
#include "flow/caller.h"
#include "flow/plan/plan.h"

namespace linkspan::flow {

struct Page {
  data::JsonValue items;              // an array
  std::optional<std::string> target;  // of the next request; none: this was the last
};

// `target` is that of the request, `answer` as in read_answer(), `variables` for the expressions. Errors:
// flow_failed where there are no items, jq_failed, upstream_bad_response for a Link that cannot be read.
Result<Page> read_page(const Paginate& paginate, std::string_view target, const Incoming& message,
                       const data::JsonValue& answer, Evaluator& evaluator,
                       std::span<const data::JsonValue> variables);

// `target` with this one value of the query parameter.
std::string with_query(std::string_view target, std::string_view name, std::string_view value);

}  // namespace linkspan::flow
