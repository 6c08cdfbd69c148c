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
                                           MonotonicNs) override;
};

// A server: the test takes its connections and answers by hand.
class Backend {
 public:
  Backend() : listening_(std::move(*io::listen_tcp(*io::SocketAddress::parse("127.0.0.1", 0), 64))) {}

  std::string url() const;
  // The next connection that waits to be accepted; null if there is none.
  std::unique_ptr<Client> accept();

 private:
  io::UniqueFd listening_;
};

// Takes every request and says what it got.
class TakingIntake final : public FlowIntake {
 public:
  io::Task<void> handle(Exchange& exchange, FlowRequest& request) override;
};

class ProxyTest : public LoopServerTest {
 protected:
  ProxyTest();
  ~ProxyTest() override;

  // The whole config but `listen`: see simple().
  void start(std::string_view yaml);

  // One open endpoint in front of the backends; `api`, `endpoint` and `more` are further lines.
  static std::string simple(const std::vector<const Backend*>& backends, std::string_view api = "",
                            std::string_view more = "", std::string_view endpoint = "");

  // Handles what is ready.
  void settle();
  // The same after so much time. What was busy when its time came is told a moment later.
  void pass_ms(std::int64_t ms);

  std::unique_ptr<Client> accepted(Backend& backend);
  // The next connection at the backend, once the request on it has a whole head.
  std::unique_ptr<Client> asked(Backend& backend);
  bool receives(Client& client, std::string_view text);
  // Sends all of it, while the gateway takes it.
  bool send_all(Client& client, std::string_view bytes);

  // The lines of the access log so far.
  const std::string& log();
  // The same, as soon as there are so many lines.
  const std::string& log_lines(std::ptrdiff_t count);
  const upstream::ServerState& server_state(std::size_t index) const;

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
