// Access-log lines: one JSON object for each request, formatted straight into the worker's log ring.
//
//   AccessLog log(config.log.access);                    // per worker: it remembers the current second's
//   text log.write(record, producer.access());
//
// Text of callers is escaped (RFC 8259 section 7; control characters, quotes and invalid UTF-8), and long
// text cut, so no request can forge or split a line. The query is logged only if the config names the field,
// since secrets may be in it; keys are never logged, only their ids.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/log_ring.h"
#include "base/timestamp.h"
#include "config/process_config.h"
#include "gateway/request_record.h"

namespace linkspan::gateway {

inline constexpr std::size_t kMaxLoggedTextBytes = 1024;  // of each text of the caller's

class AccessLog {
 public:
  explicit AccessLog(const config::AccessLogConfig& config);

  bool enabled() const { return enabled_; }
  // Nothing if disabled. A line that finds the ring full is dropped and counted by the ring.
  void write(const RequestRecord& record, LogRing& ring);

  // An upper bound of the line's size, and the line with its "\n" into `out`, which has room for that.
  std::size_t max_bytes(const RequestRecord& record) const;
  std::size_t format(const RequestRecord& record, char* out);

 private:
  bool wants(std::size_t field) const { return (fields_ >> field & 1) != 0; }

  bool enabled_;
  std::uint32_t fields_ = 0;  // a bit for each of config::kAccessLogFields
  TimestampFormatter timestamp_;
};

}  // namespace linkspan::gateway
