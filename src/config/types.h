// Small types that several parts of the config share. Plain values; any thread may read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/units.h"

namespace linkspan::config {

// For durations and counts that may be switched off in YAML with `none` (durations) or `unlimited` (counts,
// sizes).
inline constexpr Duration kNoDuration{0};
inline constexpr uint64_t kUnlimited = 0;

// Where in the config something was written. `file` indexes Config::files; line 0 means it is a default.
struct Origin {
  uint32_t file = 0;
  uint32_t line = 0;
  uint32_t column = 0;

  bool operator==(const Origin&) const = default;
};

// A value that must never be shown. It has no conversion to a string and no stream operator, so that it
// cannot reach a log by accident; `config show` prints it as "***".
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  // The value itself: only for sending it to the system that it belongs to.
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

// An HTTP header field as configured; the name as written.
struct HeaderField {
  std::string name;
  std::string value;

  bool operator==(const HeaderField&) const = default;
};

// An inclusive range of statuses: `503` is {503, 503}, `5xx` is {500, 599}.
struct StatusRange {
  uint16_t first = 0;
  uint16_t last = 0;

  bool contains(int status) const { return status >= first && status <= last; }
  bool operator==(const StatusRange&) const = default;
};

}  // namespace linkspan::config
