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
                                           MonotonicNs) override {
    io::Resolution resolution{.addresses = {}, .expires_at = io::Resolution::kForever};
    const auto found = names.find(host);
    const std::vector<std::string> hosts = found != names.end() ? found->second : std::vector{host};
    for (const std::string& numeric : hosts) {
      Result<io::SocketAddress> address = io::SocketAddress::parse(numeric, port);
      if (!address) co_return Error(errors::upstream_dns_failed, host + " does not exist");
      resolution.addresses.push_back(*address);
    }
    co_return resolution;
  }
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

  explicit TestServer(io::Loop& loop, Script script = {}, std::shared_ptr<const io::ServerTls> tls = {})
      : loop_(loop), script_(std::move(script)), tls_(std::move(tls)) {
    listen(0);
  }

  std::uint16_t port() const { return port_; }
  std::string label() const {
    return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
  }
  std::size_t accepted() const { return accepted_; }
  const std::vector<std::string>& requests() const { return requests_; }
  std::size_t open_connections() const {
    std::size_t open = 0;
    for (const auto& peer : peers_) open += peer->stream.is_open() ? 1 : 0;
    return open;
  }
  void script(Script script) { script_ = std::move(script); }
  // Ends all connections, orderly, and stays.
  void close_connections() { peers_.clear(); }
  void say_on_all(std::string_view bytes) {
    for (const auto& peer : peers_) {
      if (!peer->stream.is_open()) continue;
      EXPECT_EQ(peer->stream.write({bytes.data(), bytes.size()}).bytes, bytes.size());
    }
  }
  // Refuses from now on.
  void stop() {
    acceptor_.reset();
    peers_.clear();
  }
  // Listens again on the same port.
  void restart() { listen(port_); }

 private:
  struct Peer {
    explicit Peer(io::Loop& loop) : waiter(loop), stream(loop) {}
    io::Waiter waiter;
    io::Stream stream;
    Job job;
  };

  void listen(std::uint16_t port) {
    auto fd = io::listen_tcp(*io::SocketAddress::parse("127.0.0.1", port), 64);
    ASSERT_TRUE(fd) << fd.error().detail();
    port_ = io::local_address(fd->get())->port();
    acceptor_ = std::make_unique<io::Acceptor>(loop_, std::move(*fd), *this);
    ASSERT_TRUE(acceptor_->start());
  }

  void on_accept(io::UniqueFd socket, const io::SocketAddress&) override {
    ++accepted_;
    peers_.push_back(std::make_unique<Peer>(loop_));
    Peer& peer = *peers_.back();
    ASSERT_TRUE(peer.stream.open(std::move(socket)));
    peer.stream.set_waiter(&peer.waiter);
    peer.job = start(serve(*this, peer));
  }
  void on_backoff(int) override {}

  static io::Task<void> serve(TestServer& server, Peer& peer) {
    if (server.tls_) {
      peer.stream.start_tls(server.tls_->accept());
      Result<void> secured = co_await io::tls_accept(peer.stream, peer.waiter, io::Waiter::kNever);
      if (!secured) co_return;
    }
    std::string input;
    char buffer[4096];
    while (true) {
      const std::size_t end = message_end(input);
      if (end != 0) {
        server.requests_.push_back(input.substr(0, end));
        input.erase(0, end);
        const Reply reply = server.script_ ? server.script_(server.requests_.back()) : Reply{};
        if (reply.hang) continue;
        if (!reply.bytes.empty()) peer.stream.write({reply.bytes.data(), reply.bytes.size()});
        if (reply.reset) peer.stream.reset();
        if (reply.close) peer.stream.close();
        if (reply.reset || reply.close) co_return;
        continue;
      }
      const io::IoResult got = peer.stream.read(buffer);
      if (got.status == io::IoStatus::ok) {
        input.append(buffer, got.bytes);
      } else if (got.status == io::IoStatus::would_block) {
        co_await peer.waiter.wait(io::Waiter::kNever);
      } else {
        peer.stream.close();
        co_return;
      }
    }
  }

  // Of the first whole request in `input`; 0 if there is none.
  static std::size_t message_end(const std::string& input) {
    const std::size_t head = input.find("\r\n\r\n");
    if (head == std::string::npos) return 0;
    const std::size_t length = input.find("Content-Length: ");
    const std::size_t body = length < head ? std::stoul(input.substr(length + 16)) : 0;
    return input.size() >= head + 4 + body ? head + 4 + body : 0;
  }

  io::Loop& loop_;
  Script script_;
  std::shared_ptr<const io::ServerTls> tls_;
  std::uint16_t port_ = 0;
  std::size_t accepted_ = 0;
  std::vector<std::string> requests_;
  std::unique_ptr<io::Acceptor> acceptor_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

inline ServerSettings server_at(std::uint16_t port, std::uint32_t weight = 1) {
  ServerSettings server;
  server.host = "127.0.0.1";
  server.port = port;
  server.weight = weight;
  server.label = "http://127.0.0.1:" + std::to_string(port);
  return server;
}

inline ClusterSettings api_of(std::vector<ServerSettings> servers, std::string name = "stock") {
  ClusterSettings settings;
  settings.name = std::move(name);
  settings.servers = std::move(servers);
  return settings;
}

// A worker: loop, clock, resolver, cluster set.
class UpstreamTest : public ::testing::Test {
 protected:
  UpstreamTest() : loop(std::move(*io::Loop::create(clock))), shard(&registry.add_shard()) {
    set = std::make_unique<ClusterSet>(*loop, resolver, *shard, Logger());
  }

  Cluster& adopt(ClusterSettings settings) {
    adopt_all({std::move(settings)});
    return *set->clusters().front();
  }
  void adopt_all(std::vector<ClusterSettings> settings) {
    auto built = build_clusters(std::move(settings), list.get(), clock.wall_ns());
    ASSERT_TRUE(built) << built.error().detail();
    list = *built;
    set->adopt(*list);
  }

  // Lets the loop work until `done`, without letting the virtual clock move.
  template <typename Condition>
  void run_until(Condition done) {
    for (int round = 0; round < 5000 && !done(); ++round) loop->run_once(1);
    ASSERT_TRUE(done()) << "what the test waits for did not happen";
  }
  void settle() {
    for (int round = 0; round < 10; ++round) loop->run_once(1);
  }
  void advance(MonotonicNs by) {
    clock.advance(by);
    settle();
  }

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

  Result<Response> get(Cluster& cluster, std::string target = "/") {
    Request request{.target = std::move(target)};
    return run(send(cluster, std::move(request), loop->now() + 10 * kNsPerSecond));
  }

  VirtualClock clock{RealClock().wall_ns(), 1000 * kNsPerSecond};
  std::unique_ptr<io::Loop> loop;
  FakeResolver resolver;
  MetricsRegistry registry;
  MetricShard* shard;
  std::unique_ptr<ClusterSet> set;
  std::shared_ptr<const ClusterList> list;
};

}  // namespace linkspan::upstream::testing
