#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/strings.h"
#include "data/yaml.h"

namespace linkspan::data {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

std::size_t digits_at(std::string_view text, std::size_t from) {
  std::size_t at = from;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at - from;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?   (YAML 1.2.2 section 10.3.2)
bool is_core_float(std::string_view text) {
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const std::size_t whole = digits_at(text, at);
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits_at(text, at + 1);
    if (whole == 0 && fraction == 0) return false;
    at += 1 + fraction;
  } else if (whole == 0) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const std::size_t exponent = digits_at(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

std::optional<double> special_float(std::string_view text) {
  if (is_one_of(text, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (!is_one_of(text, {".inf", ".Inf", ".INF"})) return std::nullopt;
  const double infinity = std::numeric_limits<double>::infinity();
  return negative ? -infinity : infinity;
}

// The magnitude of an integer of the core schema; `fits` is false if it is one but exceeds 64 bits.
struct Magnitude {
  bool is_integer = false;
  bool fits = false;
  bool negative = false;
  std::uint64_t value = 0;
};

Magnitude parse_magnitude(std::string_view text) {
  Magnitude result;
  int radix = 10;
  if (text.starts_with("0o")) {
    radix = 8;
    text.remove_prefix(2);
  } else if (text.starts_with("0x")) {
    radix = 16;
    text.remove_prefix(2);
  } else if (text.starts_with('-') || text.starts_with('+')) {
    result.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return result;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result.value, radix);
  result.is_integer = end == text.data() + text.size() && error != std::errc::invalid_argument;
  result.fits = result.is_integer && error == std::errc();
  return result;
}

double to_double(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  // from_chars leaves the value alone when out of range; zero if the exponent is negative, else infinity.
  const std::size_t exponent = text.find_first_of("eE");
  const bool tiny = exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-');
  const double magnitude = tiny ? 0.0 : std::numeric_limits<double>::infinity();
  return text.starts_with('-') ? -magnitude : magnitude;
}

double radix_to_double(std::string_view text) {
  const bool octal = text.starts_with("0o");
  double value = 0;
  for (char c : text.substr(2)) {
    const int digit = is_digit(c) ? c - '0' : to_lower_ascii(c) - 'a' + 10;
    value = value * (octal ? 8 : 16) + digit;
  }
  return value;
}

}  // namespace

YamlNode YamlNode::string(std::string_view text, YamlPosition position) {
  YamlNode node;
  node.data_ = text.data();
  node.size_ = static_cast<std::uint32_t>(text.size());
  node.file_ = static_cast<std::uint16_t>(position.file);
  node.line_ = position.line;
  node.column_ = position.column;
  node.kind_ = Kind::string;
  return node;
}

YamlNode YamlNode::plain_scalar(std::string_view text, YamlPosition position) {
  YamlNode node = string(text, position);
  if (text.empty() || is_one_of(text, {"~", "null", "Null", "NULL"})) {
    node.kind_ = Kind::null;
    return node;
  }
  const bool is_true = is_one_of(text, {"true", "True", "TRUE"});
  if (is_true || is_one_of(text, {"false", "False", "FALSE"})) {
    node.kind_ = Kind::boolean;
    node.value_.boolean = is_true;
    return node;
  }
  if (!is_digit(text[0]) && text[0] != '-' && text[0] != '+' && text[0] != '.') return node;

  constexpr std::uint64_t kInt64Max = std::numeric_limits<std::int64_t>::max();
  const Magnitude magnitude = parse_magnitude(text);
  if (magnitude.fits && magnitude.value <= kInt64Max + (magnitude.negative ? 1 : 0)) {
    node.kind_ = Kind::integer;
    node.value_.integer =
        static_cast<std::int64_t>(magnitude.negative ? 0 - magnitude.value : magnitude.value);
  } else if (magnitude.fits && !magnitude.negative) {
    node.kind_ = Kind::unsigned_integer;
    node.value_.unsigned_integer = magnitude.value;
  } else if (is_core_float(text)) {
    node.kind_ = Kind::real;
    node.value_.real = to_double(text);
  } else if (magnitude.is_integer) {
    node.kind_ = Kind::real;
    node.value_.real = radix_to_double(text);
  } else if (const std::optional<double> special = special_float(text)) {
    node.kind_ = Kind::real;
    node.value_.real = *special;
  }
  return node;
}

YamlNode YamlNode::sequence(std::span<const YamlNode> items, YamlPosition position) {
  YamlNode node = string({}, position);
  node.data_ = items.data();
  node.size_ = static_cast<std::uint32_t>(items.size());
  node.kind_ = Kind::sequence;
  return node;
}

YamlNode YamlNode::mapping(std::span<const YamlEntry> entries, YamlPosition position) {
  YamlNode node = string({}, position);
  node.data_ = entries.data();
  node.size_ = static_cast<std::uint32_t>(entries.size());
  node.kind_ = Kind::mapping;
  return node;
}

std::string_view YamlNode::text() const {
  if (!is_scalar()) return {};
  return {static_cast<const char*>(data_), size_};
}

std::span<const YamlNode> YamlNode::items() const {
  if (!is_sequence()) return {};
  return {static_cast<const YamlNode*>(data_), size_};
}

std::span<const YamlEntry> YamlNode::entries() const {
  if (!is_mapping()) return {};
  return {static_cast<const YamlEntry*>(data_), size_};
}

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const YamlEntry& entry : entries()) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

}  // namespace linkspan::data
