#include "data/jq/operators.h"

#include <cmath>
#include <utility>
#include <vector>

#include "data/jq/builtins.h"
#include "data/jq/context.h"
#include "data/jq/order.h"
#include "data/jq/value_text.h"

namespace linkspan::data::jq {

JsonValue number(double value) {
  if (std::abs(value) < 0x1p53 && (value != 0 || !std::signbit(value))) {
    const auto integer = static_cast<std::int64_t>(value);
    if (static_cast<double>(integer) == value) return integer;
  }
  return value;
}

bool negate(JsonValue& value) {
  if (!value.is_number()) {
    value = described(value) + " cannot be negated";
    return false;
  }
  if (value.is_int64() && value.int64() != INT64_MIN && value.int64() != 0) {
    value = -value.int64();
  } else if (value.number_kind() == JsonNumberKind::literal) {
    const std::string text(value.literal());
    value = *JsonValue::number(text[0] == '-' ? text.substr(1) : "-" + text);
  } else if (value.number_kind() == JsonNumberKind::uint64) {
    value = *JsonValue::number("-" + std::to_string(value.uint64()));
  } else {
    value = number(-value.as_double());
  }
  return true;
}

namespace {

// Objects of which the members before `next` are merged.
struct Merge {
  JsonValue into;
  const JsonValue* from;
  JsonMembers::Iterator next;
};

// False if nested too deeply, or if a limit is passed.
bool merge(Context& context, JsonValue& left, const JsonValue& right) {
  std::vector<Merge> open;
  open.push_back({std::move(left), &right, right.members().begin()});
  if (!context.count_change(open[0].into)) return false;
  while (true) {
    Merge& last = open.back();
    if (last.next == last.from->members().end()) {
      JsonValue merged = std::move(last.into);
      open.pop_back();
      if (open.empty()) {
        left = std::move(merged);
        return true;
      }
      open.back().into.set(open.back().next->key, std::move(merged));
      ++open.back().next;
      continue;
    }
    if (!context.count_steps(1) || !context.count_bytes(sizeof(JsonMember))) return false;
    const JsonMember& member = *last.next;
    const JsonValue* own = member.value.is_object() ? last.into.find(member.key.string()) : nullptr;
    if (own == nullptr || !own->is_object()) {
      last.into.set(member.key, member.value);
      ++last.next;
      continue;
    }
    if (open.size() > kMaxNesting) return false;
    Merge inner{last.into.take(member.key.string()), &member.value, member.value.members().begin()};
    if (!context.count_change(inner.into)) return false;
    open.push_back(std::move(inner));
  }
}

bool repeat(Context& context, JsonValue& left, const JsonValue& text, double times) {
  constexpr double kMaxBytes = 536'870'911;
  if (!(times >= 0)) {
    left = JsonValue();
    return true;
  }
  const double count = std::floor(times);
  if (count * static_cast<double>(text.size()) > kMaxBytes) {
    left = "Repeat string result too long";
    return false;
  }
  const std::string_view part = text.string();
  std::string out;
  if (!part.empty() && count > 0) {
    const std::size_t bytes = part.size() * static_cast<std::size_t>(count);
    if (!context.count_bytes(bytes)) return false;
    out.reserve(bytes);
    while (out.size() < bytes) out += part;
  }
  left = out;
  return true;
}

bool divide(JsonValue& left, const JsonValue& right) {
  if (right.as_double() == 0) {
    left = described(left) + " and " + described(right) + " cannot be divided because the divisor is zero";
    return false;
  }
  left = number(left.as_double() / right.as_double());
  return true;
}

std::int64_t to_integer(double value) {
  if (value >= 0x1p63) return INT64_MAX;
  if (value <= -0x1p63) return INT64_MIN;
  return static_cast<std::int64_t>(value);
}

bool remainder(JsonValue& left, const JsonValue& right) {
  const double a = left.as_double();
  const double b = right.as_double();
  if (std::isnan(a) || std::isnan(b)) {
    left = std::nan("");
    return true;
  }
  const std::int64_t divisor = to_integer(b);
  if (divisor == 0) {
    left = described(left) + " and " + described(right) +
           " cannot be divided (remainder) because the divisor is zero";
    return false;
  }
  const std::uint64_t magnitude =
      divisor < 0 ? 0 - static_cast<std::uint64_t>(divisor) : static_cast<std::uint64_t>(divisor);
  const std::int64_t dividend = to_integer(a);
  const std::uint64_t rest =
      (dividend < 0 ? 0 - static_cast<std::uint64_t>(dividend) : static_cast<std::uint64_t>(dividend)) %
      magnitude;
  left = dividend < 0 ? number(-static_cast<double>(rest)) : number(static_cast<double>(rest));
  if (left.is_real() && left.real() == 0) left = 0;
  return true;
}

bool subtract_items(Context& context, JsonValue& left, const JsonValue& right) {
  JsonArrayBuilder kept;
  for (const JsonValue& item : left.items()) {
    bool found = false;
    for (const JsonValue& other : right.items()) {
      const auto same = equals(context, item, other);
      if (!context.count_steps(1)) return false;
      if (!same) {
        left = "Equality check too deep";
        return false;
      }
      found = *same;
      if (found) break;
    }
    if (!found) kept.add(item);
  }
  left = kept.build();
  return true;
}

bool refuse(JsonValue& left, const JsonValue& right, std::string_view what) {
  left = described(left) + " and " + described(right) + " cannot be " + std::string(what);
  return false;
}

bool add(Context& context, JsonValue& left, const JsonValue& right) {
  if (right.is_null()) return true;
  if (left.is_null()) {
    left = right;
  } else if (left.is_number() && right.is_number()) {
    left = number(left.as_double() + right.as_double());
  } else if (left.is_string() && right.is_string()) {
    const std::size_t copied = left.is_unique() ? 0 : left.size();
    if (!context.count_text(copied + right.size()) || !context.count_bytes(left.append_bytes(right.size())))
      return false;
    left.append(right.string());
  } else if (left.is_array() && right.is_array()) {
    if (!context.count_change(left) || !context.count_bytes(right.size() * sizeof(JsonValue))) return false;
    for (const JsonValue& item : right.items()) left.push_back(item);
  } else if (left.is_object() && right.is_object()) {
    if (!context.count_change(left) || !context.count_steps(right.size()) ||
        !context.count_bytes(right.size() * sizeof(JsonMember)))
      return false;
    for (const JsonMember& member : right.members()) left.set(member.key, member.value);
  } else {
    return refuse(left, right, "added");
  }
  return true;
}

bool multiply(Context& context, JsonValue& left, const JsonValue& right) {
  if (left.is_number() && right.is_number()) {
    left = number(left.as_double() * right.as_double());
    return true;
  }
  if (left.is_string() && right.is_number()) return repeat(context, left, JsonValue(left), right.as_double());
  if (left.is_number() && right.is_string()) return repeat(context, left, right, left.as_double());
  if (!left.is_object() || !right.is_object()) return refuse(left, right, "multiplied");
  if (merge(context, left, right)) return true;
  left = "Object merge too deep";
  return false;
}

bool arithmetic(Context& context, BinaryOperator op, JsonValue& left, const JsonValue& right) {
  const bool numbers = left.is_number() && right.is_number();
  switch (op) {
    case BinaryOperator::plus:
      return add(context, left, right);
    case BinaryOperator::minus:
      if (numbers) {
        left = number(left.as_double() - right.as_double());
        return true;
      }
      if (left.is_array() && right.is_array()) return subtract_items(context, left, right);
      return refuse(left, right, "subtracted");
    case BinaryOperator::multiply:
      return multiply(context, left, right);
    case BinaryOperator::divide:
      if (numbers) return divide(left, right);
      if (left.is_string() && right.is_string()) {
        if (!context.count_text(left.size())) return false;
        JsonValue values[] = {left, right};
        const bool ok = natives()[find_native("split", 1)].function(context, std::span<JsonValue>(values, 2));
        left = std::move(values[0]);
        return ok;
      }
      return refuse(left, right, "divided");
    default:
      return numbers ? remainder(left, right) : refuse(left, right, "divided");
  }
}

}  // namespace

bool apply(Context& context, BinaryOperator op, JsonValue& left, const JsonValue& right) {
  if (op < BinaryOperator::equal) return arithmetic(context, op, left, right);
  if (op == BinaryOperator::equal || op == BinaryOperator::unequal) {
    const auto same = equals(context, left, right);
    left = same ? JsonValue(*same == (op == BinaryOperator::equal)) : JsonValue("Equality check too deep");
    return same.has_value();
  }
  const auto order = compare(context, left, right);
  if (!order) {
    left = "Comparison too deep";
    return false;
  }
  switch (op) {
    case BinaryOperator::less:
      left = *order < 0;
      break;
    case BinaryOperator::less_equal:
      left = *order <= 0;
      break;
    case BinaryOperator::greater:
      left = *order > 0;
      break;
    default:
      left = *order >= 0;
  }
  return true;
}

}  // namespace linkspan::data::jq
