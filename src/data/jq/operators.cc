#include "data/jq/operators.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "data/jq/builtins.h"
#include "data/jq/context.h"
#include "data/json_number.h"
#include "data/json_write.h"

namespace linkspan::data::jq {

JsonValue number(double value) {
  if (std::abs(value) < 0x1p53 && (value != 0 || !std::signbit(value))) {
    const auto integer = static_cast<std::int64_t>(value);
    if (static_cast<double>(integer) == value) return integer;
  }
  return value;
}

std::string_view type_name(const JsonValue& value) {
  return to_string(value.type());
}

namespace {

constexpr std::size_t kExcerptBytes = 29;

// Appends JSON until there is more than enough of it. A level of nesting takes a byte at least, so depth is
// bounded by the length.
void append_some(std::string& out, const JsonValue& value) {
  if (out.size() > kExcerptBytes) return;
  if (value.is_array()) {
    char separator = '[';
    for (const JsonValue& item : value.items()) {
      out += std::exchange(separator, ',');
      append_some(out, item);
      if (out.size() > kExcerptBytes) return;
    }
    out += separator == '[' ? "[]" : "]";
  } else if (value.is_object()) {
    char separator = '{';
    for (const JsonMember& member : value.members()) {
      out += std::exchange(separator, ',');
      append_some(out, member.key);
      out += ':';
      append_some(out, member.value);
      if (out.size() > kExcerptBytes) return;
    }
    out += separator == '{' ? "{}" : "}";
  } else if (value.is_string()) {
    append_json_string(out, value.string().substr(0, kExcerptBytes + 8), {.escape_delete = true});
    if (value.size() > kExcerptBytes + 8) out += ' ';
  } else {
    append_json(out, value);
  }
}

}  // namespace

std::string excerpt(const JsonValue& value) {
  std::string text;
  append_some(text, value);
  if (text.size() <= kExcerptBytes) return text;
  const std::string_view end = value.is_string()   ? "...\""
                               : value.is_array()  ? "...]"
                               : value.is_object() ? "...}"
                                                   : "...";
  std::size_t keep = kExcerptBytes - end.size();
  while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xc0) == 0x80) --keep;
  text.resize(keep);
  return text.append(end);
}

std::string described(const JsonValue& value) {
  return std::string(type_name(value)) + " (" + excerpt(value) + ")";
}

namespace {

int rank(const JsonValue& value) {
  return value.is_null()      ? 0
         : value.is_boolean() ? (value.is_true() ? 2 : 1)
                              : 1 + static_cast<int>(value.type());
}

int compare_numbers(const JsonValue& a, const JsonValue& b) {
  if (a.is_real() || b.is_real()) {
    const double x = a.as_double();
    const double y = b.as_double();
    if (std::isnan(x)) return -1;  // below all, itself included
    return x < y ? -1 : x == y ? 0 : 1;
  }
  const auto order = compare_json_numbers(a, b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

int compare_strings(std::string_view a, std::string_view b) {
  const int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

std::vector<const JsonMember*> sorted(const JsonValue& object) {
  std::vector<const JsonMember*> members;
  members.reserve(object.size());
  for (const JsonMember& member : object.members()) members.push_back(&member);
  std::ranges::sort(members, {}, [](const JsonMember* member) { return member->key.string(); });
  return members;
}

// Two containers of which the parts before `next` are equal.
struct Level {
  const JsonValue* a;
  const JsonValue* b;
  std::vector<const JsonMember*> a_members;
  std::vector<const JsonMember*> b_members;
  std::size_t next = 0;
};

// Of values that are not both arrays or both objects.
int compare_flat(const JsonValue& a, const JsonValue& b) {
  const int a_rank = rank(a);
  const int b_rank = rank(b);
  if (a_rank != b_rank) return a_rank < b_rank ? -1 : 1;
  if (a.is_number()) return compare_numbers(a, b);
  if (a.is_string()) return compare_strings(a.string(), b.string());
  return 0;
}

bool both_nested(const JsonValue& a, const JsonValue& b) {
  return (a.is_array() && b.is_array()) || (a.is_object() && b.is_object());
}

int open_level(std::vector<Level>& levels, const JsonValue& a, const JsonValue& b) {
  Level level{&a, &b, {}, {}};
  if (a.is_object()) {
    level.a_members = sorted(a);
    level.b_members = sorted(b);
    const std::size_t shared = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < shared; ++i) {
      const int order = compare_strings(level.a_members[i]->key.string(), level.b_members[i]->key.string());
      if (order != 0) return order;
    }
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  }
  levels.push_back(std::move(level));
  return 0;
}

}  // namespace

namespace {

// Counts items that are compared.
class Work {
 public:
  explicit Work(Context* context) : context_(context) {}
  bool count() {
    if (++items_ % 64 != 0) return true;
    return context_ != nullptr ? context_->count_steps(16) : items_ < kMaxCompared;
  }

 private:
  Context* context_;
  std::uint64_t items_ = 0;
};

}  // namespace

std::optional<int> compare(const JsonValue& first, const JsonValue& second, Context* context) {
  if (!both_nested(first, second)) return compare_flat(first, second);
  std::vector<Level> levels;
  if (const int order = open_level(levels, first, second); order != 0) return order;
  Work work(context);
  while (!levels.empty()) {
    if (!work.count()) return std::nullopt;
    Level& level = levels.back();
    const std::size_t at = level.next++;
    if (at >= level.a->size() || at >= level.b->size()) {
      if (level.a->size() != level.b->size()) return level.a->size() < level.b->size() ? -1 : 1;
      levels.pop_back();
      continue;
    }
    const JsonValue& a = level.a->is_array() ? level.a->items()[at] : level.a_members[at]->value;
    const JsonValue& b = level.b->is_array() ? level.b->items()[at] : level.b_members[at]->value;
    int order = 0;
    if (!both_nested(a, b)) {
      order = compare_flat(a, b);
    } else {
      if (levels.size() > kMaxNesting) return std::nullopt;
      order = open_level(levels, a, b);
    }
    if (order != 0) return order;
  }
  return 0;
}

std::optional<bool> equals(const JsonValue& first, const JsonValue& second, Context* context) {
  struct Pair {
    const JsonValue* a;
    const JsonValue* b;
    std::uint32_t depth;
  };
  std::vector<Pair> open;
  bool too_deep = false;
  Work work(context);
  const auto visit = [&](const JsonValue& a, const JsonValue& b, std::uint32_t depth) {
    if (!both_nested(a, b)) return compare_flat(a, b) == 0;
    if (a.size() != b.size()) return false;
    too_deep = too_deep || depth > kMaxNesting || !work.count();
    if (!a.is_identical(b)) open.push_back({&a, &b, depth});
    return true;
  };
  if (!visit(first, second, 0)) return false;
  while (!open.empty()) {
    if (too_deep) return std::nullopt;
    const Pair pair = open.back();
    open.pop_back();
    for (std::size_t i = 0; i < pair.a->items().size(); ++i)
      if (!visit(pair.a->items()[i], pair.b->items()[i], pair.depth + 1)) return false;
    for (const JsonMember& member : pair.a->members()) {
      const JsonValue* other = pair.b->find(member.key.string());
      if (other == nullptr || !visit(member.value, *other, pair.depth + 1)) return false;
    }
  }
  if (too_deep) return std::nullopt;
  return true;
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

// Levels at most as deep as jq merges; each level is one small frame.
bool merge(Context& context, JsonValue& left, const JsonValue& right, std::uint32_t depth) {
  if (depth > kMaxNesting) return false;
  for (const JsonMember& member : right.members()) {
    if (!context.count_steps(1) || !context.count_bytes(sizeof(JsonMember))) return false;
    const JsonValue* own = member.value.is_object() ? left.find(member.key.string()) : nullptr;
    if (own == nullptr || !own->is_object()) {
      left.set(member.key, member.value);
      continue;
    }
    JsonValue inner = left.take(member.key.string());
    if (!merge(context, inner, member.value, depth + 1)) return false;
    left.set(member.key, std::move(inner));
  }
  return true;
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
      const auto same = equals(item, other, &context);
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
    if (!context.count_bytes(left.size() + right.size())) return false;
    std::string text;
    text.reserve(left.size() + right.size());
    left = JsonValue(text.append(left.string()).append(right.string()));
  } else if (left.is_array() && right.is_array()) {
    if (!context.count_bytes((left.is_unique() ? right.size() : left.size() + right.size()) *
                             sizeof(JsonValue)))
      return false;
    for (const JsonValue& item : right.items()) left.push_back(item);
  } else if (left.is_object() && right.is_object()) {
    if (!context.count_bytes((left.is_unique() ? right.size() : left.size() + right.size()) *
                             sizeof(JsonMember)))
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
  if (!context.count_bytes((left.size() + right.size()) * sizeof(JsonMember))) return false;
  if (merge(context, left, right, 0)) return true;
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
    const auto same = equals(left, right, &context);
    left = same ? JsonValue(*same == (op == BinaryOperator::equal)) : JsonValue("Equality check too deep");
    return same.has_value();
  }
  const auto order = compare(left, right, &context);
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

namespace {

// A copy without what is nested beyond kMaxNesting. Only for values that have such parts.
void append_cut(std::string& out, const JsonValue& value) {
  struct Open {
    const JsonValue* value;
    std::size_t next = 0;
    JsonMembers::Iterator member;
  };
  std::vector<Open> open;
  const auto begin = [&](const JsonValue& inner) {
    const bool is_nested = inner.is_array() || inner.is_object();
    if (is_nested && open.size() > kMaxNesting) return void(out += "\"<skipped: too deep>\"");
    if (!is_nested || inner.empty()) return append_json(out, inner, {.escape_delete = true});
    out += inner.is_array() ? '[' : '{';
    open.push_back({&inner, 0, inner.members().begin()});
  };
  begin(value);
  while (!open.empty()) {
    Open& last = open.back();
    const bool is_array = last.value->is_array();
    if (last.next == last.value->size()) {
      out += is_array ? ']' : '}';
      open.pop_back();
      continue;
    }
    if (last.next > 0) out += ',';
    const std::size_t at = last.next++;
    if (is_array) {
      begin(last.value->items()[at]);
    } else {
      const JsonMember& member = *last.member;
      ++last.member;
      append_json(out, member.key, {.escape_delete = true});
      out += ':';
      begin(member.value);
    }
  }
}

// What a value's text takes at least, and how deep it is; looks no further than `max_bytes`.
struct Extent {
  std::size_t bytes = 0;
  std::uint32_t depth = 0;
};

Extent extent(const JsonValue& value, std::size_t max_bytes) {
  Extent found;
  std::vector<std::pair<const JsonValue*, std::uint32_t>> open{{&value, 0}};
  while (!open.empty() && found.bytes <= max_bytes) {
    const auto [at, depth] = open.back();
    open.pop_back();
    found.depth = std::max(found.depth, depth);
    const auto visit = [&, deeper = depth + 1](const JsonValue& inner) {
      found.bytes += 2 + (inner.is_string() ? inner.size() : 0);
      if (inner.is_array() || inner.is_object()) open.emplace_back(&inner, deeper);
    };
    for (const JsonValue& item : at->items()) visit(item);
    for (const JsonMember& member : at->members()) {
      found.bytes += member.key.size();
      visit(member.value);
    }
  }
  return found;
}

}  // namespace

bool to_text(Context& context, const JsonValue& value, std::string& out) {
  if (value.is_array() || value.is_object()) {
    const Extent found = extent(value, context.limits().max_memory_bytes);
    if (!context.count_bytes(found.bytes) || !context.count_steps(found.bytes / 16)) return false;
    if (found.depth > kMaxNesting) {
      append_cut(out, value);
      return true;
    }
  }
  append_json(out, value, {.escape_delete = true});
  return true;
}

}  // namespace linkspan::data::jq
