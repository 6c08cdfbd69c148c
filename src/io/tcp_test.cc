#include "io/tcp.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/sanitizer.h"
#include "io/io_testing.h"

namespace linkspan::io {
namespace {

using testing::LoopFixture;

SocketAddress loopback(std::uint16_t port = 0) {
  return *SocketAddress::parse("127.0.0.1", port);
}

struct Recorder : Acceptor::Handler {
  void on_accept(UniqueFd socket, const SocketAddress& peer) override {
    sockets.push_back(std::move(socket));
    peers.push_back(peer);
  }
  void on_backoff(int error) override { backoffs.push_back(error); }
  std::vector<UniqueFd> sockets;
  std::vector<SocketAddress> peers;
  std::vector<int> backoffs;
};

struct TcpTest : ::testing::Test, LoopFixture {
  Task<void> run_connect(SocketAddress address, MonotonicNs deadline) {
    Result<void> connected = co_await connect(stream, waiter, address, deadline);
    outcome.emplace(std::move(connected));
  }
  void start_connect(SocketAddress address, MonotonicNs deadline) {
    stream.set_waiter(&waiter);
    spawn(run_connect(address, deadline));
  }

  Waiter waiter{*loop};
  Stream stream{*loop};
  std::optional<Result<void>> outcome;
};

TEST_F(TcpTest, connects_and_is_accepted_with_its_address) {
  Recorder recorder;
  UniqueFd listening = std::move(*listen_tcp(loopback(), 16));
  const SocketAddress address = *local_address(listening.get());
  EXPECT_NE(address.port(), 0);
  Acceptor acceptor(*loop, std::move(listening), recorder);
  ASSERT_TRUE(acceptor.start());
  start_connect(address, in_ms(10'000));
  ASSERT_TRUE(run_until([&] { return outcome.has_value() && !recorder.sockets.empty(); }));
  EXPECT_TRUE(outcome->ok());
  EXPECT_TRUE(stream.may_write());
  EXPECT_EQ(recorder.peers.at(0), *local_address(stream.fd()));
}

TEST_F(TcpTest, refused_connection_says_so) {
  SocketAddress address;
  {
    const UniqueFd listening = std::move(*listen_tcp(loopback(), 1));
    address = *local_address(listening.get());
  }
  start_connect(address, in_ms(10'000));
  ASSERT_TRUE(run_until([&] { return outcome.has_value(); }));
  ASSERT_FALSE(outcome->ok());
  EXPECT_EQ(outcome->error().slug(), "upstream-connect-refused");
  EXPECT_NE(outcome->error().detail().find(address.to_string()), std::string::npos);
  EXPECT_FALSE(stream.is_open());
}

TEST_F(TcpTest, unanswered_connection_attempt_times_out) {
  // A full backlog: the kernel drops further attempts without an answer.
  const UniqueFd listening = std::move(*listen_tcp(loopback(), 0));
  const SocketAddress address = *local_address(listening.get());
  std::vector<UniqueFd> filling;
  for (int i = 0; i < 8; ++i) {
    filling.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(filling.back().get(), address.data(), address.size());
  }
  start_connect(address, in_ms(30));
  ASSERT_TRUE(run_until([&] { return outcome.has_value(); }));
  ASSERT_FALSE(outcome->ok());
  EXPECT_EQ(outcome->error().slug(), "upstream-timeout-connect");
  EXPECT_FALSE(stream.is_open());
}

TEST_F(TcpTest, several_workers_may_listen_on_one_address) {
  const UniqueFd first = std::move(*listen_tcp(loopback(), 1));
  const SocketAddress address = *local_address(first.get());
  const Result<UniqueFd> second = listen_tcp(address, 1);
  EXPECT_TRUE(second.ok());
}

TEST_F(TcpTest, foreign_address_cannot_be_listened_on) {
  const Result<UniqueFd> listening = listen_tcp(*SocketAddress::parse("192.0.2.1", 0), 1);
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().slug(), "listen-failed");
  EXPECT_NE(listening.error().detail().find("192.0.2.1"), std::string::npos);
}

TEST_F(TcpTest, draining_takes_in_the_backlog_and_then_refuses) {
  Recorder recorder;
  UniqueFd listening = std::move(*listen_tcp(loopback(), 16));
  const SocketAddress address = *local_address(listening.get());
  Acceptor acceptor(*loop, std::move(listening), recorder);
  ASSERT_TRUE(acceptor.start());
  const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(client.get(), address.data(), address.size()), 0);
  acceptor.drain_and_close();
  EXPECT_EQ(recorder.sockets.size(), 1u);
  const UniqueFd late(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_NE(::connect(late.get(), address.data(), address.size()), 0);
  acceptor.drain_and_close();
}

// Lowers the limit on descriptors to those that are open, for its lifetime.
struct NoDescriptors {
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before);
    const UniqueFd next(::dup(0));
    rlimit lowered = before;
    lowered.rlim_cur = static_cast<rlim_t>(next.get());
    ::setrlimit(RLIMIT_NOFILE, &lowered);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before); }
  rlimit before{};
};

TEST_F(TcpTest, a_want_of_descriptors_is_not_said_of_the_server) {
#if LINKSPAN_ASAN
  GTEST_SKIP()
      << "without descriptors the undefined-behaviour sanitizer cannot look at memory, and reports that";
#endif
  {
    const NoDescriptors none;
    start_connect(loopback(1), in_ms(10'000));
  }
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->error().slug(), "out-of-sockets");
  EXPECT_FALSE(stream.is_open());
}

// Connects anew with the first connection that it is given.
struct Rival : Recorder {
  explicit Rival(const SocketAddress& address) : address_(address) {}
  void on_accept(UniqueFd socket, const SocketAddress& peer) override {
    Recorder::on_accept(std::move(socket), peer);
    if (sockets.size() == 1) ::connect(client.get(), address_.data(), address_.size());
  }
  UniqueFd client{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};

 private:
  SocketAddress address_;
};

TEST_F(TcpTest, who_comes_while_the_backlog_is_taken_in_is_not_connected_to_be_reset) {
  UniqueFd listening = std::move(*listen_tcp(loopback(), 16));
  const SocketAddress address = *local_address(listening.get());
  Rival rival(address);
  Acceptor acceptor(*loop, std::move(listening), rival);
  ASSERT_TRUE(acceptor.start());
  const UniqueFd first(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(first.get(), address.data(), address.size()), 0);
  acceptor.drain_and_close();
  EXPECT_EQ(rival.sockets.size(), 1u);
  tcp_info info{};
  socklen_t size = sizeof info;
  ASSERT_EQ(::getsockopt(rival.client.get(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  EXPECT_EQ(info.tcpi_state, TCP_SYN_SENT) << "it tries again later";
}

// In a process of its own, as it takes all descriptors.
int accept_without_descriptors() {
  RealClock clock;
  std::unique_ptr<Loop> loop = std::move(*Loop::create(clock));
  Recorder recorder;
  UniqueFd listening = std::move(*listen_tcp(loopback(), 16));
  const SocketAddress address = *local_address(listening.get());
  Acceptor acceptor(*loop, std::move(listening), recorder);
  if (!acceptor.start()) return 1;
  UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(client.get(), address.data(), address.size()) != 0) return 2;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = static_cast<rlim_t>(client.get()) + 1;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return 3;
  const MonotonicNs start = clock.monotonic_ns();
  int rounds = 0;
  while (clock.monotonic_ns() - start < 350 * kNsPerMs) {
    loop->run_once(50);
    ++rounds;
  }
  if (recorder.backoffs.empty() || recorder.backoffs.front() != EMFILE) return 4;
  if (rounds > 60) return 5;  // it spun
  if (!recorder.sockets.empty()) return 6;
  limit.rlim_cur += 10;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return 7;
  while (recorder.sockets.empty() && clock.monotonic_ns() - start < 20 * kNsPerSecond) loop->run_once(50);
  return recorder.sockets.size() == 1 ? 0 : 8;
}

TEST_F(TcpTest, acceptor_without_descriptors_waits_and_then_serves_the_waiting) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(accept_without_descriptors());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(TcpTest, an_address_that_is_listened_to_can_be_told_from_a_free_one) {
  Result<UniqueFd> listening = listen_tcp(*SocketAddress::parse("127.0.0.1", 0), 1);
  ASSERT_TRUE(listening);
  const SocketAddress address = *local_address(listening->get());
  EXPECT_TRUE(listen_tcp(address, 1)) << "workers share a port";
  const Result<void> taken = check_not_listened_to(address);
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().detail().find(address.to_string()), std::string::npos) << taken.error().detail();
  listening->reset();
  EXPECT_TRUE(check_not_listened_to(address));
}

TEST(SocketAddressTest, addresses_are_written_as_they_are_read) {
  EXPECT_EQ(SocketAddress::parse("10.0.0.5", 80)->to_string(), "10.0.0.5:80");
  EXPECT_EQ(SocketAddress::parse("2001:DB8::1", 443)->to_string(), "[2001:db8::1]:443");
  EXPECT_EQ(SocketAddress::parse("[::1]", 1)->to_string(), "[::1]:1");
}

TEST(SocketAddressTest, anything_but_a_numeric_address_is_refused) {
  for (const char* text :
       {"", "localhost", "10.0.0", "10.0.0.256", "1.2.3.4:80", "[::1", "::1]", "::g", "0x7f.1"}) {
    EXPECT_FALSE(SocketAddress::parse(text, 80)) << text;
  }
}

TEST(SocketAddressTest, equality_is_of_family_address_and_port) {
  EXPECT_EQ(*SocketAddress::parse("127.0.0.1", 80), *SocketAddress::parse("127.0.0.1", 80));
  EXPECT_FALSE(*SocketAddress::parse("127.0.0.1", 80) == *SocketAddress::parse("127.0.0.1", 81));
  EXPECT_FALSE(*SocketAddress::parse("127.0.0.1", 80) == *SocketAddress::parse("127.0.0.2", 80));
  EXPECT_FALSE(*SocketAddress::parse("127.0.0.1", 80) == *SocketAddress::parse("::1", 80));
}

}  // namespace
}  // namespace linkspan::io
