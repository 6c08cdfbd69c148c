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

}  // namespace
}  // namespace linkspan::gateway
