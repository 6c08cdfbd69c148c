#include "data/json_write.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "base/strings.h"
#include "data/json_compare.h"
#include "data/json_text_output.h"

namespace linkspan::data {

namespace {

// Whether a double holds it and its neighbours exactly.
bool is_safe_integer(std::int64_t number) {
  constexpr std::int64_t kMax = std::int64_t{1} << 53;
  return number >= -kMax && number <= kMax;
}

// Units of UTF-16: as code points, but that those above U+FFFF are surrogates there, below U+E000 to U+FFFF.
bool less_utf16(std::string_view a, std::string_view b) {
  const auto [a_at, b_at] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (a_at == a.end() || b_at == b.end()) return a.size() < b.size();
  const auto a_byte = static_cast<unsigned char>(*a_at);
  const auto b_byte = static_cast<unsigned char>(*b_at);
  // The bytes where they part lead characters if either is from 0xee on; then 0xf0 and above sort before.
  if (a_byte >= 0xee && b_byte >= 0xee && (a_byte >= 0xf0) != (b_byte >= 0xf0)) return a_byte >= 0xf0;
  return a_byte < b_byte;
}

constexpr std::size_t kUsualDepth = 8;

// An array or object that is being written, and where in it the writer stands.
struct Level {
  const JsonValue* items = nullptr;  // of an array
  const JsonValue* items_end = nullptr;
  JsonMembers::Iterator member;  // of an object
  JsonMembers::Iterator members_end;
  std::vector<const JsonMember*> sorted;  // of an object with sorted keys
  std::size_t next_sorted = 0;
  bool is_object = false;
  bool first = true;
};

class Writer {
 public:
  Writer(JsonTextOutput& out, const JsonFormat& format) : out_(out), format_(format) {}

  void write(const JsonValue& root) {
    if (root.is_array() || root.is_object()) levels_.reserve(kUsualDepth);
    value(root);
    while (!levels_.empty()) {
      Level& level = levels_.back();
      if (level.is_object) {
        if (const JsonMember* member = next_member(level)) {
          separate(level);
          string(member->key.string());
          out_.put(':');
          if (format_.indent > 0) out_.put(' ');
          value(member->value);
          continue;
        }
      } else if (level.items != level.items_end) {
        const JsonValue& item = *level.items++;
        separate(level);
        value(item);
        continue;
      }
      const char closer = level.is_object ? '}' : ']';
      levels_.pop_back();
      new_line();
      out_.put(closer);
    }
  }

 private:
  // Writes a scalar, or opens an array or object that has something in it.
  void value(const JsonValue& value) {
    switch (value.type()) {
      case JsonType::null:
        return out_.put("null");
      case JsonType::boolean:
        return out_.put(value.boolean() ? "true" : "false");
      case JsonType::number:
        return number(value);
      case JsonType::string:
        return string(value.string());
      case JsonType::array:
        return open_array(value);
      case JsonType::object:
        return open_object(value);
    }
  }

  void open_array(const JsonValue& value) {
    if (value.empty()) return out_.put("[]");
    out_.put('[');
    Level& level = levels_.emplace_back();
    level.items = value.items().data();
    level.items_end = level.items + value.size();
  }

  void open_object(const JsonValue& value) {
    if (value.empty()) return out_.put("{}");
    out_.put('{');
    Level& level = levels_.emplace_back();
    level.is_object = true;
    if (!format_.sort_keys) {
      level.member = value.members().begin();
      level.members_end = value.members().end();
      return;
    }
    level.sorted = sorted_members(value);
    if (!format_.sort_utf16) return;
    std::sort(level.sorted.begin(), level.sorted.end(),
              [](const auto* a, const auto* b) { return less_utf16(a->key.string(), b->key.string()); });
  }

  const JsonMember* next_member(Level& level) const {
    if (format_.sort_keys)
      return level.next_sorted < level.sorted.size() ? level.sorted[level.next_sorted++] : nullptr;
    if (level.member == level.members_end) return nullptr;
    const JsonMember* member = &*level.member;
    ++level.member;
    return member;
  }

  void separate(Level& level) {
    if (!level.first) out_.put(',');
    level.first = false;
    new_line();
  }

  void new_line() {
    if (format_.indent == 0) return;
    out_.put('\n');
    out_.fill(format_.indent_with, format_.indent * levels_.size());
  }

  void number(const JsonValue& value) {
    if (value.is_int64() && (format_.append_number == nullptr || is_safe_integer(value.int64()))) {
      char buffer[24];
      const auto end = std::to_chars(buffer, buffer + sizeof buffer, value.int64()).ptr;
      return out_.put({buffer, end});
    }
    number_.clear();
    if (format_.append_number != nullptr) {
      format_.append_number(number_, value);
    } else {
      append_json_number(number_, value);
    }
    out_.put(number_);
  }

  void string(std::string_view text) { out_.put_string(text, format_.ascii, format_.escape_delete); }

  JsonTextOutput& out_;
  const JsonFormat& format_;
  std::vector<Level> levels_;
  std::string number_;
};

}  // namespace

void append_json(std::string& out, const JsonValue& value, const JsonFormat& format) {
  JsonTextOutput output(&out);
  Writer(output, format).write(value);
  output.flush();
}

std::string write_json(const JsonValue& value, const JsonFormat& format) {
  std::string out;
  append_json(out, value, format);
  return out;
}

std::size_t json_bytes(const JsonValue& value, const JsonFormat& format) {
  JsonTextOutput output(nullptr);
  Writer(output, format).write(value);
  output.flush();
  return output.bytes();
}

void append_json_string(std::string& out, std::string_view text, const JsonFormat& format) {
  JsonTextOutput output(&out);
  output.put_string(text, format.ascii, format.escape_delete);
  output.flush();
}

namespace {

// ECMAScript's Number::toString (ECMA-262 section 6.1.6.1.20) of a finite number other than zero.
void append_ecmascript(std::string& out, double number) {
  char buffer[32];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(number), std::chars_format::scientific).ptr;
  const std::string_view text(buffer, end);
  const std::size_t mark = text.find('e');
  int exponent = 0;  // of the first digit
  const char* const sign = text.data() + mark + 1;
  std::from_chars(*sign == '+' ? sign + 1 : sign, end, exponent);
  std::string_view fraction = text.substr(1, mark - 1);
  if (!fraction.empty()) fraction.remove_prefix(1);
  const auto digits = static_cast<int>(1 + fraction.size());

  if (number < 0) out += '-';
  if (exponent >= 21 || exponent < -6) {
    out += text[0];
    if (digits > 1) (out += '.') += fraction;
    (out += 'e') += exponent < 0 ? '-' : '+';
    append_u64(out, static_cast<std::uint64_t>(std::abs(exponent)));
  } else if (exponent < 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-exponent - 1), '0');
    (out += text[0]) += fraction;
  } else if (digits <= exponent + 1) {
    (out += text[0]) += fraction;
    out.append(static_cast<std::size_t>(exponent + 1 - digits), '0');
  } else {
    out += text[0];
    out += fraction.substr(0, static_cast<std::size_t>(exponent));
    (out += '.') += fraction.substr(static_cast<std::size_t>(exponent));
  }
}

}  // namespace

void append_json_number(std::string& out, const JsonValue& number) {
  switch (number.number_kind()) {
    case JsonNumberKind::int64:
      return append_i64(out, number.int64());
    case JsonNumberKind::uint64:
      return append_u64(out, number.uint64());
    case JsonNumberKind::literal:
      out += number.literal();
      return;
    case JsonNumberKind::real:
      break;
  }
  const double real = number.real();
  if (std::isnan(real)) {
    out += "null";
  } else if (real == 0) {
    out += std::signbit(real) ? "-0" : "0";
  } else if (std::isinf(real)) {
    append_ecmascript(out, std::copysign(std::numeric_limits<double>::max(), real));
  } else {
    append_ecmascript(out, real);
  }
}

}  // namespace linkspan::data
