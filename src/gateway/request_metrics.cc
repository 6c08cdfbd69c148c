#include "gateway/request_metrics.h"

#include <algorithm>
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

enum Phase : std::size_t { kTotal, kWait, kConnect, kFirstByte };
constexpr std::string_view kPhases[EndpointMetrics::kPhaseCount] = {"total", "wait", "connect", "first_byte"};

static_assert(kOwnCodes[EndpointMetrics::kOkCode] == 200);

}  // namespace

// Requests that did not end in 200, by method and code.
struct EndpointMetrics::Others {
  std::array<std::array<Cell, kCodeCount>, http::kMethodCount> requests{};
};

EndpointMetrics::EndpointMetrics(RequestMetrics& owner, std::string_view endpoint)
    : owner_(owner), endpoint_(endpoint) {}

EndpointMetrics::~EndpointMetrics() {
  delete others_.load(std::memory_order_relaxed);
  owner_.forget(endpoint_);
}

EndpointMetrics::Others& EndpointMetrics::others() {
  Others* others = others_.load(std::memory_order_acquire);
  if (others != nullptr) return *others;
  auto fresh = std::make_unique<Others>();
  if (others_.compare_exchange_strong(others, fresh.get(), std::memory_order_acq_rel))
    return *fresh.release();
  return *others;  // another thread was first
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
std::uint32_t resolved(std::atomic<std::uint32_t>& cell, Resolve resolve) {
  // Whoever sees the number sees the storage that its shard was given for it.
  std::uint32_t number = cell.load(std::memory_order_acquire);
  if (number == 0) [[unlikely]] {
    number = std::max(resolve(), kUnshownCell);
    cell.store(number, std::memory_order_release);
  }
  return number;
}

}  // namespace

void EndpointMetrics::record(const RequestRecord& record, MetricShard& shard) {
  const auto method = static_cast<std::size_t>(record.method);
  const std::size_t code = code_index(record.status);
  const auto observe = [&](std::size_t phase, std::int64_t ns) {
    if (ns < 0) return;
    shard.observe(HistogramId{resolved(durations_[phase], [&] { return duration_series(phase); })}, ns);
  };
  observe(kTotal, record.total_ns);  // first: the counters that are new with it get cells beside it
  Cell& requests = code == kOkCode ? ok_[method] : others().requests[method][code];
  shard.add(CounterId{resolved(requests, [&] { return request_series(method, code); })});
  shard.add(CounterId{resolved(request_bytes_, [&] { return request_bytes_series(); })}, record.bytes_in);
  shard.add(CounterId{resolved(response_bytes_, [&] { return response_bytes_series(); })}, record.bytes_out);
  observe(kWait, record.wait_ns);
  observe(kConnect, record.connect_ns);
  observe(kFirstByte, record.first_byte_ns);
}

void EndpointMetrics::fetch_ahead(MetricShard& shard) const {
  shard.fetch_ahead(HistogramId{durations_[kTotal].load(std::memory_order_acquire)});
  shard.fetch_ahead(HistogramId{durations_[kFirstByte].load(std::memory_order_acquire)});
}

void EndpointMetrics::keep_series() {
  const auto in_use = [](const Cell& cell) { return cell.load(std::memory_order_relaxed) != 0; };
  for (std::size_t phase = 0; phase < kPhaseCount; ++phase) {
    if (in_use(durations_[phase])) duration_series(phase);
  }
  if (in_use(request_bytes_)) request_bytes_series();
  if (in_use(response_bytes_)) response_bytes_series();
  const Others* others = others_.load(std::memory_order_acquire);
  for (std::size_t method = 0; method < ok_.size(); ++method) {
    if (in_use(ok_[method])) request_series(method, kOkCode);
    for (std::size_t code = 0; others != nullptr && code < kCodeCount; ++code) {
      if (in_use(others->requests[method][code])) request_series(method, code);
    }
  }
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
