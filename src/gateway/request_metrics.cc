#include "gateway/request_metrics.h"

#include <array>

namespace linkspan::gateway {
namespace {

// Statuses with a series of their own; the others of a class share one ("4xx").
constexpr int kOwnCodes[] = {200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404,
                             405, 408, 409, 410, 412, 413, 415, 422, 429, 499, 500, 501, 502, 503, 504};
constexpr std::size_t kOwnCodeCount = std::size(kOwnCodes);
constexpr std::size_t kClassCount = 6;  // none (nothing was sent), 1xx to 5xx
constexpr std::size_t kCodeCount = kOwnCodeCount + kClassCount;
constexpr std::string_view kClasses[kClassCount] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

constexpr std::array<std::uint8_t, 600> make_code_table() {
  std::array<std::uint8_t, 600> table{};
  for (std::size_t status = 0; status < table.size(); ++status) {
    table[status] = static_cast<std::uint8_t>(kOwnCodeCount + status / 100);
  }
  for (std::size_t i = 0; i < kOwnCodeCount; ++i) {
    table[static_cast<std::size_t>(kOwnCodes[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}
constexpr std::array<std::uint8_t, 600> kCodeTable = make_code_table();

std::size_t code_index(int status) {
  return kCodeTable[status >= 0 && status < 600 ? static_cast<std::size_t>(status) : 0];
}

std::string code_label(std::size_t index) {
  return index < kOwnCodeCount ? std::to_string(kOwnCodes[index])
                               : std::string(kClasses[index - kOwnCodeCount]);
}

std::string_view method_label(std::size_t method) {
  const std::string_view name = http::to_string(static_cast<http::Method>(method));
  return name.empty() ? "other" : name;
}

enum Phase : std::size_t { kTotal, kWait, kConnect, kFirstByte, kPhaseCount };
constexpr std::string_view kPhases[kPhaseCount] = {"total", "wait", "connect", "first_byte"};

// The number of a series' cell, or 0 as long as nobody needed it. Numbers are the same whoever resolves them.
using Cell = std::atomic<std::uint32_t>;

}  // namespace

struct alignas(64) EndpointMetrics::Series {
  // What every request needs stands together with GET's first codes.
  std::array<Cell, kPhaseCount> durations{};
  Cell request_bytes{};
  Cell response_bytes{};
  std::array<std::array<Cell, kCodeCount>, http::kMethodCount> requests{};
};

EndpointMetrics::EndpointMetrics(RequestMetrics& owner, std::string_view endpoint)
    : owner_(owner), endpoint_(endpoint) {}

EndpointMetrics::~EndpointMetrics() {
  delete series_.load(std::memory_order_relaxed);
  owner_.forget(endpoint_);
}

EndpointMetrics::Series& EndpointMetrics::series() {
  Series* series = series_.load(std::memory_order_acquire);
  if (series != nullptr) [[likely]]
    return *series;
  auto fresh = std::make_unique<Series>();
  if (series_.compare_exchange_strong(series, fresh.get(), std::memory_order_acq_rel))
    return *fresh.release();
  return *series;  // another thread was first
}

std::uint32_t EndpointMetrics::request_series(std::size_t method, std::size_t code) const {
  return owner_.registry_.series(owner_.requests_, {endpoint_, method_label(method), code_label(code)}).cell;
}
std::uint32_t EndpointMetrics::duration_series(std::size_t phase) const {
  return owner_.registry_.series(owner_.durations_, {endpoint_, kPhases[phase]}).cell;
}
std::uint32_t EndpointMetrics::request_bytes_series() const {
  return owner_.registry_.series(owner_.request_bytes_, {endpoint_}).cell;
}
std::uint32_t EndpointMetrics::response_bytes_series() const {
  return owner_.registry_.series(owner_.response_bytes_, {endpoint_}).cell;
}

namespace {

template <typename Resolve>
std::uint32_t resolved(Cell& cell, Resolve resolve) {
  std::uint32_t number = cell.load(std::memory_order_relaxed);
  if (number == 0) [[unlikely]] {
    number = resolve();
    cell.store(number, std::memory_order_relaxed);
  }
  return number;
}

}  // namespace

void EndpointMetrics::record(const RequestRecord& record, MetricShard& shard) {
  Series& own = series();
  const auto method = static_cast<std::size_t>(record.method);
  const std::size_t code = code_index(record.status);
  shard.add(CounterId{resolved(own.requests[method][code], [&] { return request_series(method, code); })});
  shard.add(CounterId{resolved(own.request_bytes, [&] { return request_bytes_series(); })}, record.bytes_in);
  shard.add(CounterId{resolved(own.response_bytes, [&] { return response_bytes_series(); })},
            record.bytes_out);
  const std::int64_t durations[kPhaseCount] = {record.total_ns, record.wait_ns, record.connect_ns,
                                               record.first_byte_ns};
  for (std::size_t phase = 0; phase < kPhaseCount; ++phase) {
    if (durations[phase] < 0) continue;
    const std::uint32_t cell = resolved(own.durations[phase], [&] { return duration_series(phase); });
    shard.observe(HistogramId{cell}, durations[phase]);
  }
}

void EndpointMetrics::keep_series() {
  Series* own = series_.load(std::memory_order_acquire);
  if (own == nullptr) return;
  for (std::size_t method = 0; method < own->requests.size(); ++method) {
    for (std::size_t code = 0; code < kCodeCount; ++code) {
      if (own->requests[method][code].load(std::memory_order_relaxed) != 0) request_series(method, code);
    }
  }
  for (std::size_t phase = 0; phase < kPhaseCount; ++phase) {
    if (own->durations[phase].load(std::memory_order_relaxed) != 0) duration_series(phase);
  }
  if (own->request_bytes.load(std::memory_order_relaxed) != 0) request_bytes_series();
  if (own->response_bytes.load(std::memory_order_relaxed) != 0) response_bytes_series();
}

RequestMetrics::RequestMetrics(MetricsRegistry& registry)
    : registry_(registry),
      requests_(registry.counter({.name = "linkspan_http_requests",
                                  .help = "Requests answered, by endpoint, method and status.",
                                  .labels = {"endpoint", "method", "code"},
                                  .max_series = 50'000})),
      request_bytes_(registry.counter({.name = "linkspan_http_request_bytes",
                                       .help = "Bytes of requests received, heads included.",
                                       .unit = "bytes",
                                       .labels = {"endpoint"},
                                       .max_series = 20'000})),
      response_bytes_(registry.counter({.name = "linkspan_http_response_bytes",
                                        .help = "Bytes of responses sent, heads included.",
                                        .unit = "bytes",
                                        .labels = {"endpoint"},
                                        .max_series = 20'000})),
      durations_(registry.histogram({.name = "linkspan_http_request_duration_seconds",
                                     .help = "Time that requests took: all of it, and by phase.",
                                     .unit = "seconds",
                                     .labels = {"endpoint", "phase"},
                                     .max_series = 50'000})),
      in_flight_(registry.series(registry.gauge({.name = "linkspan_http_requests_in_flight",
                                                 .help = "Requests received and not yet answered."}))) {}

std::shared_ptr<EndpointMetrics> RequestMetrics::endpoint(std::string_view name) {
  const std::lock_guard lock(mutex_);
  auto at = endpoints_.find(name);
  if (at != endpoints_.end()) {
    if (std::shared_ptr<EndpointMetrics> known = at->second.lock()) {
      known->keep_series();
      return known;
    }
  } else {
    at = endpoints_.emplace(name, std::weak_ptr<EndpointMetrics>{}).first;
  }
  auto fresh = std::make_shared<EndpointMetrics>(*this, name);
  at->second = fresh;
  return fresh;
}

void RequestMetrics::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto at = endpoints_.find(name);
  if (at != endpoints_.end() && at->second.expired()) endpoints_.erase(at);
}

}  // namespace linkspan::gateway
