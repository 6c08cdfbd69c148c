// Connections: their time limits, their number, the PROXY protocol, and how a server ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/server/server_testing.h"

namespace linkspan::gateway {
namespace {

using testing::Client;
using ::testing::ElementsAre;
using testing::get;
using ::testing::HasSubstr;
using testing::Message;
using testing::post;
using testing::ServerTest;
using namespace std::string_literals;

struct Connections : ServerTest {
  // Ends the server; `drained_` tells when it has.
  void drain() {
    server_->drain([this] { drained_ = true; });
    settle();
  }
  bool drained_ = false;
};

TEST_F(Connections, a_head_that_does_not_come_in_time_is_408) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send("GET /hello HTTP/1.1\r\n"));
  ASSERT_TRUE(accepted(1));
  settle();
  pass_ms(9'000);
  ASSERT_TRUE(client.send("Host: h\r\n"));  // a drop now and then does not help
  settle();
  client.read();
  EXPECT_EQ(client.received, "");
  pass_ms(1'100);
  const Message answer = next(client);
  EXPECT_EQ(answer.status, 408);
  EXPECT_TRUE(answer.has("Connection: close\r\n"));
  EXPECT_THAT(handler_.malformed, ElementsAre("request-timeout"));
}

TEST_F(Connections, a_body_that_stops_coming_is_408) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(post("/echo", "Content-Length: 9\r\n", "abc")));
  ASSERT_TRUE(run_until([&] { return handler_.requests == 1; }));
  pass_ms(29'000);
  ASSERT_TRUE(client.send("def"));
  settle();
  pass_ms(29'000);  // the limit is between two reads
  client.read();
  EXPECT_EQ(client.received, "");
  pass_ms(1'100);
  const Message answer = next(client);
  EXPECT_EQ(answer.status, 408);
  EXPECT_THAT(answer.body, HasSubstr("request-timeout"));
}

TEST_F(Connections, an_idle_connection_is_closed_without_a_word) {
  start();
  Client fresh = connect();
  Client used = connect();
  ASSERT_TRUE(used.send(get("/hello")));
  EXPECT_EQ(next(used).status, 200);
  ASSERT_TRUE(accepted(2));
  pass_ms(74'000);
  EXPECT_EQ(server_->open_connections(), 2u);
  pass_ms(1'100);
  EXPECT_TRUE(ends(fresh));
  EXPECT_TRUE(ends(used));
  EXPECT_EQ(fresh.received + used.received, "");
  EXPECT_FALSE(fresh.reset || used.reset);
}

TEST_F(Connections, a_client_that_stops_reading_holds_a_bounded_buffer_until_it_is_cut) {
  start();
  Client client = connect(4096);
  Client other = connect();
  ASSERT_TRUE(client.send(get("/long/50000000")));
  ASSERT_TRUE(run_until([&] { return handler_.requests == 1; }));
  pass_ms(29'000);
  ASSERT_TRUE(other.send(get("/hello")));
  EXPECT_EQ(next(other).status, 200);
  EXPECT_EQ(server_->open_connections(), 2u);
  pass_ms(1'100);
  EXPECT_TRUE(accepted(1));
  EXPECT_TRUE(ends(client));
  EXPECT_LT(client.received.size(), 50'000'000u);
}

TEST_F(Connections, a_reader_slower_than_the_limit_but_steady_is_served) {
  start();
  Client client = connect(4096);
  ASSERT_TRUE(client.send(get("/long/8000000")));
  settle();
  for (int i = 0; i < 5; ++i) {
    // Far less than what makes the kernel call the socket writable.
    const std::size_t enough = client.received.size() + 20'000;
    EXPECT_TRUE(run_until([&] {
      client.read_some();
      return client.received.size() >= enough;
    }));
    pass_ms(20'000);
  }
  EXPECT_EQ(next(client).body.size(), 8'000'000u);
}

TEST_F(Connections, a_closed_answer_waits_only_so_long_for_the_client_to_close) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(get("/hello", "Connection: close\r\n")));
  EXPECT_EQ(next(client).status, 200);
  EXPECT_EQ(server_->open_connections(), 1u);
  pass_ms(2'100);
  EXPECT_EQ(server_->open_connections(), 0u);
}

TEST_F(Connections, requests_per_connection_are_limited) {
  start({.head = {}, .max_requests_per_connection = 2});
  Client client = connect();
  ASSERT_TRUE(client.send(get("/hello") + get("/hello") + get("/hello")));
  EXPECT_FALSE(next(client).has("Connection: close"));
  EXPECT_TRUE(next(client).has("Connection: close\r\n"));
  EXPECT_TRUE(ends(client));
  EXPECT_EQ(handler_.requests, 2);
}

TEST_F(Connections, at_the_limit_the_longest_idle_connection_gives_way) {
  start({.head = {}, .max_connections = 3});
  Client first = connect();
  Client second = connect();
  Client third = connect();
  ASSERT_TRUE(accepted(3));
  pass_ms(10);
  ASSERT_TRUE(first.send(get("/hello")));  // was idle last, so it stays
  EXPECT_EQ(next(first).status, 200);
  Client fourth = connect();
  ASSERT_TRUE(fourth.send(get("/hello")));
  EXPECT_EQ(next(fourth).status, 200);
  EXPECT_TRUE(ends(second));
  ASSERT_TRUE(first.send(get("/hello")));
  EXPECT_EQ(next(first).status, 200);
  EXPECT_EQ(server_->open_connections(), 3u);
}

TEST_F(Connections, an_idle_connection_gives_way_even_behind_many_busy_ones) {
  constexpr std::size_t kBusy = 200;
  start({.head = {}, .max_connections = kBusy + 1});
  std::vector<Client> busy;
  for (std::size_t i = 0; i < kBusy; ++i) {
    busy.push_back(connect());
    ASSERT_TRUE(busy.back().send(get("/wait")));
    ASSERT_TRUE(accepted(i + 1));
  }
  ASSERT_TRUE(run_until([&] { return handler_.waiting.size() == kBusy; }));
  Client idle = connect();
  ASSERT_TRUE(accepted(kBusy + 1));
  // Each attempt looks at a bounded number of connections, so it may take a few.
  int status = 0;
  for (int i = 0; i < 5 && status != 200; ++i) {
    Client newcomer = connect();
    ASSERT_TRUE(newcomer.send(get("/hello")));
    status = next(newcomer).status;
  }
  EXPECT_EQ(status, 200);
  EXPECT_TRUE(ends(idle));
}

TEST_F(Connections, with_all_busy_a_newcomer_is_told_so) {
  start({.head = {}, .max_connections = 1});
  Client busy = connect();
  ASSERT_TRUE(busy.send(get("/wait")));
  ASSERT_TRUE(run_until([&] { return handler_.waiting.size() == 1; }));
  Client newcomer = connect();
  const Message refused = next(newcomer);
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.has("Retry-After: 1\r\n"));
  EXPECT_TRUE(refused.body.ends_with("\"source\":\"linkspan\"}")) << refused.body;
  EXPECT_TRUE(ends(newcomer));
  handler_.release();
  EXPECT_EQ(next(busy).status, 200);
}

TEST_F(Connections, a_refused_newcomer_that_has_sent_its_request_can_read_why) {
  start({.head = {}, .max_connections = 1});
  Client busy = connect();
  ASSERT_TRUE(busy.send(get("/wait")));
  ASSERT_TRUE(run_until([&] { return handler_.waiting.size() == 1; }));
  Client newcomer = connect();
  ASSERT_TRUE(newcomer.send(get("/hello")));
  EXPECT_EQ(next(newcomer).status, 503);
}

TEST_F(Connections, an_idle_connection_costs_little_memory) {
  // One object a connection, and nothing else of ours: about what an idle connection costs nginx.
  EXPECT_LE(sizeof(Connection), 400u);
}

TEST_F(Connections, drain_completes_what_is_in_flight_and_takes_nothing_new) {
  start();
  Client busy = connect();
  Client idle = connect();
  ASSERT_TRUE(busy.send(get("/wait")));
  ASSERT_TRUE(accepted(2));
  ASSERT_TRUE(run_until([&] { return handler_.waiting.size() == 1; }));
  drain();
  EXPECT_FALSE(connect().connected());
  ASSERT_TRUE(idle.send(get("/hello")));  // it crossed the drain
  EXPECT_TRUE(next(idle).has("Connection: close\r\n"));
  EXPECT_FALSE(drained_);
  pass_ms(5'000);
  EXPECT_FALSE(drained_);
  handler_.release();
  EXPECT_TRUE(next(busy).has("Connection: close\r\n"));
  busy.close();
  EXPECT_TRUE(run_until([&] { return drained_; }));
  EXPECT_EQ(server_->open_connections(), 0u);
}

TEST_F(Connections, drain_closes_idle_connections_after_a_moment) {
  start();
  Client idle = connect();
  ASSERT_TRUE(accepted(1));
  drain();
  EXPECT_FALSE(drained_);
  pass_ms(Server::kDrainLingerMs + 2);
  EXPECT_TRUE(ends(idle));
  EXPECT_FALSE(idle.reset);
  EXPECT_TRUE(run_until([&] { return drained_; }));
}

TEST_F(Connections, drain_takes_in_those_who_wait_to_be_accepted) {
  start();
  Client waiting = connect();  // in the backlog
  ASSERT_TRUE(waiting.send(get("/hello")));
  drain();
  EXPECT_TRUE(next(waiting).has("Connection: close\r\n"));
}

TEST_F(Connections, draining_an_unused_server_ends_at_once) {
  start();
  drain();
  EXPECT_TRUE(run_until([&] { return drained_; }));
}

TEST_F(Connections, aborting_ends_every_request) {
  start();
  Client waiting = connect();
  Client reading = connect();
  Client sending = connect(4096);
  ASSERT_TRUE(waiting.send(get("/wait")));
  ASSERT_TRUE(reading.send(post("/echo", "Content-Length: 9\r\n", "abc")));
  ASSERT_TRUE(sending.send(get("/long/50000000")));
  ASSERT_TRUE(run_until([&] { return handler_.requests == 3; }));
  server_->abort_all();
  EXPECT_TRUE(accepted(0));
}

TEST_F(Connections, a_removed_listener_leaves_its_connections_alone) {
  start();
  Client client = connect();
  ASSERT_TRUE(accepted(1));
  server_->remove_listener("test");
  EXPECT_FALSE(connect().connected());
  ASSERT_TRUE(client.send(get("/hello")));
  EXPECT_EQ(next(client).body, "hello");
}

struct ProxyProtocol : Connections {
  void SetUp() override {
    ListenerOptions options;
    options.proxy_protocol = true;
    start({}, std::move(options));
  }
};

TEST_F(ProxyProtocol, version_1_tells_who_the_client_is) {
  const std::string request = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n" + get("/peer");
  for (std::size_t split = 1; split < request.size(); split += 7) {
    Client client = connect();
    ASSERT_TRUE(client.send(std::string_view(request).substr(0, split)));
    settle();
    ASSERT_TRUE(client.send(std::string_view(request).substr(split)));
    EXPECT_EQ(next(client).body, "192.0.2.7") << "split at " << split;
  }
}

TEST_F(ProxyProtocol, version_2_tells_who_the_client_is) {
  const std::string header =
      "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x08\xc6\x33\x64\x01\xdc\x04\x01\xbb"s;
  Client client = connect();
  ASSERT_TRUE(client.send(header));
  settle();
  ASSERT_TRUE(client.send(get("/peer") + get("/peer")));
  EXPECT_EQ(next(client).body, "192.0.2.8");
  EXPECT_EQ(next(client).body, "192.0.2.8");
}

TEST_F(ProxyProtocol, a_local_header_keeps_the_own_address) {
  Client client = connect();
  ASSERT_TRUE(client.send("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"s + get("/peer")));
  EXPECT_EQ(next(client).body, "127.0.0.1");
}

TEST_F(ProxyProtocol, without_the_header_the_connection_is_closed) {
  Client client = connect();
  ASSERT_TRUE(client.send(get("/peer")));
  EXPECT_TRUE(ends(client));
  EXPECT_EQ(client.received, "");
  EXPECT_EQ(handler_.requests, 0);
}

TEST_F(ProxyProtocol, a_header_that_does_not_come_in_time_ends_the_connection) {
  Client client = connect();
  ASSERT_TRUE(client.send("PROXY "));
  ASSERT_TRUE(accepted(1));
  settle();
  pass_ms(10'100);
  EXPECT_TRUE(ends(client));
}

}  // namespace
}  // namespace linkspan::gateway
