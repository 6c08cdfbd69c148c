// Which requests a flow takes when no server does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/proxy/proxy_testing.h"

namespace linkspan::gateway {
namespace {

using testing::Backend;
using testing::Client;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProxyTest;
using ::testing::StartsWith;

// Of a port at which nobody listens.
std::string dead_url() {
  return Backend().url();
}

std::string config_with(const std::string& server) {
  return "apis:\n  shop:\n    servers: " + server +
         "\n    retry: 1\n"
         "endpoints:\n  orders: { path: /orders, proxy: { api: shop, when_unavailable: intake } }\n"
         "flows: { intake: { steps: { one: { set: 1 } } } }\n";
}

std::string request(std::string_view method, std::string_view body = "{}") {
  return std::string(method) +
         " /orders HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

using WhenUnavailable = ProxyTest;

TEST_F(WhenUnavailable, write_is_taken_with_its_body_by_a_flow) {
  start(config_with(dead_url()));
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    Client client = connect();
    ASSERT_TRUE(client.send(request(method, "{\"id\": 7}")));
    ASSERT_TRUE(receives(client, "taken: {\"id\": 7}")) << client.received;
    EXPECT_THAT(client.received, StartsWith("HTTP/1.1 202 "));
    EXPECT_THAT(client.received, HasSubstr("X-Request-Id: "));
  }
  EXPECT_THAT(log_lines(3), HasSubstr("\"status\":202"));
}

TEST_F(WhenUnavailable, read_gets_the_error) {
  start(config_with(dead_url()));
  Client client = connect();
  ASSERT_TRUE(client.send(request("GET", "")));
  ASSERT_TRUE(receives(client, "upstream-connect-refused"));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 502 "));
}

TEST_F(WhenUnavailable, write_that_a_server_may_have_seen_gets_the_error) {
  Backend backend;
  start(config_with(backend.url()));
  Client client = connect();
  ASSERT_TRUE(client.send(request("POST")));
  {
    const std::unique_ptr<Client> peer = asked(backend);
    ASSERT_NE(peer, nullptr);
  }  // which closes it
  ASSERT_TRUE(receives(client, "upstream-reset")) << client.received;
  EXPECT_THAT(client.received, Not(HasSubstr("taken")));
}

TEST_F(WhenUnavailable, write_goes_to_a_server_that_is_there) {
  Backend backend;
  start(config_with(backend.url()));
  Client client = connect();
  ASSERT_TRUE(client.send(request("POST")));
  const std::unique_ptr<Client> peer = asked(backend);
  ASSERT_TRUE(peer->send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"));
  ASSERT_TRUE(receives(client, "\r\n\r\n"));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 201 "));
}

}  // namespace
}  // namespace linkspan::gateway
