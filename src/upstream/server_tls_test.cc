// Servers with https: what is verified, what is said when it fails, what is resumed.
#include "io/tls_peer.h"
#include "io/tls_testing.h"
#include "upstream/health_checker.h"
#include "upstream/upstream_testing.h"

namespace linkspan::upstream::testing {
namespace {

using ::testing::HasSubstr;

class TlsServer : public UpstreamTest {
 protected:
  TlsServer()
      : target(*loop, {},
               server_tls(
                   {.certificates = {authority.issue("site", {.alternative_names = "DNS:stock.test"})}})) {
    resolver.names["stock.test"] = {"127.0.0.1"};
    resolver.names["other.test"] = {"127.0.0.1"};
    settings = settings_for("stock.test", target.port());
  }

  std::shared_ptr<const io::ServerTls> server_tls(const io::ServerTlsOptions& options) {
    return *io::ServerTls::create(options, *io::TlsTickets::create(clock), clock.wall_ns());
  }
  ClusterSettings settings_for(const std::string& host, std::uint16_t port) {
    ServerSettings server = server_at(port);
    server.https = true;
    server.host = host;
    server.label = "https://" + host;
    ClusterSettings made = api_of({server});
    made.tls.ca_file = authority.ca_path();
    made.retry.attempts = 1;
    return made;
  }

  io::testing::CertificateAuthority authority;
  TestServer target;
  ClusterSettings settings;
};

TEST_F(TlsServer, request_goes_through_and_the_connection_is_kept) {
  Cluster& cluster = adopt(settings);
  for (int i = 0; i < 3; ++i) {
    auto response = get(cluster);
    ASSERT_TRUE(response) << response.error().to_string();
    EXPECT_EQ(response->body, "ok");
    settle();  // session tickets come after the handshake; they must not end the idle connection
  }
  EXPECT_EQ(target.accepted(), 1U);
  EXPECT_EQ(cluster.server(0).idle_connections(), 1U);
}

TEST_F(TlsServer, second_connection_resumes_the_session_of_the_first) {
  Server& server = adopt(settings).server(0);
  ASSERT_TRUE(get(*set->clusters().front()));
  io::Waiter waiter(*loop);
  auto second = run(server.open(waiter, loop->now() + kNsPerSecond));
  ASSERT_TRUE(second) << second.error().to_string();
  EXPECT_TRUE(io::tls_resumed((*second)->stream.tls()));
  server.release(*second, false);
}

TEST_F(TlsServer, certificate_of_an_unknown_authority_is_refused) {
  io::testing::CertificateAuthority stranger("Stranger");
  settings.tls.ca_file = stranger.ca_path();
  auto response = get(adopt(settings));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().slug(), "upstream-tls-failed");
  EXPECT_THAT(response.error().detail(),
              HasSubstr("https://stock.test: the peer's certificate is not accepted"));
  EXPECT_THAT(response.error().detail(), HasSubstr("check its certificate against the api's tls settings"));
  EXPECT_TRUE(target.requests().empty()) << "nothing is sent to a server that has not proved itself";
}

TEST_F(TlsServer, certificate_for_another_name_is_refused) {
  auto response = get(adopt(settings_for("other.test", target.port())));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().slug(), "upstream-tls-failed");
}

TEST_F(TlsServer, name_to_verify_can_be_given) {
  ClusterSettings other = settings_for("other.test", target.port());
  other.tls.server_name = "stock.test";
  EXPECT_TRUE(get(adopt(std::move(other))));
}

TEST_F(TlsServer, verification_can_be_switched_off) {
  ClusterSettings other = settings_for("other.test", target.port());
  other.tls.ca_file.clear();
  other.tls.verify = false;
  EXPECT_TRUE(get(adopt(std::move(other))));
}

TEST_F(TlsServer, peer_that_does_not_speak_tls_is_told_apart) {
  TestServer plain(*loop);
  std::optional<Result<Response>> out;
  Cluster& cluster = adopt(settings_for("stock.test", plain.port()));
  Job job = start(keep(send(cluster, {}, loop->now() + 10 * kNsPerSecond), out));
  run_until([&] { return plain.open_connections() == 1; });
  settle();
  plain.say_on_all("HTTP/1.1 400 Bad Request\r\n\r\n");
  run_until([&] { return out.has_value(); });
  ASSERT_FALSE(*out);
  EXPECT_EQ(out->error().slug(), "upstream-tls-failed");
}

TEST_F(TlsServer, handshake_that_does_not_end_is_a_connect_timeout) {
  TestServer plain(*loop);
  std::optional<Result<Response>> out;
  Cluster& cluster = adopt(settings_for("stock.test", plain.port()));
  Job job = start(keep(send(cluster, {}, loop->now() + 10 * kNsPerSecond), out));
  run_until([&] { return plain.open_connections() == 1; });
  settle();
  advance(2 * kNsPerSecond);
  run_until([&] { return out.has_value(); });
  EXPECT_EQ(out->error().slug(), "upstream-timeout-connect");
}

TEST_F(TlsServer, own_certificate_is_shown_to_servers_that_ask_for_it) {
  const io::TlsCertificateFiles mine = authority.issue("linkspan", {.common_name = "linkspan"});
  TestServer strict(
      *loop, {},
      server_tls({.certificates = {authority.issue("strict", {.alternative_names = "DNS:stock.test"})},
                  .client_ca = authority.ca_path(),
                  .client_auth = io::ClientAuth::required}));
  ClusterSettings with = settings_for("stock.test", strict.port());
  EXPECT_FALSE(get(adopt(with)));
  with.tls.certificate_file = mine.certificate;
  with.tls.key_file = mine.key;
  auto response = get(adopt(with));
  EXPECT_TRUE(response) << response.error().to_string();
}

TEST_F(TlsServer, reload_keeps_the_pool_and_reads_files_anew) {
  ASSERT_TRUE(get(adopt(settings)));
  Cluster& after = adopt(settings);
  EXPECT_EQ(after.server(0).idle_connections(), 1U);
  std::remove(settings.tls.ca_file.c_str());
  EXPECT_FALSE(build_clusters({settings}, list.get(), clock.wall_ns()))
      << "a reload notices that the file is gone";
}

TEST_F(TlsServer, health_checks_verify_too) {
  io::testing::CertificateAuthority stranger("Stranger");
  settings.tls.ca_file = stranger.ca_path();
  settings.health = HealthSettings{.unhealthy_after = 1};
  adopt(settings);
  HealthChecker checker(*set, Logger());
  checker.adopt();
  ServerState& state = set->clusters().front()->server(0).state();
  clock.advance(2 * kNsPerSecond);
  run_until([&] { return !state.is_healthy(); });
  EXPECT_THAT(state.health_detail(), HasSubstr("the peer's certificate is not accepted"));
}

}  // namespace
}  // namespace linkspan::upstream::testing
