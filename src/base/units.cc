#include "base/units.h"

#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t scale;
};

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kDay = 86'400 * kSecond;
// Largest first, so that the first unit that divides a value gives its shortest text.
constexpr std::array<Unit, 8> kDurationUnits = {{{"w", 7 * kDay},
                                                 {"d", kDay},
                                                 {"h", 3600 * kSecond},
                                                 {"m", 60 * kSecond},
                                                 {"s", kSecond},
                                                 {"ms", 1'000'000},
                                                 {"us", 1'000},
                                                 {"ns", 1}}};
constexpr std::array<Unit, 9> kByteUnits = {{{"TiB", 1ULL << 40},
                                             {"TB", 1'000'000'000'000},
                                             {"GiB", 1ULL << 30},
                                             {"GB", 1'000'000'000},
                                             {"MiB", 1ULL << 20},
                                             {"MB", 1'000'000},
                                             {"KiB", 1ULL << 10},
                                             {"kB", 1'000},
                                             {"B", 1}}};
constexpr std::array<Unit, 6> kRatePeriods = {{{"month", 30 * kDay},
                                               {"w", 7 * kDay},
                                               {"d", kDay},
                                               {"h", 3600 * kSecond},
                                               {"min", 60 * kSecond},
                                               {"s", kSecond}}};

constexpr std::string_view kDurationExpected =
    "expected a number and a unit, such as 250ms, 5s, 2m, 26h or 7d";
constexpr std::string_view kBytesExpected = "expected a number and a unit, such as 512B, 64KiB or 10MiB";
constexpr std::string_view kRateExpected =
    "expected a count per period, such as 50/s, 1000/min, 10/h or 5/10s";
constexpr std::string_view kPercentageExpected =
    "expected a number from 0 to 100 with a percent sign, such as 20%";

Error not_valid(std::string_view text, std::string_view what, std::string_view expected) {
  std::string detail = "\"";
  detail.append(text).append("\" is not a ").append(what).append("; ").append(expected);
  return Error(errors::config_invalid, std::move(detail));
}

Error too_large(std::string_view text, std::string_view what) {
  std::string detail = "\"";
  detail.append(text).append("\" is too large for a ").append(what);
  return Error(errors::config_invalid, std::move(detail));
}

template <std::size_t n>
const Unit* find_unit(const std::array<Unit, n>& units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// Takes leading characters while `wanted` holds.
template <typename Predicate>
std::string_view take_while(std::string_view& rest, Predicate wanted) {
  std::size_t size = 0;
  while (size < rest.size() && wanted(rest[size])) ++size;
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return taken;
}

std::string with_unit(std::uint64_t count, std::string_view unit) {
  std::string text;
  append_u64(text, count);
  return text.append(unit);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration(0);
  if (text.empty()) return not_valid(text, "duration", kDurationExpected);
  std::uint64_t total = 0;
  std::uint64_t last_scale = std::numeric_limits<std::uint64_t>::max();
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view digits = take_while(rest, is_digit);
    const Unit* unit = find_unit(kDurationUnits, take_while(rest, is_alpha));
    if (digits.empty() || unit == nullptr || unit->scale >= last_scale) {
      return not_valid(text, "duration", kDurationExpected);
    }
    last_scale = unit->scale;
    const std::optional<std::uint64_t> count = parse_u64(digits);
    std::uint64_t part = 0;
    if (!count || __builtin_mul_overflow(*count, unit->scale, &part) ||
        __builtin_add_overflow(total, part, &total) ||
        total > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return too_large(text, "duration");
    }
  }
  return Duration(static_cast<std::int64_t>(total));
}

std::string format_duration(Duration value) {
  if (value.count() == 0) return "0s";
  const bool negative = value.count() < 0;
  const std::uint64_t magnitude =
      negative ? 0 - static_cast<std::uint64_t>(value.count()) : static_cast<std::uint64_t>(value.count());
  for (const Unit& unit : kDurationUnits) {
    // People say seven days, and days are what config files show.
    if (unit.name == "w" || magnitude % unit.scale != 0) continue;
    return (negative ? "-" : "") + with_unit(magnitude / unit.scale, unit.name);
  }
  return {};
}

Result<Bytes> parse_bytes(std::string_view text) {
  if (text == "0") return Bytes{0};
  std::string_view rest = text;
  const std::string_view digits = take_while(rest, is_digit);
  const Unit* unit = find_unit(kByteUnits, rest);
  if (digits.empty() || unit == nullptr) return not_valid(text, "size", kBytesExpected);
  const std::optional<std::uint64_t> count = parse_u64(digits);
  Bytes bytes;
  if (!count || __builtin_mul_overflow(*count, unit->scale, &bytes.count)) return too_large(text, "size");
  return bytes;
}

std::string format_bytes(Bytes value) {
  std::string shortest = with_unit(value.count, "B");
  if (value.count == 0) return shortest;
  for (const Unit& unit : kByteUnits) {
    if (value.count % unit.scale != 0) continue;
    std::string text = with_unit(value.count / unit.scale, unit.name);
    if (text.size() < shortest.size()) shortest = std::move(text);
  }
  return shortest;
}

Result<Rate> parse_rate(std::string_view text) {
  const auto [digits, period] = split_once(text, '/');
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos || !period) {
    return not_valid(text, "rate", kRateExpected);
  }
  const std::optional<std::uint64_t> count = parse_u64(digits);
  if (!count) return too_large(text, "rate");
  if (*count == 0) return not_valid(text, "rate", "the count must be at least 1, such as 1/min");
  if (const Unit* unit = find_unit(kRatePeriods, *period)) {
    return Rate{*count, Duration(static_cast<std::int64_t>(unit->scale))};
  }
  const Result<Duration> per = parse_duration(*period);
  if (!per || per->count() == 0) return not_valid(text, "rate", kRateExpected);
  return Rate{*count, *per};
}

std::string format_rate(Rate value) {
  for (const Unit& unit : kRatePeriods) {
    if (value.per.count() == static_cast<std::int64_t>(unit.scale) && unit.name != "w") {
      return with_unit(value.count, "/").append(unit.name);
    }
  }
  return with_unit(value.count, "/") + format_duration(value.per);
}

Result<Percentage> parse_percentage(std::string_view text) {
  const bool has_sign = text.ends_with('%');
  const std::string_view number = has_sign ? text.substr(0, text.size() - 1) : text;
  double percent = 0;
  const auto [end, failure] =
      std::from_chars(number.data(), number.data() + number.size(), percent, std::chars_format::fixed);
  const bool plain = !number.empty() && is_digit(number.front()) && is_digit(number.back());
  if (!has_sign || !plain || failure != std::errc() || end != number.data() + number.size() ||
      percent > 100) {
    return not_valid(text, "percentage", kPercentageExpected);
  }
  return Percentage{percent};
}

std::string format_percentage(Percentage value) {
  char digits[64];
  const auto [end, failure] =
      std::to_chars(digits, digits + sizeof digits, value.percent, std::chars_format::fixed);
  std::string text(digits, failure == std::errc() ? end : digits);
  return text += '%';
}

}  // namespace linkspan
