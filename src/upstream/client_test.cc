#include "upstream/client.h"

#include "upstream/upstream_testing.h"

namespace linkspan::upstream::testing {
namespace {

using ::testing::HasSubstr;

class ClientTest : public UpstreamTest {
 protected:
  ClientTest() : one(*loop), two(*loop) {}

  ClusterSettings both() { return api_of({server_at(one.port()), server_at(two.port())}); }
  Result<Response> send_to(Cluster& cluster, Request request, ClientLimits limits = {}) {
    return run(send(cluster, std::move(request), loop->now() + 10 * kNsPerSecond, limits));
  }

  TestServer one;
  TestServer two;
};

TEST_F(ClientTest, sends_method_target_host_fields_and_body) {
  ClusterSettings settings = api_of({server_at(one.port())});
  settings.path_prefix = "/v1";
  settings.credential_lines = "Authorization: Bearer abc\r\n";
  settings.credential_names = {"authorization"};
  Cluster& cluster = adopt(std::move(settings));
  auto response = send_to(cluster, {.method = http::Method::post,
                                    .target = "/orders?x=1",
                                    .headers = {{"Content-Type", "text/plain"}, {"Authorization", "mine"}},
                                    .body = "hello"});
  ASSERT_TRUE(response) << response.error().detail();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "ok");
  EXPECT_EQ(response->header("content-length"), "2");
  EXPECT_EQ(response->server, one.label());
  EXPECT_EQ(one.requests().at(0),
            "POST /v1/orders?x=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(one.port()) +
                "\r\nContent-Type: text/plain\r\nAuthorization: Bearer abc\r\n"
                "Content-Length: 5\r\n\r\nhello");
}

TEST_F(ClientTest, keeps_the_connection_for_the_next_request) {
  Cluster& cluster = adopt(api_of({server_at(one.port())}));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(get(cluster));
  EXPECT_EQ(one.accepted(), 1U);
}

TEST_F(ClientTest, reads_chunked_and_close_delimited_bodies) {
  Cluster& cluster = adopt(api_of({server_at(one.port())}));
  one.script([](const std::string&) {
    return Reply{.bytes =
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"};
  });
  EXPECT_EQ(get(cluster)->body, "abcde");
  one.script(
      [](const std::string&) { return Reply{.bytes = "HTTP/1.1 200 OK\r\n\r\nto the end", .close = true}; });
  EXPECT_EQ(get(cluster)->body, "to the end");
  one.script({});
  EXPECT_EQ(get(cluster)->body, "ok");
  EXPECT_EQ(one.accepted(), 2U);
}

TEST_F(ClientTest, stale_connection_is_replaced_without_counting_as_an_attempt) {
  ClusterSettings settings = api_of({server_at(one.port())});
  settings.retry.attempts = 1;
  Cluster& cluster = adopt(std::move(settings));
  ASSERT_TRUE(get(cluster));
  one.script([calls = 0](const std::string&) mutable {
    return ++calls == 1 ? Reply{.bytes = "", .close = true} : Reply{};
  });
  auto response = get(cluster);
  ASSERT_TRUE(response) << response.error().detail();
  EXPECT_EQ(response->attempts, 2U);
  EXPECT_EQ(cluster.server(0).state().consecutive_failures.load(), 0U);
}

TEST_F(ClientTest, post_on_a_stale_connection_is_not_sent_twice) {
  Cluster& cluster = adopt(api_of({server_at(one.port())}));
  ASSERT_TRUE(get(cluster));
  one.script([](const std::string&) { return Reply{.bytes = "", .close = true}; });
  auto response = send_to(cluster, {.method = http::Method::post, .target = "/", .body = "x"});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().slug(), "upstream-reset");
  EXPECT_EQ(one.requests().size(), 2U);
}

TEST_F(ClientTest, stopped_server_is_answered_for_by_the_second_one) {
  Cluster& cluster = adopt(both());
  one.stop();
  for (int i = 0; i < 20; ++i) {
    auto response = get(cluster);
    ASSERT_TRUE(response) << response.error().detail();
    EXPECT_EQ(response->server, two.label());
  }
  EXPECT_TRUE(cluster.server(0).state().is_ejected(loop->now()));
}

TEST_F(ClientTest, post_moves_on_when_nothing_was_sent) {
  Cluster& cluster = adopt(both());
  one.stop();
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(send_to(cluster, {.method = http::Method::post, .target = "/", .body = "x"}));
  }
}

TEST_F(ClientTest, server_returns_after_its_ejection) {
  Cluster& cluster = adopt(both());
  one.stop();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(get(cluster));
  one.restart();
  const std::size_t before = one.requests().size();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(get(cluster));
  EXPECT_EQ(one.requests().size(), before) << "still ejected";
  advance(11 * kNsPerSecond);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(get(cluster));
  EXPECT_EQ(one.requests().size(), before + 2);
}

TEST_F(ClientTest, ejected_server_that_answers_is_taken_back_when_the_other_one_fails) {
  Cluster& cluster = adopt(both());
  one.stop();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(get(cluster));
  one.restart();
  two.stop();
  for (int i = 0; i < 20; ++i) {
    auto response = get(cluster);
    ASSERT_TRUE(response) << response.error().detail();
    EXPECT_EQ(response->server, one.label());
  }
}

TEST_F(ClientTest, listed_status_is_tried_elsewhere_for_get_and_passed_on_for_post) {
  Cluster& cluster = adopt(both());
  const auto unavailable = [](const std::string&) {
    return Reply{.bytes = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"};
  };
  one.script(unavailable);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(get(cluster)->status, 200);
  two.script(unavailable);
  auto response = get(cluster);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->attempts, 3U);
  EXPECT_EQ(send_to(cluster, {.method = http::Method::post, .target = "/"})->attempts, 1U);
}

TEST_F(ClientTest, retries_end_with_the_budget) {
  ClusterSettings settings = both();
  settings.retry.budget = 0.1;
  settings.retry.min_retries_per_second = 0;
  settings.ejection.enabled = false;
  const auto family = registry.counter({.name = "linkspan_test_attempts", .help = "Attempts."});
  for (ServerSettings& server : settings.servers) {
    server.metrics.attempts[static_cast<std::size_t>(Outcome::connect_failed)] = registry.series(family);
  }
  const auto attempts = [&] {
    std::string text;
    registry.render(MetricsFormat::prometheus, text);
    return std::stoul(text.substr(text.find("\nlinkspan_test_attempts_total ") + 30));
  };
  Cluster& cluster = adopt(std::move(settings));
  one.stop();
  two.stop();
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(get(cluster));
  EXPECT_EQ(attempts(), 55U) << "50 requests earn 5 retries";
}

TEST_F(ClientTest, half_an_answer_is_incomplete) {
  ClusterSettings settings = api_of({server_at(one.port())});
  settings.retry.attempts = 1;
  Cluster& cluster = adopt(std::move(settings));
  one.script([](const std::string&) {
    return Reply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", .close = true};
  });
  auto response = get(cluster);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().slug(), "upstream-incomplete");
  EXPECT_EQ(response.error().detail(), one.label() + ": closed the connection after 4 bytes of the body");
}

TEST_F(ClientTest, garbage_is_a_bad_response_and_is_not_asked_for_again) {
  Cluster& cluster = adopt(api_of({server_at(one.port())}));
  one.script([](const std::string&) { return Reply{.bytes = "SSH-2.0-OpenSSH_9.2\r\n\r\n"}; });
  auto response = get(cluster);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().slug(), "upstream-bad-response");
  EXPECT_EQ(one.requests().size(), 1U);
}

TEST_F(ClientTest, reset_names_the_server) {
  ClusterSettings settings = api_of({server_at(one.port())});
  settings.retry.on_reset = false;
  Cluster& cluster = adopt(std::move(settings));
  one.script([](const std::string&) { return Reply{.bytes = "", .reset = true}; });
  auto response = get(cluster);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().slug(), "upstream-reset");
  EXPECT_THAT(response.error().detail(), HasSubstr(one.label() + ": "));
}

TEST_F(ClientTest, hanging_server_times_out_at_the_first_byte) {
  ClusterSettings settings = api_of({server_at(one.port())});
  settings.timeouts.first_byte_ns = 2 * kNsPerSecond;
  Cluster& cluster = adopt(std::move(settings));
  one.script([](const std::string&) { return Reply{.hang = true}; });
  std::optional<Result<Response>> out;
  Job job = start(keep(send(cluster, {}, loop->now() + 10 * kNsPerSecond), out));
  run_until([&] { return one.requests().size() == 1; });
  EXPECT_FALSE(out);
  advance(3 * kNsPerSecond);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->error().slug(), "upstream-timeout-first-byte");
}

TEST_F(ClientTest, slow_answer_times_out_in_total) {
  Cluster& cluster = adopt(api_of({server_at(one.port())}));
  one.script(
      [](const std::string&) { return Reply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}; });
  std::optional<Result<Response>> out;
  Job job = start(keep(send(cluster, {}, loop->now() + 10 * kNsPerSecond), out));
  run_until([&] { return one.requests().size() == 1; });
  settle();
  advance(11 * kNsPerSecond);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->error().slug(), "upstream-timeout-total");
}

TEST_F(ClientTest, limits_hold) {
  Cluster& cluster = adopt(api_of({server_at(one.port())}));
  auto body = send_to(cluster, {}, {.max_body_bytes = 1});
  ASSERT_FALSE(body);
  EXPECT_THAT(body.error().detail(), HasSubstr("larger than the 1 bytes allowed"));
  auto head = send_to(cluster, {}, {.max_header_bytes = 20});
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().slug(), "upstream-bad-response");
}

TEST_F(ClientTest, nothing_that_would_split_the_message_is_sent) {
  Cluster& cluster = adopt(api_of({server_at(one.port())}));
  EXPECT_EQ(send_to(cluster, {.target = "/a\r\nX: y"}).error().slug(), "target-invalid");
  EXPECT_EQ(send_to(cluster, {.target = "no-slash"}).error().slug(), "target-invalid");
  EXPECT_EQ(send_to(cluster, {.headers = {{"X-A", "a\r\nb"}}}).error().slug(), "header-invalid");
  EXPECT_EQ(send_to(cluster, {.headers = {{"X A", "a"}}}).error().slug(), "header-invalid");
  EXPECT_EQ(one.requests().size(), 0U);
}

TEST_F(ClientTest, fields_that_would_change_the_framing_are_left_out) {
  Cluster& cluster = adopt(api_of({server_at(one.port())}));
  ASSERT_TRUE(send_to(cluster, {.headers = {{"Transfer-Encoding", "chunked"},
                                            {"Connection", "close"},
                                            {"Content-Length", "7"},
                                            {"Expect", "100-continue"},
                                            {"Host", "elsewhere"},
                                            {"Accept", "*/*"}}}));
  EXPECT_EQ(one.requests().at(0),
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(one.port()) + "\r\nAccept: */*\r\n\r\n");
}

TEST_F(ClientTest, waiting_in_line_in_vain_does_not_count_against_the_server) {
  ClusterSettings settings = api_of({server_at(one.port())});
  settings.pool.max_connections = 1;
  settings.retry.attempts = 1;
  Cluster& cluster = adopt(std::move(settings));
  io::Waiter waiter(*loop);
  auto held = run(cluster.server(0).open(waiter, loop->now() + kNsPerSecond));
  ASSERT_TRUE(held);
  std::optional<Result<Response>> out;
  Job job = start(keep(send(cluster, {}, loop->now() + 10 * kNsPerSecond), out));
  advance(2 * kNsPerSecond);
  run_until([&] { return out.has_value(); });
  EXPECT_EQ(out->error().slug(), "upstream-none-available");
  EXPECT_EQ(cluster.server(0).state().consecutive_failures.load(), 0U);
  cluster.server(0).release(*held, true);
}

TEST_F(ClientTest, abandoned_request_closes_its_connection) {
  Cluster& cluster = adopt(api_of({server_at(one.port())}));
  one.script([](const std::string&) { return Reply{.hang = true}; });
  {
    std::optional<Result<Response>> out;
    Job job = start(keep(send(cluster, {}, loop->now() + 10 * kNsPerSecond), out));
    run_until([&] { return one.requests().size() == 1; });
  }
  EXPECT_EQ(cluster.server(0).in_flight(), 0U);
  run_until([&] { return one.open_connections() == 0; });
}

}  // namespace
}  // namespace linkspan::upstream::testing
