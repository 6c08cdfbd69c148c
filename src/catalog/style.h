// Values of parameters as text and back, by `style` and `explode` (RFC 6570, and what OpenAPI adds to it).
//
// Writing fails, with words, where the text would be read as something else: arrays in arrays, a comma in an
// item of a header. Reading takes text apart by the style and types its parts by the schema: "7" is a number
// where the schema says so. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "catalog/model.h"
#include "catalog/schema_view.h"

namespace linkspan::catalog {

// How one value is written; of a parameter, or of a property in a form.
struct Spelling {
  std::string_view name;
  Style style = Style::form;
  bool explode = true;
  bool allow_reserved = false;
  bool is_form = false;  // a blank may be "+" when read
};
Spelling spelling_of(const Parameter& parameter);

// Names and values as they stand between "&", percent-encoded.
using EncodedPairs = std::vector<std::pair<std::string, std::string>>;

// Cuts a query or form at "&" and "=".
EncodedPairs split_pairs(std::string_view query);
std::string join_pairs(const EncodedPairs& pairs);

// simple, label and matrix in paths.
Result<std::string> write_path_value(const Spelling& spelling, const data::JsonValue& value);
// simple in headers: nothing is percent-encoded.
Result<std::string> write_header_value(const Spelling& spelling, const data::JsonValue& value);
// form, the delimited ones and deepObject in queries and forms; adds to `pairs`.
Result<void> write_query_value(const Spelling& spelling, const data::JsonValue& value, EncodedPairs& pairs);
// form and cookie; adds "name=value" to `cookies`.
Result<void> write_cookie_value(const Spelling& spelling, const data::JsonValue& value,
                                std::vector<std::string>& cookies);

// A text as the value that the schemas (all of them) ask for, else as a string.
data::JsonValue typed_value(const SchemaView& view, const std::vector<Node>& schemas, std::string_view text);

data::JsonValue read_path_value(const Spelling& spelling, const SchemaView& view, const Node& schema,
                                std::string_view text);
data::JsonValue read_header_value(const Spelling& spelling, const SchemaView& view, const Node& schema,
                                  std::string_view text);
// Takes what belongs to the name out of `pairs`, marking it in `used`; nullopt if nothing does.
std::optional<data::JsonValue> read_query_value(const Spelling& spelling, const SchemaView& view,
                                                const Node& schema, const EncodedPairs& pairs,
                                                std::vector<bool>& used);

}  // namespace linkspan::catalog
