#include "gateway/access_log.h"

#include <algorithm>
#include <cstring>

#include "base/json_text.h"
#include "base/strings.h"
#include "gateway/endpoint.h"

namespace linkspan::gateway {
namespace {

// In the order of config::kAccessLogFields.
enum LineField : std::size_t {
  kTime,
  kRequestId,
  kClient,
  kConsumer,
  kEndpoint,
  kMethod,
  kHost,
  kPath,
  kQuery,
  kProtocol,
  kStatus,
  kError,
  kBytesIn,
  kBytesOut,
  kDuration,
  kApi,
  kUpstream,
  kAttempts,
  kPhases,
  kUserAgent,
  kReferer,
  kTraceId,
  kTls,
  kFieldCount
};
static_assert(kFieldCount == std::size(config::kAccessLogFields));
static_assert(config::kAccessLogFields[kQuery] == "query" && config::kAccessLogFields[kTls] == "tls");

// Names, quotes, numbers and punctuation of the longest line; texts come on top.
constexpr std::size_t kFixedBytes = 768;
constexpr std::size_t kMaxEscape = 6;  // \u00ff

// Writes without bounds: max_bytes() has seen to the room.
class LineWriter {
 public:
  explicit LineWriter(char* out) : begin_(out), at_(out) {}

  void raw(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void number(std::uint64_t value) { at_ += format_u64(value, at_); }
  // Milliseconds with three decimals, so that the unit is the same for all durations.
  void milliseconds(std::int64_t ns) {
    const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0)) / 1000;
    number(us / 1000);
    const auto fraction = static_cast<unsigned>(us % 1000);
    *at_++ = '.';
    *at_++ = static_cast<char>('0' + fraction / 100);
    *at_++ = static_cast<char>('0' + fraction / 10 % 10);
    *at_++ = static_cast<char>('0' + fraction % 10);
  }
  void text(std::string_view value) {
    if (value.size() <= kMaxLoggedTextBytes) {
      at_ = put_json_string(value, at_);
      return;
    }
    at_ = put_json_string(value.substr(0, kMaxLoggedTextBytes), at_);
    --at_;
    raw("...\"");
  }
  // `start` is everything up to the value: ,"name":
  void member(std::string_view start, std::string_view value) {
    raw(start);
    text(value);
  }
  void optional_member(std::string_view start, std::string_view value) {
    if (!value.empty()) member(start, value);
  }
  // A value that needs no escapes and is short: of our making, a name of the config (config::is_name), or a
  // method (a token).
  void plain_member(std::string_view start, std::string_view value) {
    raw(start);
    *at_++ = '"';
    raw(value);
    *at_++ = '"';
  }
  void optional_plain_member(std::string_view start, std::string_view value) {
    if (!value.empty()) plain_member(start, value);
  }
  void member(std::string_view start, std::uint64_t value) {
    raw(start);
    number(value);
  }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char* begin_;
  char* at_;
};

void write_phases(const RequestRecord& record, LineWriter& line) {
  line.raw(",\"phases\":{");
  bool first = true;
  const auto phase = [&](std::string_view start, std::int64_t ns) {
    if (ns < 0) return;
    line.raw(start.substr(first ? 1 : 0));
    line.milliseconds(ns);
    first = false;
  };
  phase(",\"wait_ms\":", record.wait_ns);
  phase(",\"connect_ms\":", record.connect_ns);
  phase(",\"first_byte_ms\":", record.first_byte_ns);
  line.raw("}");
}

}  // namespace

AccessLog::AccessLog(const config::AccessLogConfig& config) : enabled_(config.enabled) {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    const std::string_view name = config::kAccessLogFields[i];
    const bool named = std::find(config.fields.begin(), config.fields.end(), name) != config.fields.end();
    // All fields unless some are named; but the query, which may hold secrets, only by name.
    if (named || (config.fields.empty() && i != kQuery)) fields_ |= 1U << i;
  }
}

std::size_t AccessLog::max_bytes(const RequestRecord& record) const {
  const auto clipped = [](std::string_view text) { return std::min(text.size(), kMaxLoggedTextBytes); };
  // Ours are short and some are written whole.
  const std::size_t own_text_bytes =
      record.request_id.size() + record.client.size() + record.consumer.size() + record.key_id.size() +
      record.protocol.size() + record.tls.size() + record.api.size() + record.server.size() +
      record.method_name.size() + (record.endpoint != nullptr ? record.endpoint->name.size() : 0);
  const std::size_t caller_text_bytes = clipped(record.host) + clipped(record.path) + clipped(record.query) +
                                        clipped(record.user_agent) + clipped(record.referer);
  return kFixedBytes + kMaxEscape * (own_text_bytes + caller_text_bytes);
}

std::size_t AccessLog::format(const RequestRecord& record, char* out) {
  LineWriter line(out);
  if (wants(kTime)) line.plain_member(",\"time\":", timestamp_.format(record.finished_at_ns));
  if (wants(kRequestId)) line.plain_member(",\"request_id\":", record.request_id);
  if (wants(kClient)) line.plain_member(",\"client\":", record.client);
  if (wants(kConsumer)) {
    line.optional_plain_member(",\"consumer\":", record.consumer);
    line.optional_member(",\"key\":", record.key_id);
  }
  if (wants(kEndpoint) && record.endpoint != nullptr)
    line.plain_member(",\"endpoint\":", record.endpoint->name);
  if (wants(kMethod)) line.optional_plain_member(",\"method\":", record.method_name);
  if (wants(kHost)) line.optional_member(",\"host\":", record.host);
  if (wants(kPath)) line.optional_member(",\"path\":", record.path);
  if (wants(kQuery)) line.optional_member(",\"query\":", record.query);
  if (wants(kProtocol)) line.optional_plain_member(",\"protocol\":", record.protocol);
  if (wants(kStatus)) line.member(",\"status\":", static_cast<std::uint64_t>(std::max(record.status, 0)));
  if (wants(kError) && record.error != nullptr) line.plain_member(",\"error\":", record.error->slug);
  if (wants(kBytesIn)) line.member(",\"bytes_in\":", record.bytes_in);
  if (wants(kBytesOut)) line.member(",\"bytes_out\":", record.bytes_out);
  if (wants(kDuration)) {
    line.raw(",\"duration_ms\":");
    line.milliseconds(record.total_ns);
  }
  if (!record.api.empty()) {
    if (wants(kApi)) line.plain_member(",\"api\":", record.api);
    if (wants(kUpstream)) line.optional_member(",\"upstream\":", record.server);
    if (wants(kAttempts)) line.member(",\"attempts\":", record.attempts);
    if (wants(kPhases)) write_phases(record, line);
  }
  if (wants(kUserAgent)) line.optional_member(",\"user_agent\":", record.user_agent);
  if (wants(kReferer)) {
    const std::string_view shown =
        record.referer.substr(0, wants(kQuery) ? std::string_view::npos : record.referer.find('?'));
    line.optional_member(",\"referer\":", shown);
  }
  if (wants(kTraceId) && record.trace != nullptr) {
    line.plain_member(",\"trace_id\":", record.trace->trace_id_text());
    line.plain_member(",\"span_id\":", record.trace->span_id_text());
  }
  if (wants(kTls)) line.optional_plain_member(",\"tls\":", record.tls);
  if (line.size() == 0) line.raw(",");
  out[0] = '{';  // in place of the first member's comma
  line.raw("}\n");
  return line.size();
}

void AccessLog::write(const RequestRecord& record, LogRing& ring) {
  if (!enabled_) return;
  char* line = ring.reserve(max_bytes(record));
  if (line != nullptr) ring.commit(format(record, line));
}

}  // namespace linkspan::gateway
