// For the unit tests of the proxy: the gateway on a loop with a virtual clock, between clients and servers
// over real sockets, both ends of which the test drives step by step on the same thread.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log_ring.h"
#include "config/loader.h"
#include "config/sources.h"
#include "gateway/proxy/gateway_handler.h"
#include "gateway/server/server_testing.h"
#include "gateway/snapshot.h"
#include "upstream/cluster.h"

namespace linkspan::gateway::testing {

// Knows numeric addresses only.
class NumericResolver final : public io::Resolver {
 public:
  io::Task<Result<io::Resolution>> resolve(std::string host, std::uint16_t port, io::Waiter&,
                                           MonotonicNs) override {
    Result<io::SocketAddress> address = io::SocketAddress::parse(host, port);
    if (!address) co_return std::move(address).error();
    co_return io::Resolution{.addresses = {*address}, .expires_at = io::Resolution::kForever};
  }
};

// A server: the test takes its connections and answers by hand.
class Backend {
 public:
  Backend() : listening_(std::move(*io::listen_tcp(*io::SocketAddress::parse("127.0.0.1", 0), 64))) {}

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(io::local_address(listening_.get())->port());
  }
  // The next connection that waits to be accepted; null if there is none.
  std::unique_ptr<Client> accept() {
    io::UniqueFd fd(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    return fd.valid() ? std::make_unique<Client>(std::move(fd)) : nullptr;
  }

 private:
  io::UniqueFd listening_;
};

// Takes every request and says what it got.
class TakingIntake final : public FlowIntake {
 public:
  io::Task<void> handle(Exchange& exchange, FlowRequest& request) override {
    io::Task<Result<std::string>> reading = exchange.read_body(1 << 20);
    Result<std::string> body = co_await reading;
    const std::string text = "taken: " + (body ? *body : body.error().to_string());
    const Response response{.status = 202,
                            .content_type = "text/plain",
                            .fields = request.context.response_fields,
                            .lines = {},
                            .body = text};
    io::Task<void> responding = exchange.respond(response);
    co_await responding;
  }
};

class ProxyTest : public LoopServerTest {
 protected:
  // The whole config but `listen`: see simple().
  void start(std::string_view yaml) {
    const config::LoadResult loaded = config::load_text(
        "test.yaml", "listen: http://127.0.0.1:0\n" + std::string(yaml), config::empty_sources());
    for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
    ASSERT_TRUE(loaded.ok());
    metrics_.begin_generation();
    auto snapshot = build_snapshot(loaded.config, state_, 1);
    ASSERT_TRUE(snapshot) << snapshot.error().to_string();
    auto clusters = upstream::build_clusters((*snapshot)->apis, nullptr, clock_.wall_ns());
    ASSERT_TRUE(clusters) << clusters.error().to_string();
    cluster_list_ = *clusters;
    handler_ = std::make_unique<GatewayHandler>(clusters_, shard_, GaugeId{}, access_ring_, flows_, Logger());
    handler_->adopt(*snapshot, *cluster_list_);
    const config::LimitsConfig& limits = loaded.config->limits;
    ServerLimits server_limits;
    server_limits.head.max_header_bytes = limits.max_header_bytes;
    server_limits.head.max_fields = limits.max_headers;
    server_limits.max_buffer_bytes = limits.max_buffer_bytes;
    server_limits.body_timeout_ns = limits.body_timeout.count();
    server_limits.send_timeout_ns = limits.send_timeout.count();
    server_ = std::make_unique<Server>(*loop_, *handler_, server_limits, Logger(), shard_, ServerMetrics{});
    ListenerOptions options;
    options.trusted_proxies = (*snapshot)->trusted_proxies.front();
    listen(std::move(options));
  }

  // One open endpoint in front of the backends; `api`, `endpoint` and `more` are further lines.
  static std::string simple(const std::vector<const Backend*>& backends, std::string_view api = "",
                            std::string_view more = "", std::string_view endpoint = "") {
    std::string servers;
    for (const Backend* backend : backends) servers += (servers.empty() ? "" : ", ") + backend->url();
    return "apis:\n  backend:\n    servers: [" + servers + "]\n    " + std::string(api) +
           "\nendpoints:\n  all:\n    path: /{rest...}\n    proxy: { api: backend }\n    " +
           std::string(endpoint) + "\n" + std::string(more) + "\n";
  }

  // Handles what is ready.
  void settle() {
    for (int i = 0; i < 10; ++i) loop_->run_once(1);
  }
  // The same after so much time. What was busy when its time came is told a moment later.
  void pass_ms(std::int64_t ms) {
    clock_.advance(ms * kNsPerMs);
    settle();
    clock_.advance(2 * kNsPerMs);
    settle();
  }

  std::unique_ptr<Client> accepted(Backend& backend) {
    std::unique_ptr<Client> peer;
    EXPECT_TRUE(run_until([&] { return (peer = backend.accept()) != nullptr; })) << "no connection came";
    return peer;
  }
  // The next connection at the backend, once the request on it has a whole head.
  std::unique_ptr<Client> asked(Backend& backend) {
    std::unique_ptr<Client> peer = accepted(backend);
    EXPECT_TRUE(peer != nullptr && receives(*peer, "\r\n\r\n"));
    return peer;
  }
  bool receives(Client& client, std::string_view text) {
    return run_until([&] {
             client.read();
             return client.received.find(text) != std::string::npos || client.ended || client.reset;
           }) &&
           client.received.find(text) != std::string::npos;
  }
  // Sends all of it, while the gateway takes it.
  bool send_all(Client& client, std::string_view bytes) {
    return run_until([&] {
      bytes.remove_prefix(client.send_some(bytes));
      return bytes.empty();
    });
  }

  // The lines of the access log so far.
  const std::string& log() {
    for (auto bytes = access_ring_.readable(); !bytes.empty(); bytes = access_ring_.readable()) {
      log_.append(bytes.data(), bytes.size());
      access_ring_.consume(bytes.size());
    }
    return log_;
  }
  // The same, as soon as there are so many lines.
  const std::string& log_lines(std::ptrdiff_t count) {
    EXPECT_TRUE(run_until([&] {
      const std::string& text = log();
      return std::ranges::count(text, '\n') >= count;
    })) << "no access-log line";
    return log_;
  }
  const upstream::ServerState& server_state(std::size_t index) const {
    return *cluster_list_->clusters.front()->state(index);
  }

  NumericResolver resolver_;
  MetricShard& shard_ = metrics_.add_shard();
  GatewayState state_{metrics_};
  LogWakeup wakeup_;
  LogRing access_ring_{1 << 20, wakeup_};
  upstream::ClusterSet clusters_{*loop_, resolver_, shard_, Logger()};
  std::shared_ptr<const upstream::ClusterList> cluster_list_;
  TakingIntake flows_;
  std::unique_ptr<GatewayHandler> handler_;

 private:
  std::string log_;
};

}  // namespace linkspan::gateway::testing
