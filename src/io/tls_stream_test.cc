// TLS between two streams of one loop: handshakes, transfers, ends.
#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "base/random.h"
#include "io/io_testing.h"
#include "io/stream.h"
#include "io/tls_context.h"
#include "io/tls_handshake.h"
#include "io/tls_peer.h"
#include "io/tls_testing.h"

namespace linkspan::io {
namespace {

using testing::CertificateAuthority;
using ::testing::HasSubstr;
using testing::LoopFixture;

std::span<const char> bytes(std::string_view text) {
  return {text.data(), text.size()};
}

// One end of a connection.
struct End {
  explicit End(Loop& loop) : waiter(loop), stream(loop) { stream.set_waiter(&waiter); }
  Waiter waiter;
  Stream stream;
  std::optional<Result<void>> handshake;
};

Task<void> run_accept(End& end, MonotonicNs deadline) {
  Result<void> done = co_await tls_accept(end.stream, end.waiter, deadline);
  end.handshake.emplace(std::move(done));
}

Task<void> run_connect(End& end, MonotonicNs deadline) {
  Result<void> done = co_await tls_connect(end.stream, end.waiter, deadline);
  end.handshake.emplace(std::move(done));
}

struct TlsStreamTest : ::testing::TestWithParam<TlsVersion>, LoopFixture {
  TlsStreamTest() {
    const TlsCertificateFiles site = authority.issue("site", {.alternative_names = "DNS:site.example"});
    tickets = *TlsTickets::create(clock);
    server_tls = *ServerTls::create({.certificates = {site}}, tickets, clock.wall_ns());
    client_tls = *ClientTls::create({.ca = authority.ca_path()}, clock.wall_ns());
  }

  // A fresh TCP connection; both handshakes begin.
  void connect(TlsSessionSlot* sessions = nullptr) {
    testing::SocketPair pair = testing::tcp_pair();
    testing::set_blocking(pair.theirs.get(), false);
    server = std::make_unique<End>(*loop);
    client = std::make_unique<End>(*loop);
    ASSERT_TRUE(server->stream.open(std::move(pair.ours)));
    ASSERT_TRUE(client->stream.open(std::move(pair.theirs)));
    SSL* accepting = server_tls->accept();
    if (GetParam() == TlsVersion::tls_1_2) SSL_set_max_proto_version(accepting, TLS1_2_VERSION);
    server->stream.start_tls(accepting);
    SSL* connecting = client_tls->connect("site.example", sessions);
    if (prepare_client) prepare_client(connecting);
    client->stream.start_tls(connecting);
    spawn(run_accept(*server, in_ms(15'000)));
    spawn(run_connect(*client, in_ms(15'000)));
  }
  void establish(TlsSessionSlot* sessions = nullptr) {
    connect(sessions);
    ASSERT_TRUE(run_until([&] { return server->handshake && client->handshake; }));
    ASSERT_TRUE(client->handshake->ok()) << client->handshake->error().to_string();
    ASSERT_TRUE(server->handshake->ok()) << server->handshake->error().to_string();
  }
  // What `to` reads until it has `count` bytes.
  std::string receive(Stream& to, std::size_t count) {
    std::string all;
    EXPECT_TRUE(run_until([&] {
      char buffer[10'000];
      while (to.may_read() && all.size() < count) {
        const IoResult result = to.read(buffer);
        if (result.status != IoStatus::ok) break;
        all.append(buffer, result.bytes);
      }
      return all.size() >= count;
    }));
    return all;
  }
  IoResult read_end(Stream& stream) {
    IoResult result;
    EXPECT_TRUE(run_until([&] {
      char byte;
      result = stream.read({&byte, 1});
      return result.status == IoStatus::closed || result.status == IoStatus::failed;
    }));
    return result;
  }

  CertificateAuthority authority;
  std::shared_ptr<TlsTickets> tickets;
  std::shared_ptr<const ServerTls> server_tls;
  std::shared_ptr<const ClientTls> client_tls;
  std::unique_ptr<End> server;
  std::unique_ptr<End> client;
  std::function<void(SSL*)> prepare_client;
};

INSTANTIATE_TEST_SUITE_P(Versions, TlsStreamTest, ::testing::Values(TlsVersion::tls_1_2, TlsVersion::tls_1_3),
                         [](const auto& param) {
                           return param.param == TlsVersion::tls_1_2 ? "tls12" : "tls13";
                         });

TEST_P(TlsStreamTest, handshake_agrees_on_version_and_forward_secret_aead_cipher) {
  establish();
  const bool old = GetParam() == TlsVersion::tls_1_2;
  EXPECT_EQ(tls_version(client->stream.tls()), old ? "TLSv1.2" : "TLSv1.3");
  EXPECT_EQ(tls_cipher(client->stream.tls()),
            old ? "ECDHE-ECDSA-AES128-GCM-SHA256" : "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(tls_server_name(server->stream.tls()), "site.example");
  EXPECT_EQ(tls_alpn_protocol(server->stream.tls()), "http/1.1");
}

TEST_P(TlsStreamTest, bytes_travel_both_ways) {
  establish();
  EXPECT_EQ(client->stream.write(bytes("ping")).bytes, 4u);
  EXPECT_EQ(receive(server->stream, 4), "ping");
  EXPECT_EQ(server->stream.write(bytes("pong")).bytes, 4u);
  EXPECT_EQ(receive(client->stream, 4), "pong");
}

TEST_P(TlsStreamTest, after_a_message_nothing_is_left_to_read) {
  establish();
  receive(server->stream, 0);
  ASSERT_EQ(client->stream.write(bytes("request")).bytes, 7u);
  EXPECT_EQ(receive(server->stream, 7), "request");
  EXPECT_FALSE(server->stream.may_read());
}

TEST_P(TlsStreamTest, what_a_small_buffer_leaves_is_pending_without_new_events) {
  establish();
  ASSERT_EQ(client->stream.write(bytes("abcdef")).bytes, 6u);
  EXPECT_EQ(receive(server->stream, 1).substr(0, 1), "a");
  ASSERT_EQ(client->stream.write(bytes("0123456789")).bytes, 10u);
  ASSERT_TRUE(run_until([&] { return server->stream.may_read(); }));
  char three[3];
  ASSERT_EQ(server->stream.read(three).bytes, 3u);
  EXPECT_TRUE(server->stream.may_read());
  ASSERT_EQ(server->stream.read(three).bytes, 3u);
  EXPECT_TRUE(server->stream.may_read());
  char many[100];
  ASSERT_EQ(server->stream.read(many).bytes, 4u);
  EXPECT_FALSE(server->stream.may_read());
}

TEST_P(TlsStreamTest, pieces_leave_as_one_record) {
  establish();
  const std::string parts[] = {"head", "", "body"};
  std::vector<iovec> pieces;
  for (const std::string& part : parts) pieces.push_back({const_cast<char*>(part.data()), part.size()});
  ASSERT_EQ(server->stream.write(std::span<const iovec>(pieces)).bytes, 8u);
  ASSERT_TRUE(run_until([&] { return client->stream.may_read(); }));
  char buffer[100];
  // One SSL_read gives at most one record.
  std::size_t got = 0;
  ASSERT_EQ(SSL_read_ex(client->stream.tls(), buffer, sizeof buffer, &got), 1);
  EXPECT_EQ(std::string(buffer, got), "headbody");
}

// Both sides write random sizes as fast as they can and read random sizes; nothing may be lost, repeated or
// reordered.
struct Pump {
  Pump(Stream& f, Stream& t, std::uint64_t seed, std::size_t total)
      : from(f), to(t), random(seed), left(total) {}

  // Data is a function of its position, so the receiver can check it without keeping it.
  static char at(std::uint64_t position) { return static_cast<char>((position * 2654435761u) >> 13); }

  void step() {
    if (pending.empty() && left > 0) {
      pending.resize(std::min<std::size_t>(left, 1 + random.below(random.below(4) == 0 ? 200'000 : 3'000)));
      for (char& c : pending) c = at(written++);
      left -= pending.size();
    }
    if (!pending.empty()) write_some();
    read_some();
  }
  void write_some() {
    const std::size_t cut = random.below(pending.size() + 1);
    const iovec pieces[2] = {{pending.data(), cut}, {pending.data() + cut, pending.size() - cut}};
    const IoResult result = from.write(std::span<const iovec>(pieces));
    if (result.status == IoStatus::would_block) {
      ++blocked;
      EXPECT_FALSE(from.may_write());
      return;
    }
    ASSERT_EQ(result.status, IoStatus::ok);
    if (result.bytes < pending.size()) {
      EXPECT_FALSE(from.may_write()) << "a partial write must end in waiting";
    }
    pending.erase(0, result.bytes);
  }
  void read_some() {
    if (random.below(3) != 0) return;
    std::string buffer(1 + random.below(random.below(2) == 0 ? 100'000 : 500), '\0');
    const IoResult result = to.read(buffer);
    if (result.status == IoStatus::would_block) return;
    ASSERT_EQ(result.status, IoStatus::ok);
    for (std::size_t i = 0; i < result.bytes; ++i) wrong += buffer[i] != at(read++) ? 1 : 0;
  }

  Stream& from;
  Stream& to;
  Random random;
  std::size_t left;
  std::string pending;
  std::uint64_t written = 0;
  std::uint64_t read = 0;
  int wrong = 0;
  int blocked = 0;
};

TEST_P(TlsStreamTest, large_transfers_in_both_directions_survive_backpressure) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    establish();
    const int small = 16 * 1024;
    ::setsockopt(server->stream.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    ::setsockopt(client->stream.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    constexpr std::size_t kTotal = 1'500'000;
    Pump up(client->stream, server->stream, seed, kTotal);
    Pump down(server->stream, client->stream, seed + 100, kTotal);
    ASSERT_TRUE(run_until([&] {
      for (int i = 0; i < 50; ++i) {
        up.step();
        down.step();
      }
      loop->run_once(0);
      return (up.read == kTotal && down.read == kTotal) || HasFatalFailure();
    })) << up.read
        << " " << down.read;
    EXPECT_EQ(up.wrong + down.wrong, 0);
    EXPECT_GT(up.blocked + down.blocked, 0);
  }
}

TEST_P(TlsStreamTest, small_fragments_asked_for_by_the_client_change_nothing_for_the_caller) {
  prepare_client = [](SSL* ssl) { SSL_set_tlsext_max_fragment_length(ssl, TLSEXT_max_fragment_length_512); };
  establish();
  constexpr std::size_t kTotal = 400'000;
  Pump down(server->stream, client->stream, 7, kTotal);
  ASSERT_TRUE(run_until([&] {
    for (int i = 0; i < 50; ++i) down.step();
    loop->run_once(0);
    return down.read == kTotal;
  }));
  EXPECT_EQ(down.wrong, 0);
}

TEST_P(TlsStreamTest, key_updates_in_the_middle_of_transfers_are_answered) {
  establish();
  if (GetParam() == TlsVersion::tls_1_2) GTEST_SKIP() << "TLS 1.2 has none";
  constexpr std::size_t kTotal = 300'000;
  Pump up(client->stream, server->stream, 1, kTotal);
  Pump down(server->stream, client->stream, 2, kTotal);
  int updates = 0;
  ASSERT_TRUE(run_until([&] {
    up.step();
    down.step();
    if (++updates % 40 == 0 && up.pending.empty())
      SSL_key_update(client->stream.tls(), SSL_KEY_UPDATE_REQUESTED);
    loop->run_once(0);
    return up.read == kTotal && down.read == kTotal;
  }));
  EXPECT_EQ(up.wrong + down.wrong, 0);
}

TEST_P(TlsStreamTest, what_a_stalled_reader_holds_up_goes_on_when_it_reads_again) {
  establish();
  const std::string body(6'000'000, 'x');
  std::size_t sent = 0;
  std::size_t received = 0;
  while (true) {
    const IoResult result = server->stream.write(bytes(body).subspan(sent));
    if (result.status == IoStatus::would_block) break;
    ASSERT_EQ(result.status, IoStatus::ok);
    sent += result.bytes;
  }
  ASSERT_LT(sent, body.size());
  ASSERT_TRUE(run_until([&] {
    char buffer[100'000];
    const IoResult in = client->stream.read(buffer);
    received += in.bytes;
    const IoResult out = server->stream.write(bytes(body).subspan(sent));
    sent += out.bytes;
    return sent == body.size();
  }));
  ASSERT_TRUE(run_until([&] {
    char buffer[100'000];
    received += client->stream.read(buffer).bytes;
    return received == body.size();
  }));
}

TEST_P(TlsStreamTest, orderly_close_is_closed) {
  establish();
  ASSERT_EQ(server->stream.write(bytes("bye")).bytes, 3u);
  server->stream.close();
  EXPECT_EQ(receive(client->stream, 3), "bye");
  EXPECT_EQ(read_end(client->stream).status, IoStatus::closed);
  EXPECT_TRUE(client->stream.peer_gone());
  EXPECT_EQ(read_end(client->stream).status, IoStatus::closed) << "the end stays the end";
}

TEST_P(TlsStreamTest, end_without_close_notify_is_a_failure) {
  establish();
  ASSERT_EQ(server->stream.write(bytes("half an ans")).bytes, 11u);
  ::shutdown(server->stream.fd(), SHUT_WR);
  EXPECT_EQ(receive(client->stream, 11), "half an ans");
  const IoResult end = read_end(client->stream);
  EXPECT_EQ(end.status, IoStatus::failed);
  EXPECT_EQ(end.error, 0);
  EXPECT_THAT(client->stream.tls_error(), HasSubstr("close_notify"));
  EXPECT_EQ(read_end(client->stream).status, IoStatus::failed) << "the end stays the end";
}

TEST_P(TlsStreamTest, our_reset_is_no_orderly_end) {
  establish();
  server->stream.reset();
  EXPECT_EQ(read_end(client->stream).status, IoStatus::failed);
}

TEST_P(TlsStreamTest, half_close_leaves_the_other_direction_open) {
  establish();
  ASSERT_EQ(client->stream.write(bytes("question")).bytes, 8u);
  client->stream.shutdown_write();
  EXPECT_EQ(receive(server->stream, 8), "question");
  EXPECT_EQ(read_end(server->stream).status, IoStatus::closed);
  ASSERT_EQ(server->stream.write(bytes("answer")).bytes, 6u);
  EXPECT_EQ(receive(client->stream, 6), "answer");
}

TEST_P(TlsStreamTest, tampered_record_is_a_failure) {
  establish();
  const char garbage[] =
      "\x17\x03\x03\x00\x20"
      "0123456789abcdef0123456789abcdef";
  ASSERT_EQ(::send(client->stream.fd(), garbage, sizeof garbage - 1, 0),
            static_cast<ssize_t>(sizeof garbage - 1));
  EXPECT_EQ(read_end(server->stream).status, IoStatus::failed);
  EXPECT_FALSE(server->stream.tls_error().empty());
}

TEST_P(TlsStreamTest, session_is_resumed_on_the_next_connection) {
  TlsSessionSlot sessions;
  for (int i = 0; i < 4; ++i) {
    establish(&sessions);
    EXPECT_EQ(tls_resumed(client->stream.tls()), i > 0) << i;
    EXPECT_EQ(tls_resumed(server->stream.tls()), i > 0) << i;
    // TLS 1.3 sends its tickets after the handshake; they come with the first data.
    ASSERT_EQ(server->stream.write(bytes("x")).bytes, 1u);
    EXPECT_EQ(receive(client->stream, 1), "x");
    EXPECT_NE(sessions.get(), nullptr);
    client->stream.close();
  }
}

TEST_P(TlsStreamTest, one_session_serves_several_connections_opened_together) {
  TlsSessionSlot sessions;
  establish(&sessions);
  ASSERT_EQ(server->stream.write(bytes("x")).bytes, 1u);
  EXPECT_EQ(receive(client->stream, 1), "x");
  for (int i = 0; i < 3; ++i) {
    establish(&sessions);  // nothing is read, so no new ticket has come
    EXPECT_TRUE(tls_resumed(server->stream.tls()));
  }
}

TEST_P(TlsStreamTest, sessions_survive_a_reload_of_the_listener) {
  TlsSessionSlot sessions;
  establish(&sessions);
  ASSERT_EQ(server->stream.write(bytes("x")).bytes, 1u);
  receive(client->stream, 1);
  client->stream.close();
  const TlsCertificateFiles renewed = authority.issue("renewed", {.alternative_names = "DNS:site.example"});
  server_tls = *ServerTls::create({.certificates = {renewed}}, tickets, clock.wall_ns());
  establish(&sessions);
  EXPECT_TRUE(tls_resumed(server->stream.tls()));
}

TEST_P(TlsStreamTest, connections_outlive_the_settings_that_they_began_with) {
  establish();
  const std::weak_ptr<const ServerTls> old = server_tls;
  const TlsCertificateFiles renewed =
      authority.issue("renewed", {.common_name = "renewed", .alternative_names = "DNS:site.example"});
  server_tls = *ServerTls::create({.certificates = {renewed}}, tickets, clock.wall_ns());
  client_tls = *ClientTls::create({.ca = authority.ca_path()}, clock.wall_ns());
  EXPECT_TRUE(old.expired());
  ASSERT_EQ(client->stream.write(bytes("still")).bytes, 5u);
  EXPECT_EQ(receive(server->stream, 5), "still");
  establish();
  EXPECT_EQ(peer_certificate(client->stream.tls())->common_name, "renewed");
}

TEST_P(TlsStreamTest, bytes_read_before_tls_began_belong_to_the_handshake) {
  testing::SocketPair pair = testing::tcp_pair();
  testing::set_blocking(pair.theirs.get(), false);
  server = std::make_unique<End>(*loop);
  client = std::make_unique<End>(*loop);
  ASSERT_TRUE(server->stream.open(std::move(pair.ours)));
  ASSERT_TRUE(client->stream.open(std::move(pair.theirs)));
  client->stream.start_tls(client_tls->connect("site.example", nullptr));
  spawn(run_connect(*client, in_ms(15'000)));
  ASSERT_TRUE(run_until([&] { return server->stream.may_read(); }));
  char first[20];
  const IoResult taken = server->stream.read(first);
  ASSERT_EQ(taken.bytes, sizeof first);
  server->stream.start_tls(server_tls->accept(), first);
  spawn(run_accept(*server, in_ms(15'000)));
  ASSERT_TRUE(run_until([&] { return server->handshake && client->handshake; }));
  EXPECT_TRUE(server->handshake->ok());
  EXPECT_TRUE(client->handshake->ok());
}

TEST_P(TlsStreamTest, plain_http_on_a_tls_port_is_told_apart) {
  testing::SocketPair pair = testing::tcp_pair();
  server = std::make_unique<End>(*loop);
  ASSERT_TRUE(server->stream.open(std::move(pair.ours)));
  server->stream.start_tls(server_tls->accept());
  spawn(run_accept(*server, in_ms(15'000)));
  ASSERT_EQ(::send(pair.theirs.get(), "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
  ASSERT_TRUE(run_until([&] { return server->handshake.has_value(); }));
  ASSERT_FALSE(server->handshake->ok());
  EXPECT_EQ(server->handshake->error().to_string(), "tls-handshake-failed: http request");
}

TEST_P(TlsStreamTest, silent_client_times_out_in_the_handshake) {
  testing::SocketPair pair = testing::tcp_pair();
  server = std::make_unique<End>(*loop);
  ASSERT_TRUE(server->stream.open(std::move(pair.ours)));
  server->stream.start_tls(server_tls->accept());
  spawn(run_accept(*server, in_ms(20)));
  ASSERT_TRUE(run_until([&] { return server->handshake.has_value(); }));
  EXPECT_EQ(server->handshake->error().slug(), "tls-handshake-failed");
  EXPECT_FALSE(server->stream.is_open());
}

TEST_P(TlsStreamTest, client_that_goes_away_in_the_handshake_is_reported) {
  testing::SocketPair pair = testing::tcp_pair();
  server = std::make_unique<End>(*loop);
  ASSERT_TRUE(server->stream.open(std::move(pair.ours)));
  server->stream.start_tls(server_tls->accept());
  spawn(run_accept(*server, in_ms(15'000)));
  pair.theirs.reset();
  ASSERT_TRUE(run_until([&] { return server->handshake.has_value(); }));
  EXPECT_THAT(server->handshake->error().detail(), HasSubstr("closed the connection"));
}

TEST_P(TlsStreamTest, upstream_without_tls_fails_and_a_silent_one_times_out) {
  for (const bool answers : {true, false}) {
    testing::SocketPair pair = testing::tcp_pair();
    client = std::make_unique<End>(*loop);
    ASSERT_TRUE(client->stream.open(std::move(pair.ours)));
    client->stream.start_tls(client_tls->connect("site.example", nullptr));
    spawn(run_connect(*client, in_ms(answers ? 15'000 : 20)));
    if (answers) {
      EXPECT_EQ(::send(pair.theirs.get(), "HTTP/1.1 400 Bad Request\r\n\r\n", 28, 0), 28);
    }
    ASSERT_TRUE(run_until([&] { return client->handshake.has_value(); }));
    EXPECT_EQ(client->handshake->error().slug(),
              answers ? "upstream-tls-failed" : "upstream-timeout-connect");
  }
}

}  // namespace
}  // namespace linkspan::io
