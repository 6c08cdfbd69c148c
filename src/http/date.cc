#include "http/date.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/strings.h"

namespace linkspan::http {

namespace {

constexpr std::string_view kDayNames = "SunMonTueWedThuFriSat";
constexpr std::string_view kMonthNames = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::array<std::string_view, 7> kLongDayNames = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                           "Thursday", "Friday", "Saturday"};
constexpr std::int64_t kDaySeconds = 86400;
constexpr std::int64_t kLastSecond = 253402300799;  // 9999-12-31T23:59:59Z

struct Civil {
  std::int64_t year = 0;
  int month = 0;  // 1 to 12
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, counting years from March so that the
// leap day is the last of its year.
std::int64_t days_of(const Civil& date) {
  const std::int64_t year = date.month > 2 ? date.year : date.year - 1;
  const std::int64_t era = year / 400;
  const std::int64_t year_of_era = year - era * 400;
  const int month = date.month > 2 ? date.month - 3 : date.month + 9;
  const std::int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

// The inverse, for days from 1970 on.
Civil date_of(std::int64_t days) {
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = shifted / 146097;
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int month = static_cast<int>((5 * day_of_year + 2) / 153);
  Civil date;
  date.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  date.month = month < 10 ? month + 3 : month - 9;
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

void put_number(std::int64_t value, int digits, char* out) {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

// Takes pieces off the front; `good` turns false at the first that is not as expected.
struct Reader {
  std::string_view rest;
  bool good = true;

  void literal(std::string_view text) {
    good = good && rest.starts_with(text);
    if (good) rest.remove_prefix(text.size());
  }
  int number(std::size_t digits) {
    int value = 0;
    good = good && rest.size() >= digits;
    for (std::size_t i = 0; good && i < digits; ++i) {
      good = is_digit(rest[i]);
      value = value * 10 + (rest[i] - '0');
    }
    if (good) rest.remove_prefix(digits);
    return value;
  }
  // 1 to 12.
  int month() {
    const std::size_t at = rest.size() < 3 ? std::string_view::npos : kMonthNames.find(rest.substr(0, 3));
    good = good && at != std::string_view::npos && at % 3 == 0;
    if (good) rest.remove_prefix(3);
    return static_cast<int>(at / 3) + 1;
  }
  void short_day() {
    const std::size_t at = rest.size() < 3 ? std::string_view::npos : kDayNames.find(rest.substr(0, 3));
    good = good && at != std::string_view::npos && at % 3 == 0;
    if (good) rest.remove_prefix(3);
  }
  void time(Civil& out) {
    out.hour = number(2);
    literal(":");
    out.minute = number(2);
    literal(":");
    out.second = number(2);
  }
};

bool is_leap(std::int64_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

std::optional<std::int64_t> to_seconds(const Civil& date) {
  static constexpr int kMonthDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int days = kMonthDays[date.month - 1] + (date.month == 2 && is_leap(date.year) ? 1 : 0);
  // 60: a leap second (RFC 9110 section 5.6.7).
  if (date.day < 1 || date.day > days || date.hour > 23 || date.minute > 59 || date.second > 60)
    return std::nullopt;
  return days_of(date) * kDaySeconds + date.hour * 3600 + date.minute * 60 + date.second;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
bool read_fixdate(std::string_view text, Civil& out) {
  Reader reader{text};
  reader.short_day();
  reader.literal(", ");
  out.day = reader.number(2);
  reader.literal(" ");
  out.month = reader.month();
  reader.literal(" ");
  out.year = reader.number(4);
  reader.literal(" ");
  reader.time(out);
  reader.literal(" GMT");
  return reader.good && reader.rest.empty();
}

// "Sunday, 06-Nov-94 08:49:37 GMT"; the year is left as two digits.
bool read_rfc850(std::string_view text, Civil& out) {
  const auto day = std::find_if(kLongDayNames.begin(), kLongDayNames.end(),
                                [text](std::string_view name) { return text.starts_with(name); });
  if (day == kLongDayNames.end()) return false;
  Reader reader{text.substr(day->size())};
  reader.literal(", ");
  out.day = reader.number(2);
  reader.literal("-");
  out.month = reader.month();
  reader.literal("-");
  out.year = reader.number(2);
  reader.literal(" ");
  reader.time(out);
  reader.literal(" GMT");
  return reader.good && reader.rest.empty();
}

// "Sun Nov  6 08:49:37 1994"
bool read_asctime(std::string_view text, Civil& out) {
  Reader reader{text};
  reader.short_day();
  reader.literal(" ");
  out.month = reader.month();
  reader.literal(" ");
  const bool one_digit = reader.rest.starts_with(' ');
  if (one_digit) reader.literal(" ");
  out.day = reader.number(one_digit ? 1 : 2);
  reader.literal(" ");
  reader.time(out);
  reader.literal(" ");
  out.year = reader.number(4);
  return reader.good && reader.rest.empty();
}

}  // namespace

void format_http_date(std::int64_t unix_seconds, char* out) {
  const std::int64_t seconds = std::clamp<std::int64_t>(unix_seconds, 0, kLastSecond);
  const std::int64_t days = seconds / kDaySeconds;
  const std::int64_t time = seconds % kDaySeconds;
  const Civil date = date_of(days);
  std::memcpy(out, "Sun, 06 Nov 1994 08:49:37 GMT", kHttpDateBytes);
  std::memcpy(out, kDayNames.data() + (days + 4) % 7 * 3, 3);  // 1970-01-01 was a Thursday
  put_number(date.day, 2, out + 5);
  std::memcpy(out + 8, kMonthNames.data() + (date.month - 1) * 3, 3);
  put_number(date.year, 4, out + 12);
  put_number(time / 3600, 2, out + 17);
  put_number(time / 60 % 60, 2, out + 20);
  put_number(time % 60, 2, out + 23);
}

std::optional<std::int64_t> parse_http_date(std::string_view text, std::int64_t now_unix_seconds) {
  Civil date;
  if (read_fixdate(text, date) || read_asctime(text, date)) return to_seconds(date);
  if (!read_rfc850(text, date)) return std::nullopt;
  // RFC 9110 section 5.6.7: a date that seems more than 50 years ahead is of the century before.
  const std::int64_t this_year = date_of(std::max<std::int64_t>(now_unix_seconds, 0) / kDaySeconds).year;
  date.year += this_year / 100 * 100;
  if (date.year > this_year + 50) date.year -= 100;
  return to_seconds(date);
}

}  // namespace linkspan::http
