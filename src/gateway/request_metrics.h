// Metrics of requests:
//   linkspan_http_requests_total{endpoint,method,code}            code is "200", or "2xx" for rarer ones
//   linkspan_http_request_duration_seconds{endpoint,phase}        phase: total, wait, connect, first_byte
//   linkspan_http_request_bytes_total{endpoint}                   as received, heads included
//   linkspan_http_response_bytes_total{endpoint}
//   linkspan_http_requests_in_flight
// Requests that match no endpoint count under endpoint="" (an empty label is an absent one).
//
// Series come into being with the first request that needs them (under the registry's lock, once each), so
// that 10,000 idle endpoints cost a pointer each; after that, recording is adding to cells of the worker's
// own. RequestMetrics is made once, outlives all snapshots, and keeps counters over reloads; any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "gateway/request_record.h"
#include "http/method.h"

namespace linkspan::gateway {

class RequestMetrics;

// The series of one endpoint. What most requests need stands in its first cache line.
class alignas(64) EndpointMetrics {
 public:
  static constexpr std::size_t kPhaseCount = 4;
  static constexpr std::size_t kOkCode = 0;  // which of the codes that have their own series is 200

  EndpointMetrics(RequestMetrics& owner, std::string_view endpoint);
  ~EndpointMetrics();

  // Records a finished request; `shard` is the calling worker's.
  void record(const RequestRecord& record, MetricShard& shard);
  // Asks for the cells of record() to be in the cache by then.
  void fetch_ahead(MetricShard& shard) const;

 private:
  friend class RequestMetrics;
  struct Others;
  // The number of a series' cell, or 0 as long as nobody needed it. Numbers are the same whoever resolves
  // them.
  using Cell = std::atomic<std::uint32_t>;

  Others& others();
  std::uint32_t request_series(std::size_t method, std::size_t code) const;
  std::uint32_t duration_series(std::size_t phase) const;
  std::uint32_t request_bytes_series() const;
  std::uint32_t response_bytes_series() const;
  void keep_series();  // resolves again what was in use, so that the registry does not retire it

  std::array<Cell, kPhaseCount> durations_{};
  Cell request_bytes_{};
  Cell response_bytes_{};
  std::array<Cell, http::kMethodCount> ok_{};  // requests that ended in 200, by method
  RequestMetrics& owner_;
  std::string endpoint_;
  std::atomic<Others*> others_{nullptr};
};

class RequestMetrics {
 public:
  explicit RequestMetrics(MetricsRegistry& registry);

  // The metrics of the endpoint of that name, the same as long as a snapshot holds them. The empty name is
  // "no endpoint". A build asks for all of its endpoints, between MetricsRegistry::begin_generation() and
  // retire_before(): that keeps the series which were in use before.
  std::shared_ptr<EndpointMetrics> endpoint(std::string_view name);
  GaugeId in_flight() const { return in_flight_; }

 private:
  friend class EndpointMetrics;
  void forget(const std::string& name);

  MetricsRegistry& registry_;
  CounterFamily requests_;
  CounterFamily request_bytes_;
  CounterFamily response_bytes_;
  HistogramFamily durations_;
  GaugeId in_flight_;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<EndpointMetrics>, std::less<>> endpoints_;
};

}  // namespace linkspan::gateway
