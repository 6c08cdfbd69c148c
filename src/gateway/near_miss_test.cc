#include "gateway/near_miss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config_testing.h"

namespace linkspan::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> misses(std::vector<config::EndpointConfig> endpoints, std::string_view method,
                                std::string_view path, std::string_view host = "h",
                                std::uint32_t matched = kNoEndpoint) {
  config::Config config;
  config.endpoints = std::move(endpoints);
  std::vector<std::string> texts;
  for (const NearMiss& miss :
       near_misses(config, {host, path, http::parse_method(method), method, nullptr}, matched, 5)) {
    texts.push_back(config.endpoints[miss.endpoint].name + ": " + miss.text);
  }
  return texts;
}

TEST(NearMisses, a_misspelt_segment_is_named) {
  EXPECT_THAT(misses({test_endpoint("c", "/customers/{id}")}, "GET", "/custmers/7"),
              ElementsAre("c: segment 1 is \"custmers\", not \"customers\""));
}

TEST(NearMisses, a_path_that_is_too_short_or_too_long_is_named) {
  EXPECT_THAT(misses({test_endpoint("c", "/customers/{id}")}, "GET", "/customers"),
              ElementsAre("c: the path ends before segment 2, {id}"));
  EXPECT_THAT(misses({test_endpoint("c", "/customers/{id}")}, "GET", "/customers/"),
              ElementsAre("c: segment 2 is empty, and {id} needs a value"));
  EXPECT_THAT(misses({test_endpoint("c", "/customers")}, "GET", "/customers/7"),
              ElementsAre("c: the path goes on with \"7\" where the endpoint's ends"));
}

TEST(NearMisses, method_host_and_header_are_named) {
  config::EndpointConfig beta = test_endpoint("beta", "/a");
  beta.headers = {{"X-Beta", "yes"}};
  EXPECT_THAT(misses({test_endpoint("host", "/a", {}, {"shop.example", "*.b.example"}), beta,
                      test_endpoint("m", "/a", {"GET", "PUT"})},
                     "POST", "/a"),
              ElementsAre("beta: header X-Beta is not there; the endpoint wants \"yes\"",
                          "m: method is POST, the endpoint takes GET, PUT",
                          "host: host is \"h\", the endpoint is for shop.example, *.b.example"));
}

TEST(NearMisses, one_that_matches_too_is_told_from_the_one_chosen) {
  EXPECT_THAT(misses({test_endpoint("all", "/{r...}"), test_endpoint("a", "/a")}, "GET", "/a", "h", 1),
              ElementsAre("all: matches too, but is less specific"));
}

TEST(NearMisses, another_short_word_is_no_misspelling) {
  EXPECT_THAT(misses({test_endpoint("f", "/f"), test_endpoint("get", "/get")}, "GET", "/k"), IsEmpty());
  EXPECT_THAT(misses({test_endpoint("f", "/api/f")}, "GET", "/api/k"),
              ElementsAre("f: segment 2 is \"k\", not \"f\""));
}

TEST(NearMisses, endpoints_with_nothing_in_common_are_left_out) {
  EXPECT_THAT(misses({test_endpoint("a", "/warehouse/stock"), test_endpoint("b", "/mail/outbox")}, "GET",
                     "/customers/7"),
              IsEmpty());
}

}  // namespace
}  // namespace linkspan::gateway
