// application/x-www-form-urlencoded, by the rules of the WHATWG URL standard (section 5): names and values,
// in order, names as often as they come. form_json.h makes JSON of them. Pure functions.
//
//   Result<std::vector<FormField>> fields = parse_urlencoded("a=1&b=%C3%A9+x&a=2");
//   std::string body = write_urlencoded(*fields);       // the same again
//
// As browsers do: "+" is a blank, a "%" without two digits behind it stands for itself, "a" is a name with an
// empty value, "&&" is nothing. Otherwise than they do: what is no UTF-8 is refused (errors::form_invalid),
// not replaced. Past a limit: errors::form_too_large.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace linkspan::data {

struct FormField {
  std::string name;
  std::string value;

  bool operator==(const FormField&) const = default;
};

struct UrlencodedLimits {
  std::size_t max_bytes = 8 * 1024 * 1024;  // of the text
  std::size_t max_fields = 10'000;
  std::size_t max_name_bytes = 1024;  // after decoding
  std::size_t max_value_bytes = 1024 * 1024;
};

Result<std::vector<FormField>> parse_urlencoded(std::string_view text, const UrlencodedLimits& limits = {});

// Letters, digits and "*-._" as they are, blanks as "+", all else as %XX.
std::string write_urlencoded(std::span<const FormField> fields);

}  // namespace linkspan::data
