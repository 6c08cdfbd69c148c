#include "upstream/server.h"

#include "upstream/upstream_testing.h"

namespace linkspan::upstream::testing {
namespace {

class Pool : public UpstreamTest {
 protected:
  Pool() : target(*loop) {}

  Server& server_of(PoolSettings pool) {
    ClusterSettings settings = api_of({server_at(target.port())});
    settings.pool = pool;
    return adopt(std::move(settings)).server(0);
  }
  Connection* open(Server& server) {
    auto opened = run(server.open(waiter, loop->now() + kNsPerSecond));
    EXPECT_TRUE(opened) << opened.error().detail();
    return *opened;
  }

  TestServer target;
  io::Waiter waiter{*loop};
};

TEST_F(Pool, connection_given_back_is_used_again_the_latest_first) {
  Server& server = server_of({});
  EXPECT_EQ(server.take_idle(waiter), nullptr);
  Connection* first = open(server);
  Connection* second = open(server);
  EXPECT_FALSE(first->reused());
  server.release(first, true);
  server.release(second, true);
  EXPECT_EQ(server.idle_connections(), 2U);
  EXPECT_EQ(server.take_idle(waiter), second);
  EXPECT_TRUE(second->reused());
  EXPECT_EQ(server.take_idle(waiter), first);
  EXPECT_EQ(server.take_idle(waiter), nullptr);
  EXPECT_EQ(server.in_flight(), 2U);
  server.release(first, false);
  server.release(second, false);
  EXPECT_EQ(server.in_flight(), 0U);
  EXPECT_EQ(target.accepted(), 2U);
}

TEST_F(Pool, connection_that_may_not_be_reused_is_closed) {
  Server& server = server_of({});
  Connection* connection = open(server);
  run_until([&] { return target.open_connections() == 1; });
  server.release(connection, false);
  EXPECT_EQ(server.idle_connections(), 0U);
  run_until([&] { return target.open_connections() == 0; });
}

TEST_F(Pool, idle_connection_leaves_the_pool_when_the_server_closes_it) {
  Server& server = server_of({});
  server.release(open(server), true);
  run_until([&] { return target.open_connections() == 1; });
  target.close_connections();
  run_until([&] { return server.idle_connections() == 0; });
  EXPECT_EQ(server.take_idle(waiter), nullptr);
}

TEST_F(Pool, idle_connection_leaves_the_pool_when_the_server_says_something_unasked) {
  Server& server = server_of({});
  server.release(open(server), true);
  run_until([&] { return target.open_connections() == 1; });
  settle();
  target.say_on_all("HTTP/1.1 408 Request Timeout\r\n\r\n");
  run_until([&] { return server.idle_connections() == 0; });
}

TEST_F(Pool, connection_with_bytes_left_to_read_is_not_kept) {
  Server& server = server_of({});
  Connection* connection = open(server);
  run_until([&] { return target.open_connections() == 1; });
  settle();
  target.say_on_all("left over");
  run_until([&] { return connection->stream.may_read(); });
  server.release(connection, true);
  EXPECT_EQ(server.idle_connections(), 0U);
}

TEST_F(Pool, idle_connections_are_closed_after_the_idle_timeout) {
  Server& server = server_of({.idle_timeout_ns = 30 * kNsPerSecond});
  Connection* older = open(server);
  Connection* newer = open(server);
  server.release(older, true);
  advance(20 * kNsPerSecond);
  server.release(newer, true);
  advance(11 * kNsPerSecond);
  EXPECT_EQ(server.idle_connections(), 1U);
  advance(20 * kNsPerSecond);
  EXPECT_EQ(server.idle_connections(), 0U);
}

TEST_F(Pool, keeps_no_more_idle_connections_than_allowed) {
  Server& server = server_of({.max_idle_per_worker = 2});
  std::vector<Connection*> connections;
  for (int i = 0; i < 5; ++i) connections.push_back(open(server));
  for (Connection* connection : connections) server.release(connection, true);
  EXPECT_EQ(server.idle_connections(), 2U);
}

TEST_F(Pool, refused_connection_names_the_server_and_what_to_check) {
  Server& server = server_of({});
  target.stop();
  auto opened = run(server.open(waiter, loop->now() + kNsPerSecond));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().slug(), "upstream-connect-refused");
  EXPECT_EQ(opened.error().detail(),
            target.label() + ": Connection refused; is it running, and listening on that port?");
  EXPECT_EQ(server.in_flight(), 0U);
}

TEST_F(Pool, an_address_that_is_a_secret_stands_in_no_error) {
  ClusterSettings settings = api_of({server_at(target.port())});
  settings.servers[0].label = "servers[0]";
  settings.servers[0].address_is_secret = true;
  Server& server = adopt(std::move(settings)).server(0);
  target.stop();
  auto opened = run(server.open(waiter, loop->now() + kNsPerSecond));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().detail(),
            "servers[0]: Connection refused; is it running, and listening on that port?");
}

TEST_F(Pool, a_secret_name_that_does_not_resolve_stands_in_no_error) {
  ClusterSettings settings = api_of({server_at(target.port())});
  settings.servers[0].label = "servers[0]";
  settings.servers[0].host = "secret-name.invalid";
  settings.servers[0].address_is_secret = true;
  Server& server = adopt(std::move(settings)).server(0);
  auto opened = run(server.open(waiter, loop->now() + kNsPerSecond));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().detail().find("secret-name"), std::string::npos) << opened.error().detail();
}

TEST_F(Pool, opening_can_be_abandoned) {
  Server& server = server_of({.max_connections = 1});
  {
    std::optional<Result<Connection*>> out;
    Job job = start(keep(server.open(waiter, loop->now() + kNsPerSecond), out));
    EXPECT_EQ(server.in_flight(), 1U);
  }
  EXPECT_EQ(server.in_flight(), 0U);
  EXPECT_EQ(server.state().connections.load(), 0U);
}

// ---- names

TEST_F(Pool, name_is_resolved_and_its_addresses_are_tried_in_turn) {
  resolver.names["stock.test"] = {"127.0.0.9", "127.0.0.1"};  // nobody listens on the first
  ServerSettings settings = server_at(target.port());
  settings.host = "stock.test";
  Server& server = adopt(api_of({settings})).server(0);
  for (int i = 0; i < 4; ++i) server.release(open(server), false);
  EXPECT_EQ(server.authority(), "stock.test:" + std::to_string(target.port()));
}

TEST_F(Pool, name_that_does_not_exist_is_an_error_of_its_own) {
  ServerSettings settings = server_at(target.port());
  settings.host = "nowhere.test";
  settings.label = "http://nowhere.test";
  Server& server = adopt(api_of({settings})).server(0);
  auto opened = run(server.open(waiter, loop->now() + kNsPerSecond));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().slug(), "upstream-dns-failed");
  EXPECT_EQ(opened.error().detail(),
            "http://nowhere.test: nowhere.test does not exist; check the host name in the server's url");
}

TEST_F(Pool, authority_leaves_out_default_ports_and_brackets_ipv6) {
  ServerSettings plain = server_at(80);
  ServerSettings v6 = server_at(8080);
  v6.host = "::1";
  Cluster& cluster = adopt(api_of({plain, v6}));
  EXPECT_EQ(cluster.server(0).authority(), "127.0.0.1");
  EXPECT_EQ(cluster.server(1).authority(), "[::1]:8080");
}

// ---- max_connections

class Limit : public Pool {
 protected:
  struct Opener {
    explicit Opener(io::Loop& l) : waiter(l) {}
    io::Waiter waiter;
    std::optional<Result<Connection*>> result;
    Job job;
  };

  Opener& begin(Server& server) {
    openers.emplace_back(*loop);
    Opener& opener = openers.back();
    opener.job = start(keep(server.open(opener.waiter, loop->now() + kNsPerSecond), opener.result));
    return opener;
  }

  std::list<Opener> openers;
};

TEST_F(Limit, requests_wait_in_line_for_a_connection_and_get_it_in_order) {
  Server& server = server_of({.max_connections = 1});
  Connection* connection = open(server);
  Opener& first = begin(server);
  Opener& second = begin(server);
  settle();
  EXPECT_FALSE(first.result);
  server.release(connection, true);
  EXPECT_FALSE(first.result) << "release must not run other requests";
  run_until([&] { return first.result.has_value(); });
  EXPECT_EQ(**first.result, connection) << "the idle connection is handed on";
  EXPECT_FALSE(second.result);
  server.release(**first.result, false);  // closed: the next one opens its own
  run_until([&] { return second.result.has_value(); });
  ASSERT_TRUE(*second.result);
  EXPECT_EQ(server.state().connections.load(), 1U);
  server.release(**second.result, true);
  EXPECT_EQ(target.accepted(), 2U);
}

TEST_F(Limit, newcomers_do_not_overtake_the_line) {
  Server& server = server_of({.max_connections = 1});
  Connection* connection = open(server);
  Opener& waiting = begin(server);
  server.release(connection, true);
  EXPECT_EQ(server.take_idle(waiter), nullptr);
  run_until([&] { return waiting.result.has_value(); });
  server.release(**waiting.result, true);
}

TEST_F(Limit, waiting_longer_than_the_deadline_is_none_available) {
  Server& server = server_of({.max_connections = 1});
  Connection* connection = open(server);
  Opener& opener = begin(server);
  advance(2 * kNsPerSecond);
  run_until([&] { return opener.result.has_value(); });
  ASSERT_FALSE(*opener.result);
  EXPECT_EQ(opener.result->error().slug(), "upstream-none-available");
  EXPECT_THAT(opener.result->error().detail(),
              ::testing::HasSubstr("all 1 connections (pool max_connections) stayed busy"));
  server.release(connection, true);
  EXPECT_EQ(server.state().waiting.load(), 0U);
}

TEST_F(Limit, abandoned_wait_leaves_the_line_and_gives_back_what_it_was_granted) {
  Server& server = server_of({.max_connections = 1});
  Connection* connection = open(server);
  begin(server);
  Opener& second = begin(server);
  openers.pop_front();
  server.release(connection, true);
  run_until([&] { return second.result.has_value(); });
  server.release(**second.result, true);
  EXPECT_EQ(server.idle_connections(), 1U);
}

TEST_F(Limit, failed_opening_frees_its_place) {
  Server& server = server_of({.max_connections = 1});
  target.stop();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(run(server.open(waiter, loop->now() + kNsPerSecond)));
  EXPECT_EQ(server.state().connections.load(), 0U);
}

TEST_F(Limit, holds_for_all_workers_together_and_idle_connections_are_given_up_to_others) {
  Server& mine = server_of({.max_connections = 1});
  ClusterSet other_worker(*loop, resolver, *shard, Logger());
  other_worker.adopt(*list);
  Server& theirs = other_worker.clusters().front()->server(0);
  mine.release(open(mine), true);
  Opener& opener = begin(theirs);
  settle();
  EXPECT_FALSE(opener.result) << "one connection is open, though idle, in the other worker";
  advance(50 * kNsPerMs);
  advance(50 * kNsPerMs);
  run_until([&] { return opener.result.has_value(); });
  ASSERT_TRUE(*opener.result) << opener.result->error().detail();
  EXPECT_EQ(mine.idle_connections(), 0U);
  theirs.release(**opener.result, false);
}

TEST_F(Limit, whoever_becomes_the_first_in_line_looks_what_other_workers_have_freed) {
  Server& mine = server_of({.max_connections = 1});
  ClusterSet other_worker(*loop, resolver, *shard, Logger());
  other_worker.adopt(*list);
  Server& theirs = other_worker.clusters().front()->server(0);
  Connection* held = open(mine);
  begin(theirs);
  Opener& second = begin(theirs);
  settle();
  openers.pop_front();
  settle();
  mine.release(held, false);
  advance(50 * kNsPerMs);
  advance(50 * kNsPerMs);
  run_until([&] { return second.result.has_value(); });
  ASSERT_TRUE(*second.result) << second.result->error().detail();
  theirs.release(**second.result, false);
}

TEST_F(Limit, the_line_has_an_end) {
  Server& server = server_of({.max_connections = 1, .max_waiting = 2});
  Connection* held = open(server);
  begin(server);
  begin(server);
  Opener& third = begin(server);
  ASSERT_TRUE(third.result.has_value()) << "it waits";
  ASSERT_FALSE(*third.result);
  EXPECT_EQ(third.result->error().slug(), "upstream-none-available");
  EXPECT_THAT(third.result->error().detail(), ::testing::HasSubstr("2 requests wait"));
  openers.clear();
  server.release(held, true);
}

TEST_F(Limit, health_checks_do_not_need_a_place) {
  Server& server = server_of({.max_connections = 1});
  Connection* held = open(server);
  auto opened = run(server.open_unlimited(waiter, loop->now() + kNsPerSecond));
  ASSERT_TRUE(opened);
  server.release(*opened, false);
  server.release(held, false);
  EXPECT_EQ(server.state().connections.load(), 0U);
}

// ---- counting

TEST_F(Pool, open_and_idle_connections_are_shown_as_metrics) {
  const auto connections = registry.gauge({.name = "linkspan_test_connections", .help = "Open."});
  const auto idle = registry.gauge({.name = "linkspan_test_idle", .help = "Idle."});
  ServerSettings settings = server_at(target.port());
  settings.metrics.connections = registry.series(connections);
  settings.metrics.idle_connections = registry.series(idle);
  Server& server = adopt(api_of({settings})).server(0);
  Connection* held = open(server);
  server.release(open(server), true);
  std::string text;
  registry.render(MetricsFormat::prometheus, text);
  EXPECT_THAT(text, ::testing::HasSubstr("linkspan_test_connections 2"));
  EXPECT_THAT(text, ::testing::HasSubstr("linkspan_test_idle 1"));
  server.release(held, false);
}

}  // namespace
}  // namespace linkspan::upstream::testing
