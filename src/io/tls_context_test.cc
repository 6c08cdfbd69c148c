// Which certificate is served to whom, who is let in, and what is said about unusable files.
#include "io/tls_context.h"

#include <atomic>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "io/io_testing.h"
#include "io/tls_handshake.h"
#include "io/tls_peer.h"
#include "io/tls_testing.h"

namespace linkspan::io {
namespace {

using testing::CertificateAuthority;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::LoopFixture;
using ::testing::StartsWith;

Task<void> run_accept(Stream& stream, Waiter& waiter, MonotonicNs deadline,
                      std::optional<Result<void>>& out) {
  Result<void> done = co_await tls_accept(stream, waiter, deadline);
  out.emplace(std::move(done));
}

Task<void> run_connect(Stream& stream, Waiter& waiter, MonotonicNs deadline,
                       std::optional<Result<void>>& out) {
  Result<void> done = co_await tls_connect(stream, waiter, deadline);
  out.emplace(std::move(done));
}

// The two ends of a connection, on a loop of their own.
struct Ends : LoopFixture {
  // Runs both handshakes to their ends.
  void meet(const ServerTls& server, SSL* connecting) {
    testing::SocketPair pair = testing::tcp_pair();
    testing::set_blocking(pair.theirs.get(), false);
    server_waiter = std::make_unique<Waiter>(*loop);
    client_waiter = std::make_unique<Waiter>(*loop);
    server_stream = std::make_unique<Stream>(*loop);
    client_stream = std::make_unique<Stream>(*loop);
    server_stream->set_waiter(server_waiter.get());
    client_stream->set_waiter(client_waiter.get());
    ASSERT_TRUE(server_stream->open(std::move(pair.ours)));
    ASSERT_TRUE(client_stream->open(std::move(pair.theirs)));
    server_stream->start_tls(server.accept());
    client_stream->start_tls(connecting);
    accepted.reset();
    connected.reset();
    spawn(run_accept(*server_stream, *server_waiter, in_ms(15'000), accepted));
    spawn(run_connect(*client_stream, *client_waiter, in_ms(15'000), connected));
    ASSERT_TRUE(run_until([&] { return accepted && connected; }));
  }
  // What the client learns of how the server took its certificate; in TLS 1.3 that is after its own
  // handshake.
  void exchange_byte() {
    if (server_stream->is_open()) server_stream->write(std::span<const char>("x", 1));
    char byte;
    run_until([&] { return client_stream->read({&byte, 1}).status != IoStatus::would_block; });
  }
  std::unique_ptr<Waiter> server_waiter;
  std::unique_ptr<Waiter> client_waiter;
  std::unique_ptr<Stream> server_stream;
  std::unique_ptr<Stream> client_stream;
  std::optional<Result<void>> accepted;
  std::optional<Result<void>> connected;
};

struct TlsContextTest : ::testing::Test, Ends {
  TlsContextTest() : tickets(*TlsTickets::create(clock)) {}

  std::shared_ptr<const ServerTls> make_server(ServerTlsOptions options) {
    Result<std::shared_ptr<const ServerTls>> made = ServerTls::create(options, tickets, clock.wall_ns());
    EXPECT_TRUE(made.ok()) << made.error().to_string();
    return *made;
  }
  std::string refusal(ServerTlsOptions options) {
    const auto made = ServerTls::create(options, tickets, clock.wall_ns());
    if (made.ok()) return "accepted";
    EXPECT_EQ(made.error().slug(), "tls-material-invalid");
    return made.error().detail();
  }
  std::shared_ptr<const ClientTls> make_client(ClientTlsOptions options) {
    Result<std::shared_ptr<const ClientTls>> made = ClientTls::create(options, clock.wall_ns());
    EXPECT_TRUE(made.ok()) << made.error().to_string();
    return *made;
  }
  ClientTlsOptions trusting() {
    ClientTlsOptions options;
    options.ca = authority.ca_path();
    return options;
  }

  using Ends::meet;
  void meet(const ServerTls& server, const ClientTls& client, const std::string& name = "a.example") {
    meet(server, client.connect(name, nullptr));
  }
  std::string served_name() {
    if (!connected->ok()) return connected->error().to_string();
    return peer_certificate(client_stream->tls())->common_name;
  }

  CertificateAuthority authority;
  std::shared_ptr<TlsTickets> tickets;
};

TEST_F(TlsContextTest, certificate_is_chosen_by_server_name) {
  const auto server = make_server(
      {.certificates = {
           authority.issue(
               "first", {.common_name = "first", .alternative_names = "DNS:a.example,DNS:fallback.example"}),
           authority.issue("exact", {.common_name = "exact", .alternative_names = "DNS:www.b.example"}),
           authority.issue("wild", {.common_name = "wild", .alternative_names = "DNS:*.b.example"})}});
  const auto client = make_client(trusting());
  const std::pair<const char*, const char*> cases[] = {
      {"a.example", "first"},    {"www.b.example", "exact"},    {"WWW.B.Example", "exact"},
      {"api.b.example", "wild"}, {"fallback.example", "first"},
  };
  for (const auto& [name, expected] : cases) {
    meet(*server, *client, name);
    EXPECT_EQ(served_name(), expected) << name;
  }
}

TEST_F(TlsContextTest, unknown_names_and_clients_without_sni_get_the_first_certificate) {
  const auto server = make_server(
      {.certificates = {
           authority.issue("first", {.common_name = "first", .alternative_names = "DNS:a.example"}),
           authority.issue("wild", {.common_name = "wild", .alternative_names = "DNS:*.b.example"})}});
  ClientTlsOptions lax;
  lax.verify = false;
  const auto client = make_client(lax);
  for (const char* name : {"other.example", "b.example", "x.y.b.example", "127.0.0.1"}) {
    meet(*server, *client, name);
    ASSERT_TRUE(connected->ok()) << connected->error().to_string();
    const X509* served = SSL_get0_peer_certificate(client_stream->tls());
    char common_name[100];
    X509_NAME_get_text_by_NID(X509_get_subject_name(served), NID_commonName, common_name, sizeof common_name);
    EXPECT_STREQ(common_name, "first") << name;
  }
}

TEST_F(TlsContextTest, client_that_speaks_no_known_protocol_is_refused) {
  const auto server =
      make_server({.certificates = {authority.issue("a", {.alternative_names = "DNS:a.example"})}});
  ClientTlsOptions options = trusting();
  options.alpn = {"h2"};
  meet(*server, *make_client(options));
  EXPECT_FALSE(accepted->ok());
  EXPECT_THAT(connected->error().to_string(), HasSubstr("no application protocol"));
}

TEST_F(TlsContextTest, server_s_preference_decides_among_offered_protocols) {
  ServerTlsOptions server_options{
      .certificates = {authority.issue("a", {.alternative_names = "DNS:a.example"})}};
  server_options.alpn = {"h2", "http/1.1"};
  ClientTlsOptions options = trusting();
  options.alpn = {"http/1.1", "h2"};
  meet(*make_server(server_options), *make_client(options));
  ASSERT_TRUE(connected->ok());
  EXPECT_EQ(tls_alpn_protocol(client_stream->tls()), "h2");
  EXPECT_EQ(tls_alpn_protocol(server_stream->tls()), "h2");
}

TEST_F(TlsContextTest, client_without_protocol_list_is_served) {
  const auto server =
      make_server({.certificates = {authority.issue("a", {.alternative_names = "DNS:a.example"})}});
  ClientTlsOptions options = trusting();
  options.alpn.clear();
  meet(*server, *make_client(options));
  ASSERT_TRUE(connected->ok());
  EXPECT_EQ(tls_alpn_protocol(server_stream->tls()), "");
}

TEST_F(TlsContextTest, older_versions_than_configured_are_refused) {
  ServerTlsOptions options{.certificates = {authority.issue("a", {.alternative_names = "DNS:a.example"})}};
  const auto client = make_client(trusting());
  SSL* tls_1_1 = client->connect("a.example", nullptr);
  SSL_set_min_proto_version(tls_1_1, TLS1_VERSION);
  SSL_set_max_proto_version(tls_1_1, TLS1_1_VERSION);
  SSL_set_security_level(tls_1_1, 0);
  SSL_set_cipher_list(tls_1_1, "ALL");
  meet(*make_server(options), tls_1_1);
  EXPECT_FALSE(accepted->ok());
  EXPECT_FALSE(connected->ok());

  options.min_version = TlsVersion::tls_1_3;
  SSL* tls_1_2 = client->connect("a.example", nullptr);
  SSL_set_max_proto_version(tls_1_2, TLS1_2_VERSION);
  meet(*make_server(options), tls_1_2);
  EXPECT_THAT(accepted->error().to_string(), HasSubstr("unsupported protocol"));
  EXPECT_FALSE(connected->ok());
}

TEST_F(TlsContextTest, client_trusts_only_its_authority_and_only_the_right_name) {
  const auto server =
      make_server({.certificates = {authority.issue(
                       "a", {.alternative_names = "DNS:a.example,DNS:*.w.example,IP:127.0.0.1"})}});
  const auto client = make_client(trusting());
  meet(*server, *client, "a.example");
  EXPECT_TRUE(connected->ok());
  meet(*server, *client, "127.0.0.1");
  EXPECT_TRUE(connected->ok());
  meet(*server, *client, "x.w.example");
  EXPECT_TRUE(connected->ok());
  meet(*server, *client, "a.example.");
  EXPECT_TRUE(connected->ok());
  for (const char* wrong : {"other.example", "x.y.w.example", "w.example", "127.0.0.2", "", "."}) {
    meet(*server, *client, wrong);
    ASSERT_FALSE(connected->ok()) << wrong;
    EXPECT_EQ(connected->error().slug(), "upstream-tls-failed");
    EXPECT_THAT(connected->error().detail(), HasSubstr("mismatch")) << wrong;
    EXPECT_FALSE(accepted->ok());
  }
  meet(*server, *make_client({}), "a.example");
  ASSERT_FALSE(connected->ok());
  EXPECT_THAT(connected->error().detail(), HasSubstr("the peer's certificate is not accepted"));
}

TEST_F(TlsContextTest, verification_may_be_switched_off) {
  CertificateAuthority stranger;
  const auto server =
      make_server({.certificates = {stranger.issue("a", {.alternative_names = "DNS:other.example"})}});
  ClientTlsOptions lax;
  lax.verify = false;
  meet(*server, *make_client(lax));
  EXPECT_TRUE(connected->ok());
  EXPECT_FALSE(peer_certificate(client_stream->tls()).has_value())
      << "an unverified certificate proves nothing";
}

// Settings, tickets and sessions are shared by all workers.
TEST_F(TlsContextTest, settings_may_be_used_by_several_threads_at_once) {
  const auto server = make_server(
      {.certificates = {authority.issue("a", {.alternative_names = "DNS:a.example"}),
                        authority.issue("b", {.common_name = "b", .alternative_names = "DNS:b.example"})}});
  const auto client = make_client(trusting());
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  constexpr int kThreads = 3;
  constexpr int kConnections = 5;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      Ends ends;
      TlsSessionSlot sessions;
      for (int j = 0; j < kConnections; ++j) {
        ends.meet(*server, client->connect("b.example", &sessions));
        if (ends.accepted->ok() && ends.connected->ok() && tls_resumed(ends.client_stream->tls()) == (j > 0))
          ++good;
        ends.exchange_byte();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, kThreads * kConnections);
}

struct ClientCertificateTest : TlsContextTest {
  ServerTlsOptions asking(ClientAuth auth) {
    ServerTlsOptions options{.certificates = {authority.issue("a", {.alternative_names = "DNS:a.example"})}};
    options.client_ca = partners.ca_path();
    options.client_auth = auth;
    return options;
  }
  ClientTlsOptions with_certificate(const TlsCertificateFiles& files) {
    ClientTlsOptions options = trusting();
    options.certificate = files.certificate;
    options.key = files.key;
    return options;
  }
  TlsCertificateFiles partner() {
    return partners.issue("shop", {.common_name = "shop",
                                   .alternative_names = "DNS:shop.example,URI:spiffe://example/shop,"
                                                        "email:ops@shop.example"});
  }
  CertificateAuthority partners{"Partner CA"};
};

TEST_F(ClientCertificateTest, good_certificate_is_let_in_and_known) {
  const auto server = make_server(asking(ClientAuth::required));
  meet(*server, *make_client(with_certificate(partner())));
  ASSERT_TRUE(accepted->ok()) << accepted->error().to_string();
  const std::optional<PeerCertificate> peer = peer_certificate(server_stream->tls());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->subject, "CN=shop");
  EXPECT_EQ(peer->common_name, "shop");
  EXPECT_EQ(peer->issuer, "CN=Partner CA");
  EXPECT_EQ(peer->serial, "02");
  EXPECT_EQ(peer->sha256_fingerprint.size(), 64u);
  EXPECT_THAT(peer->dns_names, ElementsAre("shop.example"));
  EXPECT_THAT(peer->uris, ElementsAre("spiffe://example/shop"));
  EXPECT_THAT(peer->emails, ElementsAre("ops@shop.example"));
  EXPECT_GT(peer->not_after, clock.wall_ns());
}

TEST_F(ClientCertificateTest, required_certificate_that_is_missing_is_refused) {
  const auto server = make_server(asking(ClientAuth::required));
  meet(*server, *make_client(trusting()));
  ASSERT_FALSE(accepted->ok());
  EXPECT_THAT(accepted->error().to_string(), HasSubstr("peer did not return a certificate"));
  exchange_byte();
  EXPECT_THAT(client_stream->tls_error(), HasSubstr("certificate required"));
}

TEST_F(ClientCertificateTest, optional_certificate_may_be_missing) {
  const auto server = make_server(asking(ClientAuth::optional));
  meet(*server, *make_client(trusting()));
  EXPECT_TRUE(accepted->ok());
  EXPECT_FALSE(peer_certificate(server_stream->tls()).has_value());
}

TEST_F(ClientCertificateTest, certificate_of_another_authority_is_refused_even_where_none_is_required) {
  const auto server = make_server(asking(ClientAuth::optional));
  meet(*server, *make_client(with_certificate(authority.issue("intruder", {.common_name = "intruder"}))));
  ASSERT_FALSE(accepted->ok());
  EXPECT_THAT(accepted->error().detail(), HasSubstr("the peer's certificate is not accepted"));
}

TEST_F(ClientCertificateTest, resumed_session_still_knows_its_client) {
  const auto server = make_server(asking(ClientAuth::required));
  const auto client = make_client(with_certificate(partner()));
  TlsSessionSlot sessions;
  for (int i = 0; i < 2; ++i) {
    meet(*server, client->connect("a.example", &sessions));
    ASSERT_TRUE(accepted->ok());
    EXPECT_EQ(tls_resumed(server_stream->tls()), i == 1);
    EXPECT_EQ(peer_certificate(server_stream->tls())->common_name, "shop");
    exchange_byte();
  }
}

TEST_F(ClientCertificateTest, session_of_an_open_listener_does_not_open_one_that_requires_certificates) {
  ServerTlsOptions open = asking(ClientAuth::none);
  open.client_ca.clear();
  TlsSessionSlot sessions;
  const auto client = make_client(trusting());
  meet(*make_server(open), client->connect("a.example", &sessions));
  ASSERT_TRUE(accepted->ok());
  exchange_byte();
  ASSERT_NE(sessions.get(), nullptr);
  meet(*make_server(asking(ClientAuth::required)), client->connect("a.example", &sessions));
  EXPECT_FALSE(accepted->ok());
}

struct TlsMaterialTest : TlsContextTest {
  std::string file(const std::string& name, const std::string& content) {
    testing::write_file(authority.path(name), content);
    return authority.path(name);
  }
  static std::string content(const std::string& path) {
    std::ostringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  }
  TlsCertificateFiles good = authority.issue("good", {.alternative_names = "DNS:a.example"});
};

TEST_F(TlsMaterialTest, missing_files_are_named) {
  EXPECT_EQ(refusal({.certificates = {{"/nonexistent/site.pem", good.key}}}),
            "/nonexistent/site.pem: cannot be read: No such file or directory");
  EXPECT_EQ(refusal({.certificates = {{good.certificate, "/nonexistent/site.key"}}}),
            "/nonexistent/site.key: cannot be read: No such file or directory");
}

TEST_F(TlsMaterialTest, files_without_pem_are_told_what_was_expected) {
  const std::string text = file("text", "hello\n");
  EXPECT_THAT(refusal({.certificates = {{text, good.key}}}), StartsWith(text + ": holds no PEM certificate"));
  EXPECT_THAT(refusal({.certificates = {{good.certificate, text}}}),
              StartsWith(text + ": holds no usable PEM private key"));
  EXPECT_THAT(refusal({.certificates = {{good.certificate, good.certificate}}}),
              HasSubstr("holds no usable PEM private key"));
}

TEST_F(TlsMaterialTest, broken_certificate_of_a_chain_is_counted) {
  const std::string chain = file(
      "chain", content(good.certificate) + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(refusal({.certificates = {{chain, good.key}}}),
              StartsWith(chain + ": certificate 2 is malformed"));
}

TEST_F(TlsMaterialTest, key_of_another_certificate_is_refused) {
  const TlsCertificateFiles other = authority.issue("other", {});
  EXPECT_EQ(refusal({.certificates = {good, {good.certificate, other.key}}}),
            other.key + ": the private key does not belong to the first certificate in " + good.certificate);
}

TEST_F(TlsMaterialTest, encrypted_key_is_refused) {
  const std::string path = authority.path("encrypted.key");
  EVP_PKEY* key = EVP_EC_gen("P-256");
  std::FILE* out = std::fopen(path.c_str(), "w");
  PEM_write_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), "secret", 6, nullptr, nullptr);
  std::fclose(out);
  EVP_PKEY_free(key);
  EXPECT_THAT(refusal({.certificates = {{good.certificate, path}}}),
              HasSubstr("the private key is encrypted"));
}

TEST_F(TlsMaterialTest, expired_and_future_certificates_are_refused_with_the_date) {
  const auto expired =
      authority.issue("expired", {.valid_from_seconds = -7200, .valid_until_seconds = -3600});
  EXPECT_THAT(refusal({.certificates = {expired}}),
              StartsWith(expired.certificate + ": the certificate expired at 20"));
  const auto future = authority.issue("future", {.valid_from_seconds = 3600, .valid_until_seconds = 7200});
  EXPECT_THAT(refusal({.certificates = {future}}), HasSubstr("the certificate is not valid before 20"));
}

TEST_F(TlsMaterialTest, missing_client_authorities_are_named) {
  ServerTlsOptions options{.certificates = {good}};
  options.client_ca = "/nonexistent/ca.pem";
  options.client_auth = ClientAuth::required;
  EXPECT_THAT(refusal(options), StartsWith("/nonexistent/ca.pem: cannot be read"));
}

TEST_F(TlsMaterialTest, missing_upstream_files_are_named) {
  ClientTlsOptions options;
  options.ca = "/nonexistent/ca.pem";
  const auto made = ClientTls::create(options, clock.wall_ns());
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().to_string(), StartsWith("tls-material-invalid: /nonexistent/ca.pem"));
}

TEST(TlsTicketsTest, tickets_are_accepted_for_their_lifetime_and_no_longer_than_two) {
  VirtualClock clock;
  const std::shared_ptr<TlsTickets> tickets = *TlsTickets::create(clock);
  const TlsTickets::Key first = tickets->current();
  EXPECT_TRUE(tickets->find(first.name)->current);
  const std::int64_t lifetime = TlsTickets::kLifetimeSeconds * kNsPerSecond;
  clock.advance(lifetime - 1);
  EXPECT_EQ(tickets->current().name, first.name);
  clock.advance(1);
  EXPECT_NE(tickets->current().name, first.name);
  ASSERT_TRUE(tickets->find(first.name));
  EXPECT_FALSE(tickets->find(first.name)->current) << "the client should get a new ticket";
  clock.advance(lifetime);
  EXPECT_FALSE(tickets->find(first.name));
}

TEST(TlsTicketsTest, after_a_long_silence_nothing_old_is_accepted) {
  VirtualClock clock;
  const std::shared_ptr<TlsTickets> tickets = *TlsTickets::create(clock);
  const TlsTickets::Key first = tickets->current();
  clock.advance(5 * TlsTickets::kLifetimeSeconds * kNsPerSecond);
  EXPECT_FALSE(tickets->find(first.name));
}

}  // namespace
}  // namespace linkspan::io
