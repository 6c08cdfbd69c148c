#include "base/timestamp.h"

#include <algorithm>
#include <chrono>

namespace linkspan {
namespace {

constexpr std::int64_t kFirstSecond = -62'167'219'200;  // 0000-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr std::size_t kMicrosecondsAt = 20;

void put_digits(char* out, std::uint32_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

void put_second(std::int64_t second, char* out) {
  using namespace std::chrono;
  const sys_seconds time{seconds(std::clamp(second, kFirstSecond, kLastSecond))};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  put_digits(out, static_cast<std::uint32_t>(static_cast<int>(date.year())), 4);
  out[4] = '-';
  put_digits(out + 5, static_cast<unsigned>(date.month()), 2);
  out[7] = '-';
  put_digits(out + 8, static_cast<unsigned>(date.day()), 2);
  out[10] = 'T';
  put_digits(out + 11, static_cast<std::uint32_t>(clock.hours().count()), 2);
  out[13] = ':';
  put_digits(out + 14, static_cast<std::uint32_t>(clock.minutes().count()), 2);
  out[16] = ':';
  put_digits(out + 17, static_cast<std::uint32_t>(clock.seconds().count()), 2);
  out[19] = '.';
  out[kTimestampBytes - 1] = 'Z';
}

struct SplitTime {
  std::int64_t second;
  std::uint32_t microsecond;
};

SplitTime split_time(WallNs wall_ns) {
  std::int64_t second = wall_ns / kNsPerSecond;
  std::int64_t rest = wall_ns % kNsPerSecond;
  if (rest < 0) {
    --second;
    rest += kNsPerSecond;
  }
  return {second, static_cast<std::uint32_t>(rest / kNsPerUs)};
}

}  // namespace

void format_timestamp(WallNs wall_ns, char* out) {
  const SplitTime time = split_time(wall_ns);
  put_second(time.second, out);
  put_digits(out + kMicrosecondsAt, time.microsecond, 6);
}

std::string_view TimestampFormatter::format(WallNs wall_ns) {
  const SplitTime time = split_time(wall_ns);
  if (time.second != second_) {
    put_second(time.second, text_);
    second_ = time.second;
  }
  put_digits(text_ + kMicrosecondsAt, time.microsecond, 6);
  return {text_, kTimestampBytes};
}

}  // namespace linkspan
