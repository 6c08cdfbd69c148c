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

namespace linkspan::gateway {

class RequestMetrics;

// The series of one endpoint.
class EndpointMetrics {
 public:
  EndpointMetrics(RequestMetrics& owner, std::string_view endpoint);
  ~EndpointMetrics();

  // Records a finished request; `shard` is the calling worker's.
  void record(const RequestRecord& record, MetricShard& shard);

 private:
  friend class RequestMetrics;
  struct Series;
  Series& series();
  std::uint32_t request_series(std::size_t method, std::size_t code) const;
  std::uint32_t duration_series(std::size_t phase) const;
  std::uint32_t request_bytes_series() const;
  std::uint32_t response_bytes_series() const;
  void keep_series();  // resolves again what was in use, so that the registry does not retire it

  RequestMetrics& owner_;
  std::string endpoint_;
  std::atomic<Series*> series_{nullptr};
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
