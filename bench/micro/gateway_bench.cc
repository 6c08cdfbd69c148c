// What the gateway's decisions cost, without sockets: nanoseconds of CPU time per call, the best of several
// rounds.
//
//   linkspan_gateway_bench
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/api_key_table.h"
#include "gateway/access_log.h"
#include "gateway/decide.h"
#include "gateway/limits/rate_fields.h"
#include "gateway/snapshot.h"

namespace linkspan::gateway {
namespace {

std::int64_t cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * kNsPerSecond + time.tv_nsec;
}

void keep(const void* value) {
  asm volatile("" : : "g"(value) : "memory");
}

// `run(i)` once per iteration.
template <typename Run>
void measure(const char* what, Run run, int iterations = 100'000) {
  double best = 1e18;
  for (int round = 0; round < 7; ++round) {
    const std::int64_t start = cpu_ns();
    for (int i = 0; i < iterations; ++i) run(static_cast<std::size_t>(i));
    best = std::min(best, static_cast<double>(cpu_ns() - start) / iterations);
  }
  std::printf("%-58s %8.1f ns\n", what, best);
}

std::string key_text(std::size_t i) {
  return "lk_" + std::to_string(1'000'000'007 * (i + 1)) + "_0123456789abcdef";
}

std::string path_of(std::size_t i) {
  return "/team" + std::to_string(i % 100) + "/service-" + std::to_string(i) + "/items";
}

config::PathPattern pattern_of(std::size_t i) {
  using Kind = config::PathSegment::Kind;
  config::PathPattern pattern;
  pattern.text = path_of(i) + "/{id}";
  pattern.segments = {{Kind::literal, "team" + std::to_string(i % 100)},
                      {Kind::literal, "service-" + std::to_string(i)},
                      {Kind::literal, "items"},
                      {Kind::parameter, "id"}};
  return pattern;
}

// Endpoints that proxy, with API key and rate per consumer; `keys` consumers with one key each.
std::shared_ptr<config::Config> make_config(std::size_t endpoints, std::size_t keys) {
  auto config = std::make_shared<config::Config>();
  config->listen.resize(1);
  config->auth.push_back({.origin = {}, .name = "key", .api_key = config::ApiKeyAuthConfig{"X-Api-Key", ""}});
  config->apis.resize(1);
  config->apis[0].name = "stock";
  config->apis[0].servers.resize(1);
  config->apis[0].servers[0].label = "127.0.0.1:7001";
  Sha256 sha256;
  for (std::size_t i = 0; i < keys; ++i) {
    config::ConsumerConfig consumer;
    consumer.name = "consumer-" + std::to_string(i);
    consumer.keys = {{"k1", sha256.digest(key_text(i))}};
    config->consumers.push_back(std::move(consumer));
  }
  for (std::size_t i = 0; i < endpoints; ++i) {
    config::EndpointConfig endpoint;
    endpoint.name = "endpoint-" + std::to_string(i);
    endpoint.path = pattern_of(i);
    endpoint.methods = {"GET", "POST"};
    endpoint.auth = {"key"};
    endpoint.auth_indices = {0};
    endpoint.rate =
        config::RateLimitConfig{{1'000'000, std::chrono::seconds(1)}, 1'000'000, config::RatePer::consumer};
    endpoint.proxy.emplace();
    endpoint.proxy->api = "stock";
    config->endpoints.push_back(std::move(endpoint));
  }
  return config;
}

// A parsed request with what it takes to decide about it.
struct Request {
  explicit Request(std::size_t endpoint, std::size_t key)
      : text("GET " + path_of(endpoint) +
             "/4711?fields=name HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: bench/1\r\n"
             "Accept: */*\r\nX-Api-Key: " +
             key_text(key) + "\r\n\r\n"),
        head(storage) {
    http::parse_request_head(text, {}, 0, head);
  }
  std::string text;
  http::FieldStorage<> storage;
  http::RequestHead head;
};

struct Gateway {
  Gateway(std::size_t endpoints, std::size_t keys) : state(registry) {
    const auto config = make_config(endpoints, keys);
    const std::int64_t start = cpu_ns();
    auto built = build_snapshot(config, state, 1);
    build_ns = cpu_ns() - start;
    if (!built) {
      std::fprintf(stderr, "%s\n", built.error().to_string().c_str());
      std::exit(1);
    }
    snapshot = std::move(built).value();
    for (std::size_t i = 0; i < std::min<std::size_t>(2048, std::max(endpoints, keys)); ++i) {
      const std::size_t spread = i * 7919;
      requests.push_back(std::make_unique<Request>(spread % endpoints, spread % keys));
    }
  }
  const Request& request(std::size_t i) const { return *requests[i % requests.size()]; }

  MetricsRegistry registry;
  GatewayState state;
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<std::unique_ptr<Request>> requests;
  std::int64_t build_ns = 0;
};

void measure_gateway(std::size_t endpoints, std::size_t keys) {
  const Gateway gateway(endpoints, keys);
  std::printf("\n%zu endpoints, %zu keys (snapshot built in %.0f ms), different requests in turn\n",
              endpoints, keys, static_cast<double>(gateway.build_ns) / 1e6);
  PathParams params;
  measure("route", [&](std::size_t i) {
    const http::RequestHead& head = gateway.request(i).head;
    const RouteMatch match = gateway.snapshot->router.find(
        {head.host, head.path, head.method, head.method_name, &head.fields}, params);
    keep(&match);
  });
  Sha256 sha256;
  measure("hash a key", [&](std::size_t i) {
    const Digest digest = sha256.digest(gateway.request(i).head.fields.value(http::HeaderId::x_api_key));
    keep(&digest);
  });
  measure("find a key", [&](std::size_t i) {
    keep(
        gateway.snapshot->keys.find(gateway.request(i).head.fields.value(http::HeaderId::x_api_key), sha256));
  });
  const auto context = std::make_unique<RequestContext>();
  WorkerScratch scratch;
  MonotonicNs now = kNsPerSecond;
  const http::IpAddress client = http::IpAddress::v4({192, 0, 2, 1});
  measure("decide", [&](std::size_t i) {
    now += 10'000;
    context->start(gateway.request(i).head, client, now, scratch);
    const Decision decision = decide(*gateway.snapshot, *context);
    if (decision.kind != Decision::Kind::proxy) std::exit(1);
  });
  std::array<char, 1024> target;
  measure("upstream target", [&](std::size_t) {
    keep(write_upstream_target(*context->endpoint->proxy, *context, target).data());
  });
}

void measure_records() {
  Gateway gateway(1, 1);
  MetricShard& shard = gateway.registry.add_shard();
  const Request& request = gateway.request(0);
  const TraceContext trace = [] {
    TraceContext made{};
    made.trace_id.fill('a');
    made.span_id.fill('b');
    return made;
  }();
  RequestRecord record;
  record.request_id = "0123456789abcdef";
  record.trace = &trace;
  record.client = "192.0.2.1";
  record.consumer = "consumer-0";
  record.key_id = "k1";
  record.endpoint = &gateway.snapshot->endpoints[0];
  record.method = request.head.method;
  record.method_name = request.head.method_name;
  record.host = request.head.host;
  record.path = request.head.path;
  record.protocol = "HTTP/1.1";
  record.user_agent = request.head.fields.value(http::HeaderId::user_agent);
  record.status = 200;
  record.bytes_in = 200;
  record.bytes_out = 512;
  record.api = "stock";
  record.server = "127.0.0.1:7001";
  record.attempts = 1;
  record.wait_ns = 400;
  record.first_byte_ns = 250'000;
  record.total_ns = 300'000;

  std::printf("\nrecording one request\n");
  AccessLog log({});
  std::vector<char> line(log.max_bytes(record));
  WallNs wall = 1'795'333'651'000'000'000;
  measure("access-log line", [&](std::size_t) {
    record.finished_at_ns = wall += 10'000;
    const std::size_t size = log.format(record, line.data());
    keep(&size);
  });
  EndpointMetrics& metrics = gateway.snapshot->metrics_of(record.endpoint);
  measure("metrics", [&](std::size_t) { metrics.record(record, shard); });
}

void measure_limits() {
  std::printf("\nrate limits\n");
  const auth::RateLimit rate{1'000'000, std::chrono::seconds(1), 1'000'000};
  const GcraLimit limit = make_gcra(rate);
  RateCell cell{0};
  MonotonicNs now = kNsPerSecond;
  measure("GCRA", [&](std::size_t) {
    const GcraResult result = gcra_take(limit, cell, now += 10'000);
    keep(&result);
  });
  AddressLimits addresses(1);
  measure("GCRA by address, 10,000 addresses", [&](std::size_t i) {
    const auto n = static_cast<std::uint32_t>(i * 7919 % 10'000);
    const auto address =
        http::IpAddress::v4({10, 0, static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)});
    const GcraResult result = addresses.take(address, 0, limit, now += 10'000);
    keep(&result);
  });
  const RateFields fields("endpoint", rate);
  const auto context = std::make_unique<RequestContext>();
  const GcraResult result{
      .conforms = true, .remaining = 4711, .retry_after_ns = 0, .full_after_ns = kNsPerMs};
  measure("RateLimit and RateLimit-Policy fields", [&](std::size_t) {
    context->arena.clear();
    context->response_fields.clear();
    fields.add(result, *context);
    keep(context.get());
  });
}

}  // namespace
}  // namespace linkspan::gateway

int main() {
  using namespace linkspan::gateway;
  measure_gateway(1, 1);
  measure_gateway(10'000, 1);
  measure_gateway(1, 100'000);
  measure_gateway(10'000, 100'000);
  measure_limits();
  measure_records();
}
