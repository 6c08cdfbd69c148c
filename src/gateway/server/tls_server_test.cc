// The server behind TLS: what differs from plain connections.
#include <atomic>
#include <ctime>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "gateway/server/server_testing.h"
#include "io/tls_context.h"
#include "io/tls_testing.h"

namespace linkspan::gateway {
namespace {

using testing::Client;
using testing::get;
using ::testing::HasSubstr;
using testing::post;
using testing::ServerTest;

struct TlsOutcome {
  bool shaken = false;
  std::string received;
  bool closed_notified = false;  // the end was said, so nothing can have been cut off
};

// A client that blocks, for a thread of its own: sends all, then reads to the end.
TlsOutcome talk(const io::SocketAddress& address, const std::string& before_tls,
                const std::string& requests) {
  TlsOutcome outcome;
  const io::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), address.data(), address.size()) != 0) return outcome;
  if (!before_tls.empty()) ::send(fd.get(), before_tls.data(), before_tls.size(), MSG_NOSIGNAL);
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
  SSL_set_fd(ssl.get(), fd.get());
  outcome.shaken = SSL_connect(ssl.get()) == 1;
  if (!outcome.shaken) return outcome;
  SSL_write(ssl.get(), requests.data(), static_cast<int>(requests.size()));
  char buffer[16384];
  int got = 0;
  while ((got = SSL_read(ssl.get(), buffer, sizeof buffer)) > 0) {
    outcome.received.append(buffer, static_cast<std::size_t>(got));
  }
  outcome.closed_notified = SSL_get_error(ssl.get(), got) == SSL_ERROR_ZERO_RETURN;
  return outcome;
}

struct TlsConnections : ServerTest {
  void start_tls(bool proxy_protocol) {
    const WallNs now = static_cast<WallNs>(std::time(nullptr)) * kNsPerSecond;
    auto created = io::ServerTls::create({.certificates = {authority_.issue("server", {})}, .client_ca = {}},
                                         *io::TlsTickets::create(clock_), now);
    ASSERT_TRUE(created) << created.error().to_string();
    ListenerOptions options;
    options.tls = *created;
    options.proxy_protocol = proxy_protocol;
    start({}, std::move(options));
  }

  TlsOutcome exchange(const std::string& before_tls, const std::string& requests) {
    TlsOutcome outcome;
    std::atomic<bool> done = false;
    std::thread client([&] {
      outcome = talk(address_, before_tls, requests);
      done = true;
    });
    EXPECT_TRUE(run_until([&] { return done.load(); }));
    client.join();
    return outcome;
  }

  io::testing::CertificateAuthority authority_;
};

TEST_F(TlsConnections, requests_are_served_one_after_another_and_the_end_is_said) {
  start_tls(false);
  const std::string body(40'000, 'b');
  const TlsOutcome outcome = exchange("", get("/hello") + post("/echo", "Content-Length: 40000\r\n", body) +
                                              get("/hello", "Connection: close\r\n"));
  ASSERT_TRUE(outcome.shaken);
  EXPECT_THAT(outcome.received, HasSubstr(body));
  EXPECT_TRUE(outcome.received.ends_with("\r\n\r\nhello"));
  EXPECT_EQ(handler_.requests, 3);
  EXPECT_TRUE(outcome.closed_notified);
}

TEST_F(TlsConnections, long_answers_arrive_whole) {
  start_tls(false);
  const TlsOutcome outcome = exchange("", get("/long/3000000", "Connection: close\r\n"));
  EXPECT_EQ(outcome.received.size() - outcome.received.find("\r\n\r\n") - 4, 3'000'000u);
  EXPECT_TRUE(outcome.closed_notified);
}

TEST_F(TlsConnections, the_proxy_header_comes_before_tls) {
  start_tls(true);
  const TlsOutcome outcome =
      exchange("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n", get("/peer", "Connection: close\r\n"));
  EXPECT_TRUE(outcome.received.ends_with("\r\n\r\n192.0.2.7")) << outcome.received;
}

TEST_F(TlsConnections, an_answer_that_cannot_be_completed_is_not_ended_properly) {
  start_tls(false);
  const TlsOutcome outcome = exchange("", get("/broken"));
  EXPECT_TRUE(outcome.shaken);
  EXPECT_FALSE(outcome.closed_notified);
}

TEST_F(TlsConnections, who_does_not_speak_tls_is_sent_away) {
  start_tls(false);
  Client client = connect();
  ASSERT_TRUE(client.send(get("/hello")));
  EXPECT_TRUE(ends(client));
  EXPECT_EQ(handler_.requests, 0);
}

TEST_F(TlsConnections, a_handshake_that_does_not_come_in_time_ends_the_connection) {
  start_tls(false);
  Client client = connect();
  ASSERT_TRUE(client.send("\x16\x03\x01"));
  ASSERT_TRUE(accepted(1));
  settle();
  pass_ms(10'100);
  EXPECT_TRUE(ends(client));
}

}  // namespace
}  // namespace linkspan::gateway
