#include "data/schema/describe.h"

#include "data/in_quotes.h"
#include "data/json_write.h"

namespace linkspan::data::schema {

namespace {

constexpr std::size_t kMaxShownBytes = 60;
constexpr std::size_t kMaxChoices = 8;

}  // namespace

std::string counted(std::size_t count, std::string_view singular, std::string_view plural) {
  return std::to_string(count) + " " + std::string(count == 1 ? singular : plural);
}

std::string shown(const JsonValue& value) {
  std::string text;
  if (value.is_string()) {
    text = in_quotes(value.string());
  } else if (value.is_array()) {
    text = value.empty() ? "an empty array" : "an array of " + counted(value.size(), "item", "items");
  } else if (value.is_object()) {
    text =
        value.empty() ? "an empty object" : "an object of " + counted(value.size(), "property", "properties");
  } else {
    append_json(text, value);
    if (text.size() > kMaxShownBytes) text.replace(kMaxShownBytes, std::string::npos, "...");
  }
  return text;
}

std::string kind_words(const JsonValue& value) {
  switch (value.type()) {
    case JsonType::null:
      return "null";
    case JsonType::boolean:
      return "a boolean";
    case JsonType::number:
      return "the number " + shown(value);
    case JsonType::string:
      return "the string " + shown(value);
    case JsonType::array:
    case JsonType::object:
      break;
  }
  return shown(value);
}

std::string type_words(Types types) {
  struct Word {
    Types bits;
    std::string_view word;
  };
  static constexpr Word kWords[] = {{kInteger | kFraction, "a number"},
                                    {kInteger, "an integer"},
                                    {kString, "a string"},
                                    {kBoolean, "a boolean"},
                                    {kArray, "an array"},
                                    {kObject, "an object"},
                                    {kNull, "null"}};
  std::string text;
  for (const auto& [bits, word] : kWords) {
    if ((types & bits) != bits) continue;
    types = static_cast<Types>(types & ~bits);
    if (!text.empty()) text += types == 0 ? " or " : ", ";
    text += word;
  }
  return text;
}

std::string choice_words(const Choices& choices) {
  if (!choices.all->is_array()) return shown(*choices.all);
  const auto items = choices.all->items();
  std::string text = items.size() > 1 ? "one of " : "";
  for (std::size_t i = 0; i < items.size() && i < kMaxChoices; ++i) {
    if (i != 0) text += ", ";
    text += shown(items[i]);
  }
  if (items.size() > kMaxChoices) text += " and " + std::to_string(items.size() - kMaxChoices) + " more";
  if (items.empty()) text = "one of no values at all";
  return text;
}

}  // namespace linkspan::data::schema
