#include "data/jq/value_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "data/jq/context.h"
#include "data/json_write.h"

namespace linkspan::data::jq {

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
  } else if (value.is_number() && value.number_kind() == JsonNumberKind::literal) {
    out += value.literal().substr(0, kExcerptBytes + 1);
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

}  // namespace

bool measure_text(Context& context, const JsonValue& value, std::size_t max_bytes, TextExtent& found) {
  found = {2 + value.size(), 0};
  if (!value.is_array() && !value.is_object()) return true;
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
      found.bytes += 3 + member.key.size();
      visit(member.value);
    }
    if (!context.count_steps(1 + at->size() / 4)) return false;
  }
  return true;
}

bool to_text(Context& context, const JsonValue& value, std::string& out) {
  TextExtent extent;
  if (!measure_text(context, value, context.limits().max_memory_bytes, extent) ||
      !context.count_bytes(extent.bytes))
    return false;
  if (extent.depth > kMaxNesting) {
    append_cut(out, value);
  } else {
    append_json(out, value, {.escape_delete = true});
  }
  return true;
}

}  // namespace linkspan::data::jq
