// The resolver against a small DNS server on the same loop.
#include "io/resolver.h"

#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/io_testing.h"

namespace linkspan::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::LoopFixture;
using ::testing::UnorderedElementsAre;

struct Zone {
  std::vector<std::string> v4;
  std::vector<std::string> v6;
  std::uint32_t ttl_seconds = 60;
  int rcode = 0;  // 2 SERVFAIL, 3 NXDOMAIN
  bool silent = false;
  int queries = 0;  // for A records
};

// Answers A and AAAA queries out of a table (RFC 1035 section 4).
class DnsServer : Watcher {
 public:
  explicit DnsServer(Loop& loop) : Watcher(&on_ready), loop_(loop) {
    socket_.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const SocketAddress any = *SocketAddress::parse("127.0.0.1", 0);
    EXPECT_EQ(::bind(socket_.get(), any.data(), any.size()), 0);
    EXPECT_TRUE(loop_.add(socket_.get(), *this, Loop::kLevelRead));
  }
  ~DnsServer() { loop_.remove(socket_.get()); }

  std::string address() const { return local_address(socket_.get())->to_string(); }
  std::map<std::string, Zone> zones;

 private:
  static void on_ready(Watcher& watcher, std::uint32_t) { static_cast<DnsServer&>(watcher).answer_one(); }

  void answer_one() {
    char packet[512];
    SocketAddress peer;
    socklen_t peer_size = SocketAddress::kCapacity;
    const ssize_t got = ::recvfrom(socket_.get(), packet, sizeof packet, 0, peer.data(), &peer_size);
    if (got < 17) return;
    std::string name;
    std::size_t at = 12;
    while (packet[at] != 0) {
      const auto label = static_cast<std::size_t>(packet[at]);
      name += (name.empty() ? "" : ".") + std::string(packet + at + 1, label);
      at += label + 1;
    }
    const int type = packet[at + 2];
    const std::string question(packet + 12, at + 5 - 12);
    Zone& zone = zones.try_emplace(name, Zone{{}, {}, 0, 3, false, 0}).first->second;
    if (type == 1) ++zone.queries;
    if (zone.silent) return;
    const std::string reply = compose(packet, question, zone, type);
    ::sendto(socket_.get(), reply.data(), reply.size(), 0, peer.data(), peer.size());
  }

  static std::string compose(const char* query, const std::string& question, const Zone& zone, int type) {
    const std::vector<std::string>& addresses = type == 1 ? zone.v4 : zone.v6;
    const std::size_t count = zone.rcode == 0 ? addresses.size() : 0;
    std::string reply(query, 2);
    reply += static_cast<char>(0x81);
    reply += static_cast<char>(0x80 | zone.rcode);
    reply += std::string("\0\1\0", 3);
    reply += static_cast<char>(count);
    reply += std::string("\0\0\0\0", 4);
    reply += question;
    for (std::size_t i = 0; i < count; ++i) {
      reply += std::string("\xc0\x0c\0", 3);
      reply += static_cast<char>(type);
      reply += std::string("\0\1", 2);
      const std::uint32_t ttl = htonl(zone.ttl_seconds);
      reply.append(reinterpret_cast<const char*>(&ttl), 4);
      char raw[16];
      const int family = type == 1 ? AF_INET : AF_INET6;
      EXPECT_EQ(::inet_pton(family, addresses[i].c_str(), raw), 1);
      const std::size_t bytes = type == 1 ? 4 : 16;
      reply += '\0';
      reply += static_cast<char>(bytes);
      reply.append(raw, bytes);
    }
    return reply;
  }

  Loop& loop_;
  UniqueFd socket_;
};

struct Asker {
  explicit Asker(Loop& loop) : waiter(loop) {}
  Waiter waiter;
  std::optional<Result<Resolution>> answer;
};

Task<void> ask(Resolver& resolver, Asker& asker, std::string host, std::uint16_t port, MonotonicNs deadline) {
  Result<Resolution> answer = co_await resolver.resolve(std::move(host), port, asker.waiter, deadline);
  asker.answer.emplace(std::move(answer));
}

struct ResolverTest : ::testing::Test, LoopFixture {
  ResolverTest() { make(); }
  void make() {
    options.servers = {server.address()};
    options.query_timeout_ms = 5'000;
    Result<std::unique_ptr<DnsResolver>> made = DnsResolver::create(*loop, options);
    EXPECT_TRUE(made.ok());
    resolver = *std::move(made);
  }

  Result<Resolution> resolve(const std::string& host, std::int64_t within_ms = 15'000) {
    Asker asker(*loop);
    spawn(ask(*resolver, asker, host, 8080, in_ms(within_ms)));
    EXPECT_TRUE(run_until([&] { return asker.answer.has_value(); }));
    return *std::move(asker.answer);
  }
  static std::vector<std::string> texts(const Result<Resolution>& resolution) {
    std::vector<std::string> all;
    if (!resolution) return {resolution.error().to_string()};
    for (const SocketAddress& address : resolution->addresses) all.push_back(address.to_string());
    return all;
  }
  void pass_ms(std::int64_t ms) {
    const MonotonicNs later = in_ms(ms);
    ASSERT_TRUE(run_until([&] { return loop->now() > later; }));
  }

  DnsServer server{*loop};
  DnsOptions options;
  std::unique_ptr<DnsResolver> resolver;
};

TEST_F(ResolverTest, numeric_addresses_are_answered_at_once_and_forever) {
  Asker asker(*loop);
  spawn(ask(*resolver, asker, "192.0.2.7", 80, in_ms(1000)));
  ASSERT_TRUE(asker.answer);
  EXPECT_THAT(texts(*asker.answer), ElementsAre("192.0.2.7:80"));
  EXPECT_EQ((*asker.answer)->expires_at, Resolution::kForever);
  Asker six(*loop);
  spawn(ask(*resolver, six, "[2001:db8::1]", 80, in_ms(1000)));
  ASSERT_TRUE(six.answer);
  EXPECT_THAT(texts(*six.answer), ElementsAre("[2001:db8::1]:80"));
}

TEST_F(ResolverTest, localhost_is_known_without_a_server) {
  const Result<Resolution> answer = resolve("localhost");
  EXPECT_THAT(texts(answer), ::testing::Contains("127.0.0.1:8080"));
  EXPECT_TRUE(server.zones.empty());
}

TEST_F(ResolverTest, addresses_of_both_families_are_joined) {
  server.zones["both.example"] = {.v4 = {"192.0.2.1", "192.0.2.2"}, .v6 = {"2001:db8::1"}};
  EXPECT_THAT(texts(resolve("both.example")),
              UnorderedElementsAre("192.0.2.1:8080", "192.0.2.2:8080", "[2001:db8::1]:8080"));
}

TEST_F(ResolverTest, one_family_is_enough) {
  server.zones["four.example"] = {.v4 = {"192.0.2.1"}, .v6 = {}};
  server.zones["six.example"] = {.v4 = {}, .v6 = {"2001:db8::1"}};
  EXPECT_THAT(texts(resolve("four.example")), ElementsAre("192.0.2.1:8080"));
  EXPECT_THAT(texts(resolve("six.example")), ElementsAre("[2001:db8::1]:8080"));
}

TEST_F(ResolverTest, fresh_answers_come_from_the_cache_whatever_the_case_of_the_name) {
  server.zones["a.example"] = {.v4 = {"192.0.2.1"}, .v6 = {}};
  const Result<Resolution> first = resolve("a.example");
  ASSERT_TRUE(first);
  EXPECT_GT(first->expires_at, in_ms(50'000));
  EXPECT_LE(first->expires_at, in_ms(60'000));
  Asker again(*loop);
  spawn(ask(*resolver, again, "A.Example", 9090, in_ms(1000)));
  ASSERT_TRUE(again.answer) << "a cached answer needs no suspension";
  EXPECT_THAT(texts(*again.answer), ElementsAre("192.0.2.1:9090"));
  EXPECT_EQ(server.zones["a.example"].queries, 1);
}

TEST_F(ResolverTest, expired_answers_are_asked_for_again) {
  options.min_ttl_ms = 20;
  make();
  server.zones["a.example"] = {.v4 = {"192.0.2.1"}, .v6 = {}, .ttl_seconds = 0};
  EXPECT_THAT(texts(resolve("a.example")), ElementsAre("192.0.2.1:8080"));
  server.zones["a.example"].v4 = {"192.0.2.9"};
  pass_ms(30);
  EXPECT_THAT(texts(resolve("a.example")), ElementsAre("192.0.2.9:8080"));
}

TEST_F(ResolverTest, long_lives_are_cut) {
  options.max_ttl_ms = 5'000;
  make();
  server.zones["a.example"] = {.v4 = {"192.0.2.1"}, .v6 = {}, .ttl_seconds = 86'400};
  const Result<Resolution> answer = resolve("a.example");
  EXPECT_LE(answer->expires_at, in_ms(5'000));
}

TEST_F(ResolverTest, questions_asked_together_are_sent_once) {
  server.zones["a.example"] = {.v4 = {"192.0.2.1"}, .v6 = {}};
  std::vector<std::unique_ptr<Asker>> askers;
  for (int i = 0; i < 5; ++i) {
    askers.push_back(std::make_unique<Asker>(*loop));
    spawn(ask(*resolver, *askers.back(), "a.example", 1, in_ms(15'000)));
  }
  ASSERT_TRUE(run_until([&] {
    return std::ranges::all_of(askers, [](const auto& asker) { return asker->answer.has_value(); });
  }));
  for (const auto& asker : askers) EXPECT_TRUE(asker->answer->ok());
  EXPECT_EQ(server.zones["a.example"].queries, 1);
}

TEST_F(ResolverTest, missing_name_is_an_error_that_is_remembered_for_a_moment) {
  options.negative_ttl_ms = 60'000;
  make();
  const Result<Resolution> missing = resolve("missing.example");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().slug(), "upstream-dns-failed");
  EXPECT_THAT(missing.error().detail(), HasSubstr("\"missing.example\""));
  EXPECT_FALSE(resolve("missing.example"));
  EXPECT_EQ(server.zones["missing.example"].queries, 1);
}

TEST_F(ResolverTest, name_that_appears_later_is_found_after_the_moment) {
  options.negative_ttl_ms = 20;
  make();
  EXPECT_FALSE(resolve("late.example"));
  server.zones["late.example"] = {.v4 = {"192.0.2.1"}, .v6 = {}};
  pass_ms(30);
  EXPECT_TRUE(resolve("late.example"));
}

TEST_F(ResolverTest, last_answer_stands_in_while_the_servers_fail) {
  options.min_ttl_ms = options.negative_ttl_ms = 10;
  make();
  server.zones["a.example"] = {.v4 = {"192.0.2.1"}, .v6 = {}, .ttl_seconds = 0};
  EXPECT_FALSE(resolve("a.example")->stale);
  server.zones["a.example"].rcode = 2;
  pass_ms(20);
  const Result<Resolution> stale = resolve("a.example");
  EXPECT_THAT(texts(stale), ElementsAre("192.0.2.1:8080"));
  EXPECT_TRUE(stale->stale);
  server.zones["a.example"].rcode = 0;
  server.zones["a.example"].v4 = {"192.0.2.2"};
  pass_ms(20);
  const Result<Resolution> recovered = resolve("a.example");
  EXPECT_THAT(texts(recovered), ElementsAre("192.0.2.2:8080"));
  EXPECT_FALSE(recovered->stale);
}

TEST_F(ResolverTest, last_answer_does_not_stand_in_forever) {
  options.min_ttl_ms = options.negative_ttl_ms = 10;
  options.stale_for_ms = 30;
  make();
  server.zones["a.example"] = {.v4 = {"192.0.2.1"}, .v6 = {}, .ttl_seconds = 0};
  EXPECT_TRUE(resolve("a.example"));
  server.zones["a.example"].rcode = 2;
  pass_ms(60);
  EXPECT_FALSE(resolve("a.example"));
}

TEST_F(ResolverTest, name_that_ceased_to_exist_has_no_stand_in) {
  options.min_ttl_ms = 10;
  make();
  server.zones["a.example"] = {.v4 = {"192.0.2.1"}, .v6 = {}, .ttl_seconds = 0};
  EXPECT_TRUE(resolve("a.example"));
  server.zones["a.example"].rcode = 3;
  pass_ms(20);
  EXPECT_FALSE(resolve("a.example"));
}

TEST_F(ResolverTest, silent_server_ends_at_the_deadline_and_the_answer_may_come_later) {
  server.zones["slow.example"].silent = true;
  const Result<Resolution> late = resolve("slow.example", 30);
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().detail(), HasSubstr("did not answer in time"));
}

TEST_F(ResolverTest, lost_packet_is_sent_again) {
  options.query_timeout_ms = 50;
  options.tries = 10;
  Result<std::unique_ptr<DnsResolver>> made = DnsResolver::create(*loop, options);
  resolver = *std::move(made);
  server.zones["a.example"] = {.v4 = {"192.0.2.1"}, .v6 = {}, .silent = true};
  Asker asker(*loop);
  spawn(ask(*resolver, asker, "a.example", 1, in_ms(15'000)));
  ASSERT_TRUE(run_until([&] { return server.zones["a.example"].queries >= 1; }));
  server.zones["a.example"].silent = false;
  ASSERT_TRUE(run_until([&] { return asker.answer.has_value(); }));
  EXPECT_TRUE(asker.answer->ok());
}

TEST_F(ResolverTest, waiting_task_may_be_destroyed) {
  server.zones["a.example"] = {.v4 = {"192.0.2.1"}, .v6 = {}};
  Asker gone(*loop);
  Asker stays(*loop);
  {
    Task<Result<Resolution>> task = resolver->resolve("a.example", 1, gone.waiter, in_ms(15'000));
    (void)task.await_suspend(std::noop_coroutine());
    spawn(ask(*resolver, stays, "a.example", 1, in_ms(15'000)));
  }
  ASSERT_TRUE(run_until([&] { return stays.answer.has_value(); }));
  EXPECT_TRUE(stays.answer->ok());
}

TEST_F(ResolverTest, resolver_may_go_while_a_query_is_under_way) {
  server.zones["a.example"].silent = true;
  EXPECT_FALSE(resolve("a.example", 10));
  resolver.reset();
  settle();
}

TEST_F(ResolverTest, cache_forgets_rather_than_grows) {
  options.max_cached_names = 3;
  make();
  for (int i = 0; i < 10; ++i) {
    const std::string name = "n" + std::to_string(i) + ".example";
    server.zones[name] = {.v4 = {"192.0.2.1"}, .v6 = {}};
    EXPECT_TRUE(resolve(name));
  }
  EXPECT_TRUE(resolve("n9.example"));
  EXPECT_EQ(server.zones["n9.example"].queries, 1);
}

TEST_F(ResolverTest, malformed_server_list_is_refused) {
  options.servers = {"not an address"};
  const auto made = DnsResolver::create(*loop, options);
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().detail(), HasSubstr("not an address"));
}

TEST_F(ResolverTest, impossible_names_are_errors) {
  for (const std::string& name :
       {std::string(""), std::string("a..b"), std::string(300, 'x'), std::string("a b")}) {
    EXPECT_FALSE(resolve(name)) << name;
  }
}

}  // namespace
}  // namespace linkspan::io
