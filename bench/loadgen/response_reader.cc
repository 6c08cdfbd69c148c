#include "response_reader.h"

#include <algorithm>
#include <charconv>

#include <strings.h>

namespace linkspan::loadgen {
namespace {

constexpr std::size_t kMaxHeldBytes = 64 * 1024;

// The value if `line` is the named field, else empty. `name` is in lower case and ends in its colon.
std::string_view field_value(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || strncasecmp(line.data(), name.data(), name.size()) != 0) return {};
  line.remove_prefix(name.size());
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return line;
}

}  // namespace

ResponseReader::Progress ResponseReader::take(std::string_view bytes) {
  if (phase_ == Phase::body) {
    return bytes.size() > remaining_ ? Progress::malformed : skip(bytes.size());
  }
  if (phase_ != Phase::head) return take_chunked(bytes);

  std::string joined;
  if (!held_.empty()) {
    joined = std::move(held_);
    joined += bytes;
    bytes = joined;
    held_.clear();
  }
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    held_ = bytes;
    return held_.size() > kMaxHeldBytes ? Progress::malformed : Progress::incomplete;
  }
  if (!read_head(bytes.substr(0, end + 2))) return Progress::malformed;
  return take(bytes.substr(end + 4));
}

ResponseReader::Progress ResponseReader::skip(std::size_t bytes) {
  remaining_ -= bytes;
  return remaining_ == 0 ? finish() : Progress::incomplete;
}

bool ResponseReader::read_head(std::string_view head) {
  if (head.size() < 14 || !head.starts_with("HTTP/1.1 ")) return false;
  std::from_chars(head.data() + 9, head.data() + 12, status_);
  body_bytes_ = 0;
  for (std::size_t at = head.find('\n') + 1; at < head.size();) {
    const std::size_t line_end = head.find('\n', at);
    const std::string_view line = head.substr(at, line_end - at - 1);
    at = line_end + 1;
    if (const std::string_view length = field_value(line, "content-length:"); !length.empty()) {
      const auto parsed = std::from_chars(length.data(), length.data() + length.size(), body_bytes_);
      if (parsed.ec != std::errc()) return false;
      remaining_ = body_bytes_;
      phase_ = Phase::body;
      return true;
    }
    if (field_value(line, "transfer-encoding:") == "chunked") {
      phase_ = Phase::chunk_size;
      return true;
    }
  }
  return false;
}

ResponseReader::Progress ResponseReader::take_chunked(std::string_view bytes) {
  while (!bytes.empty()) {
    if (phase_ == Phase::head) return Progress::malformed;
    if (phase_ == Phase::chunk_data) {
      const std::size_t taken = std::min(bytes.size(), remaining_);
      bytes.remove_prefix(taken);
      body_bytes_ += taken;
      remaining_ -= taken;
      if (remaining_ == 0) phase_ = Phase::chunk_end;
      continue;
    }
    const std::size_t end = bytes.find('\n');
    held_ += bytes.substr(0, end);
    if (held_.size() > kMaxHeldBytes) return Progress::malformed;
    if (end == std::string_view::npos) return Progress::incomplete;
    bytes.remove_prefix(end + 1);
    if (!take_chunk_line(held_)) return Progress::malformed;
    held_.clear();
  }
  return phase_ == Phase::head ? Progress::complete : Progress::incomplete;
}

bool ResponseReader::take_chunk_line(std::string_view line) {
  if (!line.ends_with('\r')) return false;
  line.remove_suffix(1);
  if (phase_ == Phase::chunk_end) {
    phase_ = Phase::chunk_size;
    return line.empty();
  }
  if (phase_ == Phase::trailer) {
    if (line.empty()) phase_ = Phase::head;
    return true;
  }
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), remaining_, 16);
  if (parsed.ec != std::errc()) return false;
  phase_ = remaining_ == 0 ? Phase::trailer : Phase::chunk_data;
  return true;
}

ResponseReader::Progress ResponseReader::finish() {
  phase_ = Phase::head;
  return Progress::complete;
}

}  // namespace linkspan::loadgen
