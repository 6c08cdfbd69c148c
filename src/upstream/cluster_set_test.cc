#include <malloc.h>

#include "upstream/outlier.h"
#include "upstream/upstream_testing.h"

namespace linkspan::upstream::testing {
namespace {

class Reload : public UpstreamTest {
 protected:
  Reload() : one(*loop), two(*loop) {}

  ClusterSettings api(std::vector<ServerSettings> servers) { return api_of(std::move(servers)); }

  TestServer one;
  TestServer two;
};

TEST_F(Reload, unchanged_api_stays_as_it_is) {
  Cluster* before = &adopt(api({server_at(one.port())}));
  EXPECT_EQ(&adopt(api({server_at(one.port())})), before);
}

TEST_F(Reload, pool_survives_changes_of_the_api_and_of_other_servers) {
  ASSERT_TRUE(get(adopt(api({server_at(one.port())}))));
  ClusterSettings changed = api({server_at(two.port()), server_at(one.port(), 5)});
  changed.timeouts.connect_ns = 7 * kNsPerSecond;
  Cluster& cluster = adopt(std::move(changed));
  EXPECT_EQ(cluster.server(1).idle_connections(), 1U);
  EXPECT_EQ(cluster.server(1).weight(), 5U);
  EXPECT_EQ(cluster.settings().timeouts.connect_ns, 7 * kNsPerSecond);
}

TEST_F(Reload, health_and_ejection_survive) {
  Cluster& before = adopt(api({server_at(one.port()), server_at(two.port())}));
  for (int i = 0; i < 5; ++i) before.report(before.server(0), Outcome::reset);
  Cluster& after = adopt(api({server_at(one.port(), 2), server_at(two.port())}));
  ASSERT_NE(&before, &after);
  EXPECT_TRUE(after.server(0).state().is_ejected(loop->now()));
}

TEST_F(Reload, server_with_other_tls_settings_is_another_server) {
  ServerSettings secure = server_at(one.port());
  secure.https = true;
  ClusterSettings settings = api({secure, server_at(two.port())});
  settings.tls.verify = false;
  Cluster& before = adopt(settings);
  ClusterRef pinned(&before);
  settings.tls.server_name = "stock.test";
  Cluster& after = adopt(settings);
  EXPECT_NE(&pinned->server(0), &after.server(0));
  EXPECT_EQ(&pinned->server(1), &after.server(1)) << "plain HTTP does not care";
}

TEST_F(Reload, removed_server_closes_its_idle_connections_at_once) {
  ASSERT_TRUE(get(adopt(api({server_at(one.port())}))));
  run_until([&] { return one.open_connections() == 1; });
  adopt(api({server_at(two.port())}));
  run_until([&] { return one.open_connections() == 0; });
}

TEST_F(Reload, request_in_flight_ends_on_the_old_configuration_and_its_connection_is_closed_then) {
  Cluster& cluster = adopt(api({server_at(one.port())}));
  one.script([](const std::string&) { return Reply{.hang = true}; });
  std::optional<Result<Response>> out;
  Job job = start(keep(send(cluster, {}, loop->now() + kNsPerSecond), out));
  run_until([&] { return one.requests().size() == 1; });
  adopt(api({server_at(two.port())}));
  one.say_on_all("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  run_until([&] { return out.has_value(); });
  ASSERT_TRUE(*out) << out->error().detail();
  run_until([&] { return one.open_connections() == 0; });
}

TEST_F(Reload, removed_api_is_gone) {
  adopt_all({api_of({server_at(one.port())}, "a"), api_of({server_at(two.port())}, "b")});
  ASSERT_NE(set->find("a"), nullptr);
  adopt_all({api_of({server_at(two.port())}, "b")});
  EXPECT_EQ(set->find("a"), nullptr);
  EXPECT_EQ(set->clusters().size(), 1U);
}

TEST_F(Reload, unusable_certificate_file_refuses_the_configuration_and_names_the_api) {
  ServerSettings secure = server_at(one.port());
  secure.https = true;
  ClusterSettings settings = api({secure});
  settings.tls.ca_file = "/nonexistent/ca.pem";
  auto built = build_clusters({settings}, nullptr, clock.wall_ns());
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().slug(), "tls-material-invalid");
  EXPECT_THAT(built.error().detail(), ::testing::StartsWith("api \"stock\": "));
}

TEST_F(Reload, thousand_reloads_under_traffic_lose_nothing_and_leave_nothing) {
  const auto settings = [&](int round) {
    ClusterSettings main = api_of({server_at(one.port(), round % 2 == 0 ? 1 : 2), server_at(two.port())});
    main.balance = round % 3 == 0 ? BalancePolicy::consistent_hash : BalancePolicy::least_requests;
    ClusterSettings passing = api_of({server_at(two.port())}, "passing " + std::to_string(round % 7));
    return std::vector{std::move(main), std::move(passing)};
  };
  std::size_t after_warm_up = 0;
  for (int round = 0; round < 1000; ++round) {
    if (round == 200) after_warm_up = mallinfo2().uordblks;
    adopt_all(settings(round));
    ASSERT_TRUE(get(*set->find("stock")));
    ASSERT_TRUE(get(*set->clusters().back()));
  }
  EXPECT_LE(one.accepted() + two.accepted(), 1000U + 2U * 8U) << "the main api's pools survive";
  // The scripted servers keep what they were asked; that is theirs.
  std::size_t kept = 0;
  for (const TestServer* server : {&one, &two}) {
    for (const std::string& request : server->requests()) kept += request.capacity() + sizeof(request) + 64;
    kept += server->accepted() * 4096;
  }
  EXPECT_LE(mallinfo2().uordblks, after_warm_up + kept + 256 * 1024);
}

}  // namespace
}  // namespace linkspan::upstream::testing
