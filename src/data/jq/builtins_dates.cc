// Natives on times: seconds since 1970 and "broken down time", [year, month from 0, day, hours, minutes,
// seconds, day of the week, day of the year].
#include <cmath>
#include <ctime>
#include <string>

#include "data/jq/builtins.h"
#include "data/jq/operators.h"

namespace linkspan::data::jq {

namespace {

using Values = std::span<JsonValue>;

JsonValue to_parts(const std::tm& time, double fraction) {
  return JsonValue::array({time.tm_year + 1900, time.tm_mon, time.tm_mday, time.tm_hour, time.tm_min,
                           number(time.tm_sec + fraction), time.tm_wday, time.tm_yday});
}

// Missing parts are 0.
bool from_parts(const JsonValue& parts, std::tm& time) {
  if (!parts.is_array() || parts.size() < 1) return false;
  int fields[8] = {};
  for (std::size_t i = 0; i < std::min<std::size_t>(parts.size(), 8); ++i) {
    const JsonValue& part = parts.items()[i];
    if (!part.is_number() || !(std::fabs(part.as_double()) < 1e9)) return false;
    fields[i] = static_cast<int>(part.as_double());
  }
  time = {};
  time.tm_year = fields[0] - 1900;
  time.tm_mon = fields[1];
  time.tm_mday = fields[2];
  time.tm_hour = fields[3];
  time.tm_min = fields[4];
  time.tm_sec = fields[5];
  time.tm_wday = fields[6];
  time.tm_yday = fields[7];
  return true;
}

bool break_down(Values v, std::string_view name, std::tm* (*convert)(const std::time_t*, std::tm*)) {
  if (!v[0].is_number()) return fail(v, std::string(name) + "() requires a number");
  const double seconds = std::floor(v[0].as_double());
  std::tm time{};
  const auto whole = std::fabs(seconds) < 1e17 ? static_cast<std::time_t>(seconds) : INT64_MAX;
  if (!std::isfinite(seconds) || convert(&whole, &time) == nullptr)
    return fail(v, "error converting number of seconds since epoch to datetime");
  v[0] = to_parts(time, v[0].as_double() - seconds);
  return true;
}

bool gmtime_native(Context&, Values v) {
  return break_down(v, "gmtime", gmtime_r);
}

bool localtime_native(Context&, Values v) {
  return break_down(v, "localtime", localtime_r);
}

bool mktime_native(Context&, Values v) {
  if (!v[0].is_array()) return fail(v, "mktime requires array of 6 numbers");
  std::tm time{};
  if (!from_parts(v[0], time)) return fail(v, "mktime requires parsed datetime inputs");
  v[0] = static_cast<std::int64_t>(timegm(&time));
  return true;
}

bool write_time(Context& context, Values v, bool local) {
  const std::string name = local ? "strflocaltime/1" : "strftime/1";
  if (v[0].is_number()) {
    if (!(local ? localtime_native(context, v) : gmtime_native(context, v))) return false;
  } else if (!v[0].is_array()) {
    return fail(v, name + " requires parsed datetime inputs");
  }
  if (!v[1].is_string()) return fail(v, name + " requires a string format");
  std::tm time{};
  if (!from_parts(v[0], time)) return fail(v, name + " requires parsed datetime inputs");
  if (local) {
    std::tm known = time;
    known.tm_isdst = -1;
    mktime(&known);
    time.tm_isdst = known.tm_isdst;
    time.tm_gmtoff = known.tm_gmtoff;
    time.tm_zone = known.tm_zone;
  } else {
    time.tm_zone = "UTC";
    // The day of the week follows from the date where only the date was given.
    if (v[0].size() < 7) timegm(&time);
  }
  const std::string format(v[1].string());
  if (format.empty()) {
    v[0] = "";
    return true;
  }
  char buffer[4096];
  const std::size_t size = std::strftime(buffer, sizeof buffer, format.c_str(), &time);
  if (size == 0 && format != "%p" && format != "%P") return fail(v, name + ": unknown system failure");
  v[0] = std::string_view(buffer, size);
  return true;
}

bool strftime_native(Context& context, Values v) {
  return write_time(context, v, false);
}

bool strflocaltime_native(Context& context, Values v) {
  return write_time(context, v, true);
}

bool strptime_native(Context&, Values v) {
  if (!v[0].is_string())
    return fail(v, "strptime/1 requires string inputs and arguments, not " + described(v[0]));
  if (!v[1].is_string()) return fail(v, "strptime/1 requires string inputs and arguments");
  const std::string text(v[0].string());
  const std::string format(v[1].string());
  std::tm time{};
  time.tm_wday = 8;
  time.tm_yday = 367;
  const char* rest = strptime(text.c_str(), format.c_str(), &time);
  if (rest == nullptr || *rest != '\0')
    return fail(v, "date \"" + text + "\" does not match format \"" + format + "\"");
  if (time.tm_wday == 8 || time.tm_yday == 367) {
    std::tm whole = time;
    timegm(&whole);
    time.tm_wday = whole.tm_wday;
    time.tm_yday = whole.tm_yday;
  }
  v[0] = to_parts(time, 0);
  return true;
}

constexpr Native kNatives[] = {
    {"gmtime", 0, gmtime_native},
    {"localtime", 0, localtime_native},
    {"mktime", 0, mktime_native},
    {"strftime", 1, strftime_native},
    {"strflocaltime", 1, strflocaltime_native},
    {"strptime", 1, strptime_native},
};

}  // namespace

std::span<const Native> date_natives() {
  return kNatives;
}

}  // namespace linkspan::data::jq
