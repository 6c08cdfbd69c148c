// Examples: a value for any schema, and whole requests and responses.
//
//   ExampleMaker maker(*api, {.seed = 7});
//   Result<JsonValue> order = maker.value(view.node_of(*media.schema), SchemaDirection::request);
//
// What the description offers comes first where it is valid: `example`, `examples`, `const`, `enum`,
// `default`. The rest is made up: by type, format, bounds and pattern, `oneOf` and `anyOf` by trying one
// after the other, `allOf` by putting together, recursion ended where it may end. What is returned is valid
// by its schema, formats included; errors::example_failed says that nothing valid was found. The same seed
// gives the same example.
//
// One thread at a time; the Api must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "catalog/build_request.h"
#include "catalog/model.h"
#include "catalog/schema_view.h"
#include "data/schema/schema.h"

namespace linkspan::catalog {

struct ExampleOptions {
  std::uint64_t seed = 0;
  unsigned max_optional_depth = 4;  // optional properties deeper than this are left out
  unsigned max_depth = 24;
  std::size_t max_values = 5'000;  // made in one call, attempts included
};

class ExampleMaker {
 public:
  explicit ExampleMaker(const Api& api, const ExampleOptions& options = {});

  Result<data::JsonValue> value(const Node& schema, data::SchemaDirection direction);

  // All that an operation can be given, required or not. In `problems` what could not be made.
  RequestArguments arguments(const Operation& operation, std::vector<Problem>& problems);

  // A body of a media type: one of its examples if that is valid, else one of its schema.
  Result<data::JsonValue> body(const MediaType& media, data::SchemaDirection direction);

 private:
  Result<data::JsonValue> own_or_made(const std::optional<Schema>& schema,
                                      const std::vector<Example>& examples, data::SchemaDirection direction);
  void add_argument(const Parameter& parameter, RequestArguments& arguments, std::vector<Problem>& problems);

  const Api& api_;
  SchemaView view_;
  ExampleOptions options_;
};

struct ExampleResponse {
  std::string status;
  HeaderFields headers;
  std::string body;
  std::vector<Problem> problems;
};

// A request with all that it may have; responses of all statuses and media types.
BuiltRequest example_request(const Api& api, const Operation& operation, const ExampleOptions& options = {});
std::vector<ExampleResponse> example_responses(const Api& api, const Operation& operation,
                                               const ExampleOptions& options = {});

}  // namespace linkspan::catalog
