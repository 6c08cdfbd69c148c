#include "data/xml/scalars.h"

#include <optional>
#include <string>

#include "base/strings.h"
#include "data/xml/characters.h"

namespace linkspan::data::xml {

namespace {

std::optional<JsonValue> read_number(std::string_view text) {
  std::string digits;
  if (text.starts_with('-')) digits = "-";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
  if (text.starts_with('.') && text.size() > 1) digits += '0';
  digits += text;
  if (const std::size_t point = digits.find('.');
      point != std::string::npos && point > 0 && is_digit(digits[point - 1]) &&
      (point + 1 == digits.size() || to_lower_ascii(digits[point + 1]) == 'e'))
    digits.erase(point, 1);
  return JsonValue::number(digits);
}

}  // namespace

JsonValue read_scalar(std::string_view text, unsigned types) {
  if ((types & ShapeTypes::kString) != 0) return text;
  const std::string_view word = trim_blanks(text);
  if (word.empty() && (types & ShapeTypes::kNull) != 0) return {};
  if ((types & (ShapeTypes::kInteger | ShapeTypes::kNumber)) != 0)
    if (auto number = read_number(word)) return std::move(*number);
  if ((types & ShapeTypes::kBoolean) != 0) {
    if (word == "true" || word == "1") return true;
    if (word == "false" || word == "0") return false;
  }
  return text;
}

}  // namespace linkspan::data::xml
