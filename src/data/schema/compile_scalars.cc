// Keywords about single values: types, choices, numbers, strings and sizes.
#include <algorithm>
#include <cmath>
#include <utility>

#include "data/schema/compiler.h"
#include "data/schema/describe.h"

namespace linkspan::data::schema {

namespace {

// 0 for what is no type.
Types type_named(std::string_view name) {
  if (name == "string") return kString;
  if (name == "object") return kObject;
  if (name == "array") return kArray;
  if (name == "integer") return kInteger;
  if (name == "number") return kInteger | kFraction;
  if (name == "boolean") return kBoolean;
  if (name == "null") return kNull;
  return 0;
}

void add_choice(Choices& choices, const JsonValue& value) {
  if (value.is_string()) {
    choices.strings[value.string()] = 1;
  } else {
    choices.others.push_back(&value);
  }
}

// Of a size, which may be written 2.0; beyond what fits, as much as fits.
std::optional<std::size_t> size_of(const JsonValue& value) {
  if (!value.is_number() || value.as_double() < 0) return std::nullopt;
  if (const auto integer = value.to_int64()) return static_cast<std::size_t>(*integer);
  const double number = value.as_double();
  if (number < 1e18 || std::isnan(number)) return std::nullopt;
  return kNoLimit;
}

}  // namespace

Result<void> Compiler::type(const Keyword& keyword) {
  constexpr std::string_view kExpected =
      "the name of a type (null, boolean, integer, number, string, array, object) or a list of such";
  Types types = 0;
  if (keyword.value.is_string()) types = type_named(keyword.value.string());
  for (const JsonValue& item : keyword.value.items()) {
    const Types named = item.is_string() ? type_named(item.string()) : Types{0};
    if (named == 0) return wrong_value(keyword, kExpected);
    types |= named;
  }
  if (types == 0) return wrong_value(keyword, kExpected);
  const JsonValue* nullable = keyword.schema.find("nullable");
  if (nullable != nullptr && nullable->is_true() &&
      keyword.resource.dialect.draft == SchemaDialect::openapi_3_0)
    types |= kNull;
  keyword.node.types = types;
  return {};
}

// `type` looks at it.
Result<void> Compiler::nullable(const Keyword& keyword) {
  if (!keyword.value.is_boolean()) return wrong_value(keyword, "true or false");
  return {};
}

Result<void> Compiler::enumeration(const Keyword& keyword) {
  if (!keyword.value.is_array()) return wrong_value(keyword, "an array");
  Choices& choices = storage_->choices.emplace_back();
  choices.all = &keyword.value;
  for (const JsonValue& item : keyword.value.items()) add_choice(choices, item);
  keyword.node.enumeration = &choices;
  return {};
}

Result<void> Compiler::constant(const Keyword& keyword) {
  Choices& choices = storage_->choices.emplace_back();
  choices.all = &keyword.value;
  add_choice(choices, keyword.value);
  keyword.node.constant = &choices;
  return {};
}

Result<void> Compiler::format(const Keyword& keyword) {
  if (!keyword.value.is_string()) return wrong_value(keyword, "a string");
  const Format format = format_named(keyword.value.string(), keyword.resource.dialect.is_openapi());
  if (format == Format::none) return {};
  if (is_number_format(format)) {
    number(keyword.node).format = format;
  } else {
    string(keyword.node).format = format;
  }
  return {};
}

Result<void> Compiler::read_only(const Keyword& keyword) {
  if (!keyword.value.is_boolean()) return wrong_value(keyword, "true or false");
  (keyword.name == "readOnly" ? keyword.node.read_only : keyword.node.write_only) = keyword.value.is_true();
  return {};
}

Result<void> Compiler::multiple_of(const Keyword& keyword) {
  const auto divisor = MultipleOf::of(keyword.value);
  if (!divisor) return wrong_value(keyword, "a number above 0 of at most 18 digits");
  number(keyword.node).multiple_of = *divisor;
  return {};
}

Result<void> Compiler::bound(const Keyword& keyword) {
  if (!keyword.value.is_number()) return wrong_value(keyword, "a number");
  const bool is_lower = keyword.name == "minimum";
  Bound bound{keyword.value, is_lower, false, keyword.name};
  const SchemaDialect draft = keyword.resource.dialect.draft;
  if (draft == SchemaDialect::draft4 || draft == SchemaDialect::openapi_3_0) {
    const JsonValue* exclusive = keyword.schema.find(is_lower ? "exclusiveMinimum" : "exclusiveMaximum");
    if (exclusive != nullptr && !exclusive->is_boolean()) {
      return invalid_keyword(keyword, std::string(is_lower ? "exclusiveMinimum" : "exclusiveMaximum") +
                                          " beside it must be true or false, is " + shown(*exclusive));
    }
    bound.exclusive = exclusive != nullptr && exclusive->is_true();
  }
  number(keyword.node).bounds.push_back(std::move(bound));
  return {};
}

Result<void> Compiler::bound_exclusive(const Keyword& keyword) {
  if (!keyword.value.is_number()) return wrong_value(keyword, "a number");
  number(keyword.node)
      .bounds.push_back({keyword.value, keyword.name == "exclusiveMinimum", true, keyword.name});
  return {};
}

Result<void> Compiler::size(const Keyword& keyword) {
  const auto size = size_of(keyword.value);
  if (!size) return wrong_value(keyword, "a whole number of at least 0");
  const std::string_view name = keyword.name;
  if (name == "minLength") {
    string(keyword.node).min_length = *size;
  } else if (name == "maxLength") {
    string(keyword.node).max_length = *size;
  } else if (name == "minItems") {
    array(keyword.node).min_items = *size;
  } else if (name == "maxItems") {
    array(keyword.node).max_items = *size;
  } else if (name == "minProperties") {
    object(keyword.node).min_properties = *size;
  } else if (name == "maxProperties") {
    object(keyword.node).max_properties = *size;
  } else if (name == "minContains") {
    array(keyword.node).min_contains = *size;
  } else {
    array(keyword.node).max_contains = *size;
  }
  return {};
}

Result<const Pattern*> Compiler::pattern_of(const Keyword& keyword, std::string_view source) {
  const auto found = patterns_.find(std::string(source));
  if (found != patterns_.end()) return found->second;
  auto pattern = Pattern::compile(source);
  if (!pattern) {
    return invalid_keyword(
        keyword,
        shown(JsonValue(source)) + " is no regular expression that can be used: " + pattern.error().detail());
  }
  storage_->patterns.push_back(std::move(pattern).value());
  patterns_.emplace(source, &storage_->patterns.back());
  return &storage_->patterns.back();
}

Result<void> Compiler::pattern(const Keyword& keyword) {
  if (!keyword.value.is_string()) return wrong_value(keyword, "a string");
  auto pattern = pattern_of(keyword, keyword.value.string());
  if (!pattern) return std::move(pattern).error();
  string(keyword.node).pattern = *pattern;
  return {};
}

Result<void> Compiler::unique_items(const Keyword& keyword) {
  if (!keyword.value.is_boolean()) return wrong_value(keyword, "true or false");
  if (keyword.value.is_true()) array(keyword.node).unique = true;
  return {};
}

}  // namespace linkspan::data::schema
