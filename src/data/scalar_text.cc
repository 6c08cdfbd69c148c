#include "data/scalar_text.h"

#include "data/json_write.h"

namespace linkspan::data {

std::optional<std::string> scalar_text(const JsonValue& value) {
  switch (value.type()) {
    case JsonType::null:
      return std::string();
    case JsonType::boolean:
      return std::string(value.boolean() ? "true" : "false");
    case JsonType::number: {
      std::string text;
      append_json_number(text, value);
      return text;
    }
    case JsonType::string:
      return std::string(value.string());
    default:
      return std::nullopt;
  }
}

}  // namespace linkspan::data
