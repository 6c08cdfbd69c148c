// Which server is asked, how often, and which of them a failure is charged to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/proxy/proxy_testing.h"

namespace linkspan::gateway {
namespace {

using testing::Backend;
using testing::Client;
using testing::get;
using ::testing::HasSubstr;
using testing::ProxyTest;
using ::testing::StartsWith;

struct AttemptsTest : ProxyTest {
  Backend first;
  Backend second;
  std::uint32_t failures() const {
    return server_state(0).consecutive_failures.load() + server_state(1).consecutive_failures.load();
  }
};

TEST_F(AttemptsTest, nobody_is_asked_again_once_the_total_timeout_has_passed) {
  start(simple({&first, &second},
               "timeout: { first_byte: 300ms, total: 400ms }\n"
               "    retry: { attempts: 3, on: [connect, reset, timeout] }"));
  Client client = connect();
  ASSERT_TRUE(client.send(get("/")));
  std::unique_ptr<Client> asked_first;
  std::unique_ptr<Client> asked_second;
  const auto take = [&] {
    if (asked_first == nullptr) asked_first = first.accept();
    if (asked_second == nullptr) asked_second = second.accept();
  };
  ASSERT_TRUE(run_until([&] {
    take();
    return asked_first != nullptr || asked_second != nullptr;
  }));
  settle();
  pass_ms(401);
  ASSERT_TRUE(receives(client, "\r\n\r\n"));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 504 "));
  take();
  EXPECT_TRUE(asked_first == nullptr || asked_second == nullptr) << "the other server was asked in vain";
  EXPECT_EQ(failures(), 1u);
  EXPECT_THAT(log_lines(1), HasSubstr("\"attempts\":1"));
}

TEST_F(AttemptsTest, the_pause_before_the_only_server_is_asked_again_ends_with_the_total_timeout) {
  start(simple({&first}, "timeout: { total: 40ms }\n    retry: { attempts: 20, budget: 100% }"));
  Client client = connect();
  ASSERT_TRUE(client.send(get("/")));
  int asked_times = 0;
  std::vector<std::unique_ptr<Client>> held;
  std::int64_t passed_ms = 0;
  // Every answer is a 503 at once; pauses are random, up to a second each after some.
  ASSERT_TRUE(run_until([&] {
    if (auto peer = first.accept()) held.push_back(std::move(peer));
    for (auto& peer : held) {
      peer->read();
      if (peer->received.find("\r\n\r\n") == std::string::npos) continue;
      peer->received.clear();
      ++asked_times;
      peer->send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
    }
    loop_->run_once(0);
    clock_.advance(kNsPerMs);
    ++passed_ms;
    client.read();
    return client.received.find("\r\n\r\n") != std::string::npos;
  }));
  EXPECT_LE(passed_ms, 60);
  EXPECT_THAT(log_lines(1), HasSubstr("\"attempts\":" + std::to_string(asked_times) + ","));
}

TEST_F(AttemptsTest, nothing_is_sent_again_once_an_interim_answer_has_gone_out) {
  start(simple({&first}, "retry: { attempts: 3 }"));
  Client client = connect();
  ASSERT_TRUE(client.send(get("/one")));
  auto server = asked(first);
  ASSERT_TRUE(server->send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"));
  ASSERT_TRUE(receives(client, "one"));
  // On the connection that was used before.
  ASSERT_TRUE(client.send(get("/two")));
  ASSERT_TRUE(receives(*server, "/two"));
  ASSERT_TRUE(server->send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 5\r\n\r\n"));
  ASSERT_TRUE(receives(client, "103 Early Hints\r\nLink: </x>\r\n\r\n")) << client.received;
  server->close();
  ASSERT_TRUE(receives(client, "urn:linkspan:error:upstream-reset"));
  settle();
  EXPECT_EQ(first.accept(), nullptr) << "it was asked again";
  EXPECT_EQ(server_state(0).consecutive_failures.load(), 1u);
}

TEST_F(AttemptsTest, nothing_is_sent_for_a_client_that_left_the_line) {
  start(simple({&first}, "pool: { max_connections: 1 }\n    timeout: { connect: 10s }"));
  Client one = connect();
  ASSERT_TRUE(one.send(get("/one")));
  auto server = asked(first);
  Client two = connect();
  ASSERT_TRUE(two.send(testing::post("/two", "Content-Length: 0\r\n")));
  Client three = connect();
  settle();
  ASSERT_TRUE(three.send(get("/three")));
  settle();
  two.close_with_reset();
  settle();
  ASSERT_TRUE(server->send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"));
  ASSERT_TRUE(receives(*server, "/three"));
  EXPECT_EQ(server->received.find("/two"), std::string::npos);
  EXPECT_THAT(log_lines(2), HasSubstr("\"error\":\"client-closed\""));
}

TEST_F(AttemptsTest, a_request_that_goes_in_circles_is_refused) {
  start(simple({&first}));
  Client client = connect();
  std::string via = "Via: 1.1 edge";
  for (int i = 0; i < 7; ++i) via += ", 1.1 linkspan";
  ASSERT_TRUE(client.send(get("/", via + "\r\n")));
  auto server = asked(first);
  ASSERT_TRUE(server->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  ASSERT_TRUE(receives(client, "ok"));
  client.received.clear();
  ASSERT_TRUE(client.send(get("/", via + ", 1.1 Linkspan\r\n")));
  ASSERT_TRUE(receives(client, "urn:linkspan:error:request-loop"));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 508 "));
}

// A fifth of the requests, besides ten a second; no time passes here.
TEST_F(AttemptsTest, what_goes_beyond_the_rate_of_the_system_is_not_sent) {
  start(simple({&first}, "rate: 6/min"));
  Client client = connect();
  ASSERT_TRUE(client.send(get("/") + get("/")));
  std::unique_ptr<Client> asked;
  ASSERT_TRUE(run_until([&] {
    if (asked == nullptr) asked = first.accept();
    if (asked == nullptr) return false;
    asked->read();
    return asked->received.find("\r\n\r\n") != std::string::npos;
  }));
  asked->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(receives(client, "try again in 10 s"));
  EXPECT_THAT(client.received, HasSubstr("HTTP/1.1 503 "));
  EXPECT_THAT(client.received, HasSubstr("upstream-rate-reached"));
  EXPECT_THAT(client.received, HasSubstr("Retry-After: 10\r\n"));
  asked->received.clear();
  pass_ms(10'000);
  ASSERT_TRUE(client.send(get("/")));
  ASSERT_TRUE(run_until([&] {
    asked->read();
    return asked->received.find("\r\n\r\n") != std::string::npos;
  }));
}

TEST_F(AttemptsTest, retries_stay_within_their_share) {
  start(simple({&first, &second}, "retry: { attempts: 2, budget: 20% }"));
  std::vector<std::unique_ptr<Client>> servers;
  int asked_times = 0;
  for (int i = 0; i < 30; ++i) {
    Client client = connect();
    ASSERT_TRUE(client.send(get("/")));
    ASSERT_TRUE(run_until([&] {
      for (Backend* backend : {&first, &second}) {
        if (auto peer = backend->accept()) servers.push_back(std::move(peer));
      }
      for (auto& peer : servers) {
        peer->read();
        if (peer->received.find("\r\n\r\n") == std::string::npos) continue;
        peer->received.clear();
        ++asked_times;
        peer->send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
      }
      client.read();
      return client.received.find("\r\n\r\n") != std::string::npos;
    }));
  }
  EXPECT_EQ(asked_times, 30 + 10 + 6);
}

TEST_F(AttemptsTest, a_want_of_descriptors_here_is_no_failure_of_any_server) {
  start(simple({&first, &second}));
  Client client = connect();
  ASSERT_TRUE(run_until([&] { return server_->open_connections() == 1; }));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit lowered = before;
  const int next_descriptor = ::dup(0);
  ::close(next_descriptor);
  lowered.rlim_cur = static_cast<rlim_t>(next_descriptor);
  ::setrlimit(RLIMIT_NOFILE, &lowered);
  EXPECT_TRUE(client.send(get("/")));
  EXPECT_TRUE(receives(client, "urn:linkspan:error:out-of-sockets"));
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(failures(), 0u);
  EXPECT_THAT(log_lines(1), HasSubstr("\"attempts\":1"));
}

TEST_F(AttemptsTest, the_wait_in_line_for_a_connection_is_a_phase_of_its_own) {
  start(simple({&first}, "pool: { max_connections: 1 }\n    timeout: { connect: 10s }"));
  Client one = connect();
  ASSERT_TRUE(one.send(get("/one")));
  auto server = asked(first);
  Client two = connect();
  ASSERT_TRUE(two.send(get("/two")));
  settle();
  pass_ms(298);  // and 2
  ASSERT_TRUE(server->send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"));
  ASSERT_TRUE(receives(*server, "/two"));
  ASSERT_TRUE(server->send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo"));
  ASSERT_TRUE(receives(two, "two"));
  const std::string& lines = log_lines(2);
  EXPECT_THAT(lines.substr(0, lines.find('\n')), HasSubstr("\"phases\":{\"connect_ms\":"));
  EXPECT_THAT(lines.substr(lines.find('\n')),
              HasSubstr("\"phases\":{\"wait_ms\":300.000,\"first_byte_ms\":"));
}

}  // namespace
}  // namespace linkspan::gateway
