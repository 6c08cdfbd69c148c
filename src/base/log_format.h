// How one log record looks, as a JSON line or for a person. Pure functions of log.h's records into a buffer.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/log.h"

namespace linkspan {

// The most that one record takes. A longer message or text field is cut, and fields that do not fit are left
// out.
inline constexpr std::size_t kMaxLogRecordBytes = 8192;

struct LogRecord {
  std::string_view timestamp;  // as TimestampFormatter gives it
  Level level;
  std::string_view room;
  std::string_view message;
  std::span<const LogField> fields;
};

// Write one line with its newline into `out`, which has kMaxLogRecordBytes; return its size.
std::size_t format_log_json(const LogRecord& record, char* out);
std::size_t format_log_human(const LogRecord& record, bool coloured, char* out);

}  // namespace linkspan
