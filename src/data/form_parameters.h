// Header field values of the form `value; name=text; other="quoted text"` (RFC 2045 section 5.1), as
// Content-Type and Content-Disposition have them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::data {

struct ParameterizedValue {
  struct Parameter {
    std::string_view name;
    std::string text;  // without quotes and escapes
    bool is_quoted = false;
  };

  std::string_view value;
  std::vector<Parameter> parameters;  // in order, each name once (names ignore case)

  // nullptr if there is none. The name ignores case.
  const Parameter* find(std::string_view name) const;
};

// nullopt if it is malformed, has a control character or a parameter twice. A backslash escapes a quote or a
// backslash and is itself before anything else, since browsers write file names with backslashes as they are.
std::optional<ParameterizedValue> parse_parameters(std::string_view text);

// Letters, digits and some signs: RFC 9110 section 5.6.2.
bool is_token(std::string_view text);

}  // namespace linkspan::data
