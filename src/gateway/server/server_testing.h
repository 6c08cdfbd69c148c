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

  io::Task<void> handle(Exchange& exchange) override {
    ++requests;
    const std::string_view path = exchange.request().path;
    if (path == "/silent") co_return;
    if (path == "/broken") {
      exchange.set_response_state(ResponseState::broken);
      co_return;
    }
    if (path == "/fields") {
      const std::string value(10'000, 'v');
      const ResponseField fields[] = {{"First", value}, {"Second", value}};
      io::Task<void> responding = exchange.respond({.fields = fields, .body = "x"});
      co_await responding;
      co_return;
    }
    if (path == "/echo") {
      io::Task<void> echoing = echo(exchange);
      co_await echoing;
      co_return;
    }
    if (path == "/wait") {
      waiting.push_back(&exchange);
      while (!released && !exchange.client().broken()) co_await exchange.waiter().wait(io::Waiter::kNever);
      std::erase(waiting, &exchange);
    }
    io::Task<void> responding = answer(exchange, path);
    co_await responding;
  }

  void on_malformed(Exchange&, const ErrorKind& kind, std::string_view) override {
    malformed.push_back(kind.slug);
  }

  void release() {
    released = true;
    const std::vector<Exchange*> all = waiting;
    for (Exchange* exchange : all) exchange->waiter().notify();
  }

  int requests = 0;
  bool released = false;
  std::vector<Exchange*> waiting;
  std::vector<std::string_view> malformed;

 private:
  static io::Task<void> echo(Exchange& exchange) {
    io::Task<Result<std::string>> reading = exchange.read_body(kMaxEchoBytes);
    const Result<std::string> body = co_await reading;
    if (!body) {
      io::Task<void> refusing = exchange.respond_problem(body.error().kind(), body.error().detail());
      co_await refusing;
      co_return;
    }
    io::Task<void> responding = exchange.respond({.content_type = "text/plain", .body = *body});
    co_await responding;
  }

  static io::Task<void> answer(Exchange& exchange, std::string_view path) {
    constexpr std::string_view kLong = "/long/";
    std::string text(path.substr(1));
    if (path.starts_with(kLong)) {
      text.assign(static_cast<std::size_t>(*parse_u64(path.substr(kLong.size()))), 'x');
    } else if (path == "/peer") {
      char buffer[http::kMaxIpAddressText];
      text = http::format_ip_address(exchange.peer(), buffer);
    } else if (path != "/hello" && path != "/ignore" && path != "/wait") {
      exchange.set_request_id("r-1");
      io::Task<void> refusing = exchange.respond_problem(errors::endpoint_not_found, "no <such> path");
      co_await refusing;
      co_return;
    }
    io::Task<void> responding = exchange.respond({.content_type = "text/plain", .body = text});
    co_await responding;
  }
};

// One end of a connection; reads only when told to.
class Client {
 public:
  explicit Client(const io::SocketAddress& address, int receive_buffer_bytes = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer_bytes != 0) {
      ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    }
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connected_ = ::connect(fd_.get(), address.data(), address.size()) == 0;
  }

  explicit Client(io::UniqueFd connected) : fd_(std::move(connected)), connected_(true) {}

  bool connected() const { return connected_; }
  // True if the kernel took all of it.
  bool send(std::string_view bytes) {
    return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
           static_cast<ssize_t>(bytes.size());
  }
  // How much the kernel took.
  std::size_t send_some(std::string_view bytes) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }
  void end_sending() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }
  void close_with_reset() {
    const linger abort{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    fd_.reset();
  }

  // Takes in what has arrived.
  void read() {
    char buffer[65536];
    while (!ended && !reset) {
      const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (got > 0) received.append(buffer, static_cast<std::size_t>(got));
      if (got == 0) ended = true;
      if (got < 0 && errno == EAGAIN) return;
      if (got < 0) reset = true;
    }
  }

  // The same, but no more than a few KiB.
  void read_some() {
    char buffer[4096];
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got > 0) received.append(buffer, static_cast<std::size_t>(got));
  }

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
  void TearDown() override {
    if (server_ == nullptr) return;
    server_->abort_all();
    EXPECT_TRUE(run_until([this] { return server_->open_connections() == 0; }));
    server_.reset();  // before the handler, which is the derived class's
  }

  // Gives `server_` its listener, on a port of its own.
  void listen(ListenerOptions options) {
    Result<io::UniqueFd> listening = io::listen_tcp(*io::SocketAddress::parse("127.0.0.1", 0), 128);
    ASSERT_TRUE(listening);
    address_ = *io::local_address(listening->get());
    options.name = "test";
    ASSERT_TRUE(server_->add_listener("test", std::move(*listening),
                                      std::make_shared<const ListenerOptions>(std::move(options))));
  }

  // Runs the loop until `done` holds; false if it never does.
  bool run_until(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      loop_->run_once(1);
    }
    return true;
  }

  Client connect(int receive_buffer_bytes = 0) { return Client(address_, receive_buffer_bytes); }
  bool ends(Client& client) {
    return run_until([&] {
      client.read();
      return client.ended || client.reset;
    });
  }

  VirtualClock clock_{1'800'000'000 * kNsPerSecond, 1000 * kNsPerSecond};
  std::unique_ptr<io::Loop> loop_ = std::move(*io::Loop::create(clock_));
  MetricsRegistry metrics_;
  std::unique_ptr<Server> server_;
  io::SocketAddress address_;
};

class ServerTest : public LoopServerTest {
 protected:
  void start(const ServerLimits& limits = {}, ListenerOptions options = {}) {
    server_ =
        std::make_unique<Server>(*loop_, handler_, limits, Logger(), metrics_.add_shard(), ServerMetrics{});
    listen(std::move(options));
  }

  // Handles what is ready.
  void settle() {
    for (int i = 0; i < 10; ++i) loop_->run_once(0);
  }
  void pass_ms(std::int64_t ms) {
    clock_.advance(ms * kNsPerMs);
    settle();
  }

  // The next whole answer; status 0 if none comes. `bodiless`: it answers HEAD.
  Message next(Client& client, bool bodiless = false) {
    Message message;
    run_until([&] {
      client.read();
      return take(client.received, message, bodiless) || client.ended || client.reset;
    });
    return message;
  }
  bool accepted(std::size_t count) {
    return run_until([&] { return server_->open_connections() == count; });
  }

  TestHandler handler_;

 private:
  static bool take(std::string& received, Message& message, bool bodiless) {
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::string_view head = std::string_view(received).substr(0, end + 4);
    std::size_t length = 0;
    const std::string_view field = "\r\nContent-Length: ";
    if (const std::size_t at = head.find(field); at != std::string_view::npos && !bodiless) {
      const std::string_view digits = head.substr(at + field.size());
      length = static_cast<std::size_t>(*parse_u64(digits.substr(0, digits.find('\r'))));
    }
    if (received.size() < head.size() + length) return false;
    message.status = static_cast<int>(*parse_u64(head.substr(9, 3)));
    message.head = head;
    message.body = received.substr(head.size(), length);
    received.erase(0, head.size() + length);
    return true;
  }
};

inline std::string get(std::string_view path, std::string_view fields = {}) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}
inline std::string post(std::string_view path, std::string_view fields, std::string_view body = {}) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n" +
         std::string(body);
}

}  // namespace linkspan::gateway::testing
