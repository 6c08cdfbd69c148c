// For the unit tests of the server: one on a loop with a virtual clock, a handler that answers by path, and
// clients over real sockets that the test drives step by step on the same thread.
#pragma once

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/error_kinds.h"
#include "base/metrics.h"
#include "base/strings.h"
#include "gateway/server/exchange.h"
#include "gateway/server/handler.h"
#include "gateway/server/server.h"
#include "io/loop.h"
#include "io/socket_address.h"
#include "io/tcp.h"

namespace linkspan::gateway::testing {

// /hello answers at once, /fields with 20,000 bytes of header fields, /echo with the body, /ignore without
// reading it, /long/N with N bytes, /wait when release() is called, /silent not at all, /broken breaks the
// response, /peer tells who asks; the rest is a 404 problem.
class TestHandler final : public Handler {
 public:
  static constexpr std::size_t kMaxEchoBytes = 100'000;

  io::Task<void> handle(Exchange& exchange) override;

  void on_malformed(Exchange&, const ErrorKind& kind, std::string_view) override;

  void release();

  int requests = 0;
  bool released = false;
  std::vector<Exchange*> waiting;
  std::vector<std::string_view> malformed;

 private:
  static io::Task<void> echo(Exchange& exchange);

  static io::Task<void> answer(Exchange& exchange, std::string_view path);
};

// One end of a connection; reads only when told to.
class Client {
 public:
  explicit Client(const io::SocketAddress& address, int receive_buffer_bytes = 0);

  explicit Client(io::UniqueFd connected) : fd_(std::move(connected)), connected_(true) {}

  bool connected() const { return connected_; }
  // True if the kernel took all of it.
  bool send(std::string_view bytes);
  // How much the kernel took.
  std::size_t send_some(std::string_view bytes);
  void end_sending() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }
  void close_with_reset();

  // Takes in what has arrived.
  void read();

  // The same, but no more than a few KiB.
  void read_some();

  std::string received;
  bool ended = false;  // the server closed in an orderly way
  bool reset = false;

 private:
  io::UniqueFd fd_;
  bool connected_ = false;
};

struct Message {
  int status = 0;
  std::string head;
  std::string body;
  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

// A server on a loop with a virtual clock.
class LoopServerTest : public ::testing::Test {
 protected:
  LoopServerTest();
  ~LoopServerTest() override;
  void TearDown() override;

  // Gives `server_` its listener, on a port of its own.
  void listen(ListenerOptions options);

  // Runs the loop until `done` holds; false if it never does.
  bool run_until(const std::function<bool()>& done);

  Client connect(int receive_buffer_bytes = 0) { return Client(address_, receive_buffer_bytes); }
  bool ends(Client& client);

  VirtualClock clock_{1'800'000'000 * kNsPerSecond, 1000 * kNsPerSecond};
  std::unique_ptr<io::Loop> loop_ = std::move(*io::Loop::create(clock_));
  MetricsRegistry metrics_;
  std::unique_ptr<Server> server_;
  io::SocketAddress address_;
};

class ServerTest : public LoopServerTest {
 protected:
  ServerTest();
  ~ServerTest() override;

  void start(const ServerLimits& limits = {}, ListenerOptions options = {});

  // Handles what is ready.
  void settle();
  void pass_ms(std::int64_t ms);

  // The next whole answer; status 0 if none comes. `bodiless`: it answers HEAD.
  Message next(Client& client, bool bodiless = false);
  bool accepted(std::size_t count);

  TestHandler handler_;

 private:
  static bool take(std::string& received, Message& message, bool bodiless);
};

std::string get(std::string_view path, std::string_view fields = {});
std::string post(std::string_view path, std::string_view fields, std::string_view body = {});

}  // namespace linkspan::gateway::testing
