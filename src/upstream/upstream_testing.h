// What the tests of this room share: a loop under a virtual clock, a scripted HTTP server on the same loop, a
// resolver that knows what it is told, and settings with short names.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "base/metrics.h"
#include "io/resolver.h"
#include "io/tcp.h"
#include "io/tls_handshake.h"
#include "upstream/client.h"
#include "upstream/cluster.h"
#include "upstream/job.h"

namespace linkspan::upstream::testing {

// Answers numeric addresses, and the names that a test has added.
class FakeResolver final : public io::Resolver {
 public:
  std::map<std::string, std::vector<std::string>> names;

  io::Task<Result<io::Resolution>> resolve(std::string host, std::uint16_t port, io::Waiter&,
                                           MonotonicNs) override;
};

// What the scripted server does with a request.
struct Reply {
  std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  bool close = false;  // after the bytes
  bool reset = false;  // after the bytes
  bool hang = false;   // no bytes, ever
};

class TestServer final : public io::Acceptor::Handler {
 public:
  using Script = std::function<Reply(const std::string& request)>;

  explicit TestServer(io::Loop& loop, Script script = {}, std::shared_ptr<const io::ServerTls> tls = {});

  ~TestServer() override;

  std::uint16_t port() const { return port_; }
  std::string label() const;
  std::size_t accepted() const { return accepted_; }
  const std::vector<std::string>& requests() const { return requests_; }
  std::size_t open_connections() const;
  void script(Script script) { script_ = std::move(script); }
  // Ends all connections, orderly, and stays.
  void close_connections() { peers_.clear(); }
  void say_on_all(std::string_view bytes);
  // Refuses from now on.
  void stop();
  // Listens again on the same port.
  void restart() { listen(port_); }

 private:
  struct Peer {
    explicit Peer(io::Loop& loop) : waiter(loop), stream(loop) {}
    io::Waiter waiter;
    io::Stream stream;
    Job job;
  };

  void listen(std::uint16_t port);

  void on_accept(io::UniqueFd socket, const io::SocketAddress&) override;
  void on_backoff(int) override {}

  static io::Task<void> serve(TestServer& server, Peer& peer);

  // Of the first whole request in `input`; 0 if there is none.
  static std::size_t message_end(const std::string& input);

  io::Loop& loop_;
  Script script_;
  std::shared_ptr<const io::ServerTls> tls_;
  std::uint16_t port_ = 0;
  std::size_t accepted_ = 0;
  std::vector<std::string> requests_;
  std::unique_ptr<io::Acceptor> acceptor_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

ServerSettings server_at(std::uint16_t port, std::uint32_t weight = 1);

ClusterSettings api_of(std::vector<ServerSettings> servers, std::string name = "stock");

// A worker: loop, clock, resolver, cluster set.
class UpstreamTest : public ::testing::Test {
 protected:
  UpstreamTest();
  ~UpstreamTest() override;

  Cluster& adopt(ClusterSettings settings);
  void adopt_all(std::vector<ClusterSettings> settings);

  // Lets the loop work until `done`, without letting the virtual clock move.
  template <typename Condition>
  void run_until(Condition done) {
    for (int round = 0; round < 5000 && !done(); ++round) loop->run_once(1);
    ASSERT_TRUE(done()) << "what the test waits for did not happen";
  }
  void settle();
  void advance(MonotonicNs by);

  template <typename T>
  static io::Task<void> keep(io::Task<T> task, std::optional<T>& out) {
    T value = co_await task;
    out.emplace(std::move(value));
  }
  // To its end; a millisecond passes each round, for what waits on purpose.
  template <typename T>
  T run(io::Task<T> task) {
    std::optional<T> out;
    Job job = start(keep(std::move(task), out));
    for (int round = 0; round < 900 && !out; ++round) {
      loop->run_once(1);
      clock.advance(kNsPerMs);
    }
    if (!out) {
      ADD_FAILURE() << "the task did not end";
      std::abort();
    }
    return std::move(*out);
  }

  Result<Response> get(Cluster& cluster, std::string target = "/");

  VirtualClock clock{RealClock().wall_ns(), 1000 * kNsPerSecond};
  std::unique_ptr<io::Loop> loop;
  FakeResolver resolver;
  MetricsRegistry registry;
  MetricShard* shard;
  std::unique_ptr<ClusterSet> set;
  std::shared_ptr<const ClusterList> list;
};

}  // namespace linkspan::upstream::testing
