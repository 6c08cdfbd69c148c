#include "data/schema/check.h"

#include <algorithm>
#include <cmath>

#include "data/json_compare.h"
#include "data/json_number.h"
#include "data/json_pointer.h"
#include "data/json_write.h"
#include "data/schema/describe.h"
#include "data/schema/unique.h"

namespace linkspan::data::schema {

namespace {

constexpr std::uint32_t kMaxDepth = 2000;

bool is_integer(const JsonValue& number, bool exact) {
  switch (number.number_kind()) {
    case JsonNumberKind::int64:
    case JsonNumberKind::uint64:
      return true;
    case JsonNumberKind::real:
      return !exact && std::isfinite(number.real()) && number.real() == std::trunc(number.real());
    case JsonNumberKind::literal:
      break;
  }
  const std::string_view text = number.literal();
  if (exact) return text.find_first_of(".eE") == std::string_view::npos;
  const JsonDecimal decimal = JsonDecimal::from(text);
  return decimal.exponent >= static_cast<std::int64_t>(decimal.digits.size());
}

bool has_type(const Node& node, const JsonValue& value) {
  switch (value.type()) {
    case JsonType::null:
      return (node.types & kNull) != 0;
    case JsonType::boolean:
      return (node.types & kBoolean) != 0;
    case JsonType::number:
      if ((node.types & kInteger) == 0) return false;
      return (node.types & kFraction) != 0 || is_integer(value, node.exact_integers);
    case JsonType::string:
      return (node.types & kString) != 0;
    case JsonType::array:
      return (node.types & kArray) != 0;
    case JsonType::object:
      break;
  }
  return (node.types & kObject) != 0;
}

bool is_within(const Bound& bound, const JsonValue& value) {
  const std::strong_ordering order = compare_json_numbers(value, bound.value);
  if (order == 0) return !bound.exclusive;
  return (order > 0) == bound.is_lower;
}

std::string bound_words(const Bound& bound, const JsonValue& value) {
  const std::string_view words = bound.is_lower ? (bound.exclusive ? "must be above " : "must be at least ")
                                                : (bound.exclusive ? "must be below " : "must be at most ");
  return std::string(words) + shown(bound.value) + ", is " + shown(value);
}

}  // namespace

Run::Run(const SchemaCheck& check)
    : options(check), steps(check.max_steps), depth_left(std::min(check.max_depth, kMaxDepth)) {}

std::string Place::pointer(const Place* place) {
  std::vector<const Place*> way;
  for (; place != nullptr; place = place->outer) way.push_back(place);
  std::string text;
  std::for_each(way.rbegin(), way.rend(), [&](const Place* step) {
    if (step->index != kNoLimit) {
      append_pointer_token(text, step->index);
    } else {
      append_pointer_token(text, step->key);
    }
  });
  return text;
}

template <bool kCollect>
bool Checker<kCollect>::apply(const Node& node, const JsonValue& value, const Place* place,
                              const Scope& scope, Evaluated* evaluated) {
  if (!run_.spend(1)) return false;
  if (run_.depth_left == 0) return run_.stop(Limit::depth);
  if constexpr (kCollect) {
    if (problems_->is_full()) return false;
  }
  --run_.depth_left;
  bool valid;
  if (node.resource == scope.resource) [[likely]] {
    valid = apply_rules(node, value, place, scope, evaluated);
  } else {
    const Scope inner{&scope, node.resource};
    valid = apply_rules(node, value, place, inner, evaluated);
  }
  ++run_.depth_left;
  return valid;
}

template <bool kCollect>
bool Checker<kCollect>::apply_rules(const Node& node, const JsonValue& value, const Place* place,
                                    const Scope& scope, Evaluated* evaluated) {
  if (node.types != kAnyType && !has_type(node, value)) {
    return fail(node, "type", place,
                [&] { return "must be " + type_words(node.types) + ", is " + kind_words(value); });
  }
  if (node.never) return fail(node, "", place, [&] { return "must not be there: the schema is false"; });
  bool valid = true;
  if (node.enumeration != nullptr) {
    valid &= check_choice(node, *node.enumeration, "enum", value, place);
    if (!valid && !goes_on()) return false;
  }
  if (node.constant != nullptr) {
    valid &= check_choice(node, *node.constant, "const", value, place);
    if (!valid && !goes_on()) return false;
  }
  if (node.unevaluated != nullptr && (value.is_array() || value.is_object())) [[unlikely]] {
    Evaluated own(value.size());
    const bool rest_valid = apply_by_type(node, value, place, scope, &own);
    // After a failure what is left over says little.
    valid &= rest_valid && check_unevaluated(node, value, place, scope, own);
    if (evaluated != nullptr) {
      const bool all =
          value.is_array() ? node.unevaluated->items != nullptr : node.unevaluated->properties != nullptr;
      if (all) own.set_all();
      evaluated->merge(own);
    }
    return valid;
  }
  return apply_by_type(node, value, place, scope, evaluated) && valid;
}

template <bool kCollect>
bool Checker<kCollect>::apply_by_type(const Node& node, const JsonValue& value, const Place* place,
                                      const Scope& scope, Evaluated* evaluated) {
  bool valid = true;
  switch (value.type()) {
    case JsonType::number:
      if (node.number != nullptr) valid = check_number(node, value, place);
      break;
    case JsonType::string:
      if (node.string != nullptr) valid = check_string(node, value, place);
      break;
    case JsonType::array:
      if (node.array != nullptr) valid = check_array(node, value, place, scope, evaluated);
      break;
    case JsonType::object:
      if (node.object != nullptr) valid = check_object(node, value, place, scope, evaluated);
      break;
    default:
      break;
  }
  if (node.in_place == nullptr || (!valid && !goes_on())) return valid;
  return check_in_place(node, value, place, scope, evaluated) && valid;
}

template <bool kCollect>
bool Checker<kCollect>::check_number(const Node& node, const JsonValue& value, const Place* place) {
  const NumberRules& rules = *node.number;
  if (value.number_kind() == JsonNumberKind::literal && !run_.spend(value.literal().size() / 16))
    return false;
  bool valid = true;
  for (const Bound& bound : rules.bounds) {
    if (is_within(bound, value)) continue;
    valid = fail(node, bound.keyword, place, [&] { return bound_words(bound, value); });
    if (!goes_on()) return false;
  }
  if (rules.multiple_of.is_set() && !rules.multiple_of.divides(value)) {
    valid = fail(node, "multipleOf", place, [&] {
      return "must be a multiple of " + shown(*node.source->find("multipleOf")) + ", is " + shown(value);
    });
    if (!goes_on()) return false;
  }
  if (rules.format != Format::none && (run_.options.assert_formats || node.assert_formats) &&
      !matches_number_format(rules.format, value)) {
    valid = fail(node, "format", place,
                 [&] { return "must fit " + std::string(name_of(rules.format)) + ", is " + shown(value); });
  }
  return valid;
}

template <bool kCollect>
bool Checker<kCollect>::check_string(const Node& node, const JsonValue& value, const Place* place) {
  const StringRules& rules = *node.string;
  const std::string_view text = value.string();
  if (!run_.spend(text.size() / 64)) return false;
  bool valid = true;
  // A character has one to four bytes, so mostly the bytes tell already.
  if (text.size() < rules.min_length ||
      (text.size() / 4 < rules.min_length && code_points(text) < rules.min_length)) {
    valid = fail(node, "minLength", place, [&] {
      return "must have at least " + counted(rules.min_length, "character", "characters") + ", has " +
             std::to_string(code_points(text));
    });
    if (!goes_on()) return false;
  }
  if (text.size() > rules.max_length && code_points(text) > rules.max_length) {
    valid = fail(node, "maxLength", place, [&] {
      return "must have at most " + counted(rules.max_length, "character", "characters") + ", has " +
             std::to_string(code_points(text));
    });
    if (!goes_on()) return false;
  }
  if (rules.pattern != nullptr) {
    const Pattern::Found found = rules.pattern->search(text, run_.steps);
    if (found == Pattern::Found::given_up) return run_.stop(Limit::pattern);
    if (found == Pattern::Found::no) {
      valid = fail(node, "pattern", place, [&] {
        return "must match the pattern " + shown(rules.pattern->source()) + ", is " + shown(value);
      });
      if (!goes_on()) return false;
    }
  }
  if (rules.format != Format::none && (run_.options.assert_formats || node.assert_formats) &&
      !matches_format(rules.format, text, run_.steps)) {
    valid = fail(node, "format", place, [&] {
      return "must have the format " + std::string(name_of(rules.format)) + ", is " + shown(value);
    });
  }
  return valid;
}

template <bool kCollect>
bool Checker<kCollect>::check_choice(const Node& node, const Choices& choices, std::string_view keyword,
                                     const JsonValue& value, const Place* place) {
  bool found = false;
  std::size_t probes = 0;
  if (value.is_string()) {
    found = choices.strings.find(value.string(), probes) != nullptr;
  } else {
    const bool container = value.is_array() || value.is_object();
    for (const JsonValue* choice : choices.others) {
      ++probes;
      if (choice->type() != value.type() || (container && choice->size() != value.size())) continue;
      if (container && !run_.spend(count_values(*choice, 1000))) return false;
      found = *choice == value;
      if (found) break;
    }
  }
  if (!run_.spend(probes)) return false;
  return found || fail(node, keyword, place,
                       [&] { return "must be " + choice_words(choices) + ", is " + shown(value); });
}

template class Checker<true>;
template class Checker<false>;

}  // namespace linkspan::data::schema
