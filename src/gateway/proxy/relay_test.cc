// One exchange between a client and a server: framing, limits, and who is told what when one of them fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/proxy/proxy_testing.h"

namespace linkspan::gateway {
namespace {

using testing::Backend;
using testing::Client;
using testing::get;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::post;
using testing::ProxyTest;
using ::testing::StartsWith;

struct RelayTest : ProxyTest {
  Backend backend;
  Backend other;
};

constexpr std::string_view kNoRetry = "retry: { attempts: 1 }";

// --- Sizes.

// Heads of answers have a limit of their own, whatever limits.max_header_bytes allows to requests; what it
// allows fits in the scratch space together with the body that came with it.
TEST_F(RelayTest, answer_heads_have_a_limit_of_their_own) {
  start(simple({&backend}, kNoRetry, "limits: { max_header_bytes: 256KiB }"));
  for (const std::size_t head_bytes : {30'000, 47'000, 50'000, 80'000, 127'000, 131'000, 200'000}) {
    for (const bool with_length : {true, false}) {
      Client client = connect();
      ASSERT_TRUE(client.send(get("/", "Connection: close\r\n")));
      auto server = asked(backend);
      std::string answer = "HTTP/1.1 200 OK\r\n";
      if (with_length) answer += "Content-Length: 4000\r\n";
      while (answer.size() + 5'000 < head_bytes) answer += "X: " + std::string(4'995, 'x') + "\r\n";
      answer += "X: " + std::string(head_bytes - answer.size() - 7, 'x') + "\r\n\r\n";
      answer += std::string(with_length ? 4'000 : 60'000, '!');
      ASSERT_TRUE(send_all(*server, answer));
      server->end_sending();
      ASSERT_TRUE(ends(client));
      if (head_bytes > 48 * 1024) {
        EXPECT_THAT(client.received, StartsWith("HTTP/1.1 502 ")) << head_bytes;
      } else {
        EXPECT_EQ(std::ranges::count(client.received, '!'), with_length ? 4'000 : 60'000) << head_bytes;
      }
    }
  }
}

TEST_F(RelayTest, a_body_that_came_with_a_head_after_large_interim_answers_arrives_whole) {
  start(simple({&backend}, kNoRetry, "limits: { max_header_bytes: 256KiB }"));
  Client client = connect();
  ASSERT_TRUE(client.send(get("/", "Connection: close\r\n")));
  auto server = asked(backend);
  std::string interim = "HTTP/1.1 103 Early Hints\r\n";
  while (interim.size() < 40'000) interim += "Link: <" + std::string(3'000, 'l') + ">\r\n";
  interim += "\r\n";
  ASSERT_TRUE(send_all(*server, interim + interim + "HTTP/1.1 2"));
  settle();
  ASSERT_TRUE(send_all(*server, "00 OK\r\n\r\n" + std::string(200'000, '!')));
  server->end_sending();
  ASSERT_TRUE(ends(client));
  EXPECT_EQ(std::ranges::count(client.received, '!'), 200'000);
  EXPECT_TRUE(client.received.ends_with("0\r\n\r\n"));
}

TEST_F(RelayTest, answers_may_have_more_fields_than_requests) {
  start(simple({&backend}, kNoRetry, "limits: { max_headers: 20 }"));
  Client client = connect();
  ASSERT_TRUE(client.send(get("/")));
  auto server = asked(backend);
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";
  for (int i = 0; i < 250; ++i) answer += "Set-Cookie: c" + std::to_string(i) + "=1\r\n";
  ASSERT_TRUE(server->send(answer + "\r\nok"));
  ASSERT_TRUE(receives(client, "c249=1\r\n"));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 200 "));
}

// --- Who is to blame.

TEST_F(RelayTest, slow_readers_at_the_total_timeout_are_no_failures_of_the_server) {
  start(simple({&backend, &other}, "timeout: { total: 400ms }\n    retry: { attempts: 1 }"));
  for (int i = 0; i < 12; ++i) {
    Client client = connect(4096);
    ASSERT_TRUE(client.send(get("/")));
    std::unique_ptr<Client> server;
    ASSERT_TRUE(run_until([&] { return (server = backend.accept()) || (server = other.accept()); }));
    ASSERT_TRUE(receives(*server, "\r\n\r\n"));
    ASSERT_TRUE(server->send("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n"));
    const std::string block(1'000'000, 'x');
    while (server->send_some(block) != 0) settle();
    pass_ms(401);
    log_lines(i + 1);
  }
  EXPECT_THAT(log(), HasSubstr("\"error\":\"client-closed\""));
  EXPECT_THAT(log(), Not(HasSubstr("upstream-timeout")));
  EXPECT_EQ(server_state(0).consecutive_failures.load(), 0u);
  EXPECT_EQ(server_state(1).consecutive_failures.load(), 0u);
}

TEST_F(RelayTest, a_slow_upload_at_the_total_timeout_is_a_408) {
  start(simple({&backend}, "timeout: { total: 400ms }"));
  Client client = connect();
  ASSERT_TRUE(client.send(post("/", "Content-Length: 1000\r\n", "x")));
  auto server = asked(backend);
  for (int i = 0; i < 5; ++i) {
    pass_ms(90);
    ASSERT_TRUE(client.send("x"));
  }
  EXPECT_TRUE(ends(client));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(server_state(0).consecutive_failures.load(), 0u);
}

TEST_F(RelayTest, an_upload_that_stops_while_the_answer_has_begun_is_no_failure_of_the_server) {
  start(simple({&backend}, "timeout: { idle: 300ms }"));
  Client client = connect();
  ASSERT_TRUE(client.send(post("/", "Content-Length: 1000\r\n", "half")));
  auto server = asked(backend);
  ASSERT_TRUE(server->send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab"));
  settle();
  pass_ms(301);
  EXPECT_THAT(log_lines(1), HasSubstr("\"error\":\"request-timeout\""));
  EXPECT_EQ(server_state(0).consecutive_failures.load(), 0u);
}

TEST_F(RelayTest, a_server_that_stops_in_mid_answer_is_to_blame) {
  start(simple({&backend}, "timeout: { idle: 300ms }"));
  Client client = connect();
  ASSERT_TRUE(client.send(get("/")));
  auto server = asked(backend);
  ASSERT_TRUE(server->send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab"));
  settle();
  pass_ms(301);
  EXPECT_THAT(log_lines(1), HasSubstr("\"error\":\"upstream-timeout-idle\""));
  EXPECT_EQ(server_state(0).consecutive_failures.load(), 1u);
}

TEST_F(RelayTest, a_server_that_never_says_continue_is_to_blame) {
  start(simple({&backend}, "timeout: { first_byte: 300ms }", "limits: { body_timeout: 10s }"));
  Client client = connect();
  ASSERT_TRUE(client.send(post("/", "Content-Length: 4\r\nExpect: 100-continue\r\n")));
  auto server = asked(backend);
  settle();
  pass_ms(301);
  EXPECT_THAT(log_lines(1), HasSubstr("\"error\":\"upstream-timeout-first-byte\""));
}

TEST_F(RelayTest, a_client_that_was_told_to_continue_and_does_not_is_to_blame) {
  start(simple({&backend}, "timeout: { first_byte: 300ms }", "limits: { body_timeout: 1s }"));
  Client client = connect();
  ASSERT_TRUE(client.send(post("/", "Content-Length: 4\r\nExpect: 100-continue\r\n")));
  auto server = asked(backend);
  ASSERT_TRUE(server->send("HTTP/1.1 100 Continue\r\n\r\n"));
  ASSERT_TRUE(receives(client, "100 Continue\r\n\r\n"));
  pass_ms(900);
  pass_ms(101);
  EXPECT_THAT(log_lines(1), HasSubstr("\"error\":\"request-timeout\""));
}

// --- Broken answers.

TEST_F(RelayTest, a_chunked_answer_that_is_broken_from_its_start_is_a_502) {
  start(simple({&backend}, kNoRetry));
  Client client = connect();
  ASSERT_TRUE(client.send(get("/")));
  auto server = asked(backend);
  ASSERT_TRUE(server->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nXYZ\r\n"));
  ASSERT_TRUE(receives(client, "urn:linkspan:error:upstream-bad-response"));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 502 "));
  EXPECT_THAT(log_lines(1), HasSubstr("\"status\":502"));
}

TEST_F(RelayTest, a_chunked_answer_that_breaks_later_resets_the_connection) {
  start(simple({&backend}, kNoRetry));
  Client client = connect();
  ASSERT_TRUE(client.send(get("/")));
  auto server = asked(backend);
  ASSERT_TRUE(server->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"));
  ASSERT_TRUE(receives(client, "ab"));
  ASSERT_TRUE(server->send("XYZ\r\n"));
  EXPECT_TRUE(ends(client));
  EXPECT_TRUE(client.reset);
}

TEST_F(RelayTest, an_upgrade_that_was_not_asked_of_the_server_is_refused) {
  start(simple({&backend}, kNoRetry));
  Client client = connect();
  ASSERT_TRUE(client.send(post("/", "Connection: Upgrade\r\nUpgrade: chat\r\nContent-Length: 2\r\n", "ab")));
  auto server = asked(backend);
  EXPECT_THAT(server->received, Not(HasSubstr("Upgrade")));
  ASSERT_TRUE(
      server->send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n"));
  ASSERT_TRUE(receives(client, "urn:linkspan:error:upstream-bad-response"));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 502 "));
}

// --- Cuts.

struct Cut : RelayTest {
  static std::string body_of(const Client& client) {
    return client.received.substr(client.received.find("\r\n\r\n") + 4);
  }
  // One request and its answer, each sent in two pieces.
  void exchange(Client& client, std::size_t cut_request, std::size_t cut_answer) {
    ASSERT_TRUE(client.send(std::string_view(request).substr(0, cut_request)));
    for (int i = 0; i < 3; ++i) loop_->run_once(0);
    ASSERT_TRUE(client.send(std::string_view(request).substr(cut_request)));
    if (server == nullptr) server = accepted(backend);
    ASSERT_TRUE(receives(*server, "T: 1\r\n\r\n"));
    EXPECT_EQ(body_of(*server), "3\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n") << "cut at " << cut_request;
    ASSERT_TRUE(server->send(std::string_view(answer).substr(0, cut_answer)));
    for (int i = 0; i < 3; ++i) loop_->run_once(0);
    ASSERT_TRUE(server->send(std::string_view(answer).substr(cut_answer)));
    ASSERT_TRUE(receives(client, "U: 1\r\n\r\n"));
    EXPECT_EQ(body_of(client), "4\r\nabcd\r\n1\r\ne\r\n0\r\nU: 1\r\n\r\n") << "cut at " << cut_answer;
    server->received.clear();
    client.received.clear();
  }

  const std::string request =
      post("/", "Transfer-Encoding: chunked\r\n", "3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n");
  const std::string answer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;y=2\r\nabcd\r\n1\r\ne\r\n0\r\nU: 1\r\n\r\n";
  std::unique_ptr<Client> server;
};

TEST_F(Cut, messages_cut_at_any_byte_arrive_as_the_same) {
  start(simple({&backend}, kNoRetry));
  Client client = connect();
  for (std::size_t cut = 1; cut < request.size(); ++cut) ASSERT_NO_FATAL_FAILURE(exchange(client, cut, 20));
  for (std::size_t cut = 1; cut < answer.size(); ++cut) ASSERT_NO_FATAL_FAILURE(exchange(client, 20, cut));
}

// --- Trailers.

TEST_F(RelayTest, trailers_get_past_no_header_rule) {
  start("apis:\n  backend: { servers: [" + backend.url() +
        "] }\nendpoints:\n  all:\n    path: /{rest...}\n    proxy:\n      api: backend\n"
        "      headers: { remove: [X-Role], set: { X-Zone: inner } }\n"
        "      response_headers: { remove: [X-Debug] }\n");
  Client client = connect();
  ASSERT_TRUE(client.send(post("/", "Transfer-Encoding: chunked\r\n",
                               "2\r\nab\r\n0\r\nX-Role: admin\r\nX_Zone: outer\r\nX-Sum: 1\r\n"
                               "X_Forwarded_For: 6.6.6.6\r\n\r\n")));
  auto server = asked(backend);
  ASSERT_TRUE(receives(*server, "\r\n0\r\n"));
  ASSERT_TRUE(receives(*server, "X-Sum: 1\r\n\r\n"));
  EXPECT_THAT(server->received, Not(HasSubstr("admin")));
  EXPECT_THAT(server->received, Not(HasSubstr("outer")));
  EXPECT_THAT(server->received, Not(HasSubstr("6.6.6.6")));
  ASSERT_TRUE(
      server->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n"
                   "X-Debug: secret\r\nX-Time: 1\r\n\r\n"));
  ASSERT_TRUE(receives(client, "X-Time: 1\r\n\r\n"));
  EXPECT_THAT(client.received, Not(HasSubstr("secret")));
}

// --- Tunnels.

TEST_F(RelayTest, a_tunnel_that_the_server_closes_first_ends_well) {
  start(simple({&backend}));
  Client client = connect();
  ASSERT_TRUE(client.send(get("/", "Connection: Upgrade\r\nUpgrade: chat\r\n")));
  auto server = asked(backend);
  ASSERT_TRUE(
      server->send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nbye"));
  server->end_sending();
  ASSERT_TRUE(receives(client, "bye"));
  ASSERT_TRUE(ends(client));
  EXPECT_FALSE(client.reset);
  ASSERT_TRUE(client.send("last words"));
  client.end_sending();
  EXPECT_TRUE(receives(*server, "last words"));
  EXPECT_TRUE(ends(*server));
  EXPECT_THAT(log_lines(1), Not(HasSubstr("\"error\"")));
}

TEST_F(RelayTest, a_tunnel_whose_client_resets_ends_at_once) {
  start(simple({&backend}));
  Client client = connect();
  ASSERT_TRUE(client.send(get("/", "Connection: Upgrade\r\nUpgrade: chat\r\n")));
  auto server = asked(backend);
  ASSERT_TRUE(
      server->send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhello"));
  ASSERT_TRUE(receives(client, "hello"));
  client.close_with_reset();
  EXPECT_TRUE(ends(*server));
  EXPECT_THAT(log_lines(1), HasSubstr("\"error\":\"client-closed\""));
}

// --- Interim answers to a client that does not take them.

struct StuckInterim : RelayTest {
  // Sends 103 after 103 until the gateway must keep a part of one back.
  void get_stuck(Client& client) {
    ASSERT_TRUE(client.send(get("/")));
    server = asked(backend);
    std::string interim = "HTTP/1.1 103 Early Hints\r\n";
    while (interim.size() < 30'000) interim += "Link: <" + std::string(993, 'l') + ">\r\n";
    interim += "\r\n";
    for (int i = 0; i < kSent; ++i) {
      ASSERT_TRUE(send_all(*server, interim));
      loop_->run_once(0);
    }
    settle();
  }
  // How many 103 `text` begins with; `text` is then what follows them.
  static int take_interim(std::string_view& text) {
    int count = 0;
    while (text.starts_with("HTTP/1.1 103 ") && text.find("\r\n\r\n") != std::string_view::npos) {
      text.remove_prefix(text.find("\r\n\r\n") + 4);
      ++count;
    }
    return count;
  }

  static constexpr int kSent = 600;
  std::unique_ptr<Client> server;
};

TEST_F(StuckInterim, a_refusal_follows_after_the_whole_of_an_interim_answer) {
  start(simple({&backend}, kNoRetry));
  Client client = connect(4096);
  get_stuck(client);
  server->close();
  ASSERT_TRUE(receives(client, "urn:linkspan:error:upstream-reset"));
  std::string_view text = client.received;
  EXPECT_LT(take_interim(text), kSent);
  EXPECT_THAT(text, StartsWith("HTTP/1.1 502 "));
}

TEST_F(StuckInterim, an_answer_follows_after_the_whole_of_an_interim_answer) {
  start(simple({&backend}, kNoRetry));
  Client client = connect(4096);
  get_stuck(client);
  ASSERT_TRUE(server->send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"));
  ASSERT_TRUE(receives(client, "done"));
  std::string_view text = client.received;
  EXPECT_LT(take_interim(text), kSent);
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 "));
}

TEST_F(StuckInterim, the_rest_of_an_interim_answer_goes_out_before_the_server_answers) {
  start(simple({&backend}, kNoRetry));
  Client client = connect(4096);
  get_stuck(client);
  EXPECT_TRUE(run_until([&] {
    client.read();
    return client.received.size() > 1'000'000 && client.received.ends_with("\r\n\r\n");
  }));
  settle();
  client.read();
  std::string_view text = client.received;
  EXPECT_LT(take_interim(text), kSent);
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace linkspan::gateway
