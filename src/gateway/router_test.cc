#include "gateway/router.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "gateway/config_testing.h"
#include "http/h1_request.h"

namespace linkspan::gateway {
namespace {

// Routes one request and tells the outcome as text: "customer id=7", "404", "405 GET, HEAD, OPTIONS", "204
// ...".
class Routes {
 public:
  explicit Routes(std::vector<config::EndpointConfig> endpoints) {
    config_.endpoints = std::move(endpoints);
    router_ = Router::build(config_);
  }

  std::string operator()(std::string_view method, std::string_view path,
                         std::string_view host = "any.example", std::string_view lines = "") {
    const std::string text = "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(lines) + "\r\n";
    http::FieldStorage<> storage;
    http::RequestHead head(storage);
    EXPECT_EQ(http::parse_request_head(text, {}, 0, head).state, http::ParseState::complete);
    PathParams params;
    const RouteMatch match =
        router_.find({host, path, http::parse_method(method), method, &head.fields}, params);
    return describe(match, params);
  }

 private:
  std::string describe(const RouteMatch& match, const PathParams& params) {
    char allow[Router::kMaxAllowBytes];
    switch (match.outcome) {
      case RouteOutcome::not_found:
        return "404";
      case RouteOutcome::method_not_allowed:
        return "405 " + std::string(router_.write_allow(match.allow, allow));
      case RouteOutcome::options:
        return "204 " + std::string(router_.write_allow(match.allow, allow));
      case RouteOutcome::found:
        break;
    }
    const config::EndpointConfig& endpoint = config_.endpoints[match.endpoint];
    std::string text = endpoint.name;
    std::size_t at = 0;
    for (const config::PathSegment& segment : endpoint.path.segments) {
      if (segment.kind == config::PathSegment::Kind::literal) continue;
      text += " " + segment.text + "=" + std::string(params[at++]);
    }
    EXPECT_EQ(at, params.size());
    return text;
  }

  config::Config config_;
  Router router_;
};

TEST(Router, a_literal_path_matches_itself_only) {
  Routes routes({test_endpoint("a", "/orders"), test_endpoint("root", "/")});
  EXPECT_EQ(routes("GET", "/orders"), "a");
  EXPECT_EQ(routes("GET", "/orders/"), "404");
  EXPECT_EQ(routes("GET", "/Orders"), "404");
  EXPECT_EQ(routes("GET", "/order"), "404");
  EXPECT_EQ(routes("GET", "//orders"), "404");
  EXPECT_EQ(routes("GET", "/"), "root");
  EXPECT_EQ(routes("GET", "*"), "404");
}

TEST(Router, a_parameter_takes_one_segment_that_is_not_empty) {
  Routes routes({test_endpoint("customer", "/customers/{id}"), test_endpoint("slash", "/customers/{id}/")});
  EXPECT_EQ(routes("GET", "/customers/7"), "customer id=7");
  EXPECT_EQ(routes("GET", "/customers/a%20b"), "customer id=a%20b");
  EXPECT_EQ(routes("GET", "/customers/7/"), "slash id=7");
  EXPECT_EQ(routes("GET", "/customers/"), "404");
  EXPECT_EQ(routes("GET", "/customers/7/8"), "404");
}

TEST(Router, trace_is_taken_only_where_it_is_named) {
  Routes routes({test_endpoint("any", "/a"), test_endpoint("named", "/b", {"GET", "TRACE"})});
  EXPECT_EQ(routes("TRACE", "/a"), "405 GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  EXPECT_EQ(routes("TRACE", "/b"), "named");
}

TEST(Router, a_rest_takes_everything_after_its_slash_and_may_be_empty) {
  Routes routes({test_endpoint("files", "/files/{path...}"), test_endpoint("all", "/t/{tenant}/{rest...}")});
  EXPECT_EQ(routes("GET", "/files/a/b//c"), "files path=a/b//c");
  EXPECT_EQ(routes("GET", "/files/"), "files path=");
  EXPECT_EQ(routes("GET", "/files"), "404");
  EXPECT_EQ(routes("GET", "/t/acme/x/y"), "all tenant=acme rest=x/y");
}

TEST(Router, a_rest_at_the_root_takes_every_path) {
  Routes routes({test_endpoint("all", "/{rest...}")});
  EXPECT_EQ(routes("GET", "/"), "all rest=");
  EXPECT_EQ(routes("GET", "/a/b"), "all rest=a/b");
}

TEST(Router, literal_wins_over_parameter_wins_over_rest) {
  Routes routes({test_endpoint("rest", "/users/{rest...}"), test_endpoint("param", "/users/{id}"),
                 test_endpoint("literal", "/users/me")});
  EXPECT_EQ(routes("GET", "/users/me"), "literal");
  EXPECT_EQ(routes("GET", "/users/you"), "param id=you");
  EXPECT_EQ(routes("GET", "/users/you/x"), "rest rest=you/x");
}

TEST(Router, a_literal_branch_that_leads_nowhere_hides_no_parameter) {
  Routes routes(
      {test_endpoint("a", "/x/b/c"), test_endpoint("b", "/x/{p}/d"), test_endpoint("c", "/{r...}")});
  EXPECT_EQ(routes("GET", "/x/b/c"), "a");
  EXPECT_EQ(routes("GET", "/x/b/d"), "b p=b");
  EXPECT_EQ(routes("GET", "/x/b/e"), "c r=x/b/e");
}

TEST(Router, a_more_specific_path_of_another_method_hides_no_match) {
  Routes routes({test_endpoint("me", "/users/me", {"GET"}), test_endpoint("one", "/users/{id}", {"PUT"})});
  EXPECT_EQ(routes("GET", "/users/me"), "me");
  EXPECT_EQ(routes("PUT", "/users/me"), "one id=me");
  EXPECT_EQ(routes("DELETE", "/users/me"), "405 GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(routes("DELETE", "/users/you"), "405 PUT, OPTIONS");
}

TEST(Router, hosts_match_without_case_and_final_dot) {
  Routes routes({test_endpoint("shop", "/", {}, {"shop.example"}), test_endpoint("any", "/")});
  EXPECT_EQ(routes("GET", "/", "shop.example"), "shop");
  EXPECT_EQ(routes("GET", "/", "SHOP.Example"), "shop");
  EXPECT_EQ(routes("GET", "/", "shop.example."), "shop");
  EXPECT_EQ(routes("GET", "/", "shop.example.com"), "any");
  EXPECT_EQ(routes("GET", "/", ""), "any");
  EXPECT_EQ(routes("GET", "/", std::string(300, 'a')), "any");
}

TEST(Router, literals_of_every_length_are_told_apart_at_every_byte) {
  for (std::size_t size = 1; size <= 40; ++size) {
    const std::string text(size, 'a');
    Routes routes({test_endpoint("found", "/" + text + "/x")});
    EXPECT_EQ(routes("GET", "/" + text + "/x"), "found");
    EXPECT_EQ(routes("GET", "/" + text + "a/x"), "404");
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'b';
      EXPECT_EQ(routes("GET", "/" + other + "/x"), "404") << other;
    }
  }
}

TEST(Router, an_exact_host_wins_over_the_longer_wildcard_wins_over_the_shorter_wins_over_any) {
  Routes routes({test_endpoint("any", "/"), test_endpoint("short", "/", {}, {"*.example"}),
                 test_endpoint("long", "/", {}, {"*.shop.example"}),
                 test_endpoint("exact", "/", {}, {"a.shop.example"})});
  EXPECT_EQ(routes("GET", "/", "a.shop.example"), "exact");
  EXPECT_EQ(routes("GET", "/", "b.shop.example"), "long");
  EXPECT_EQ(routes("GET", "/", "x.y.shop.example"), "long");
  EXPECT_EQ(routes("GET", "/", "shop.example"), "short");
  EXPECT_EQ(routes("GET", "/", "example"), "any");
  EXPECT_EQ(routes("GET", "/", ".example"), "any");
}

TEST(Router, an_endpoint_without_host_serves_hosts_whose_own_endpoints_do_not_match) {
  Routes routes(
      {test_endpoint("shop", "/cart", {"GET"}, {"shop.example"}), test_endpoint("health", "/health")});
  EXPECT_EQ(routes("GET", "/health", "shop.example"), "health");
  EXPECT_EQ(routes("GET", "/cart", "other.example"), "404");
}

TEST(Router, get_implies_head_unless_an_endpoint_names_head) {
  Routes routes({test_endpoint("get", "/a", {"GET"}), test_endpoint("get2", "/b", {"GET"}),
                 test_endpoint("head", "/b", {"HEAD"}), test_endpoint("post", "/c", {"POST"})});
  EXPECT_EQ(routes("HEAD", "/a"), "get");
  EXPECT_EQ(routes("HEAD", "/b"), "head");
  EXPECT_EQ(routes("HEAD", "/c"), "405 POST, OPTIONS");
}

TEST(Router, options_is_answered_with_allow_unless_an_endpoint_takes_it) {
  Routes routes({test_endpoint("a", "/a", {"GET", "DELETE"}), test_endpoint("b", "/b", {"GET"}),
                 test_endpoint("b-options", "/b", {"OPTIONS"}), test_endpoint("c", "/c")});
  EXPECT_EQ(routes("OPTIONS", "/a"), "204 GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(routes("OPTIONS", "/b"), "b-options");
  EXPECT_EQ(routes("OPTIONS", "/c"), "c");
  EXPECT_EQ(routes("OPTIONS", "/d"), "404");
}

TEST(Router, an_endpoint_that_names_a_method_wins_over_one_that_takes_any) {
  Routes routes({test_endpoint("any", "/a"), test_endpoint("get", "/a", {"GET"})});
  EXPECT_EQ(routes("GET", "/a"), "get");
  EXPECT_EQ(routes("HEAD", "/a"), "get");
  EXPECT_EQ(routes("POST", "/a"), "any");
  EXPECT_EQ(routes("BREW", "/a"), "any");
}

TEST(Router, extension_methods_are_told_apart) {
  Routes routes({test_endpoint("purge", "/a", {"PURGE"}), test_endpoint("report", "/a", {"REPORT", "GET"})});
  EXPECT_EQ(routes("PURGE", "/a"), "purge");
  EXPECT_EQ(routes("REPORT", "/a"), "report");
  EXPECT_EQ(routes("purge", "/a"), "405 GET, HEAD, OPTIONS, PURGE, REPORT");
}

TEST(Router, header_conditions_choose_between_endpoints_of_one_path) {
  config::EndpointConfig v2 = test_endpoint("v2", "/a", {"GET"});
  v2.headers = {{"X-Version", "2"}};
  config::EndpointConfig v3 = test_endpoint("v3", "/a", {"GET"});
  v3.headers = {{"x-version", "3"}};
  Routes routes({test_endpoint("v1", "/a", {"GET"}), v2, v3});
  EXPECT_EQ(routes("GET", "/a"), "v1");
  EXPECT_EQ(routes("GET", "/a", "h", "X-VERSION: 2\r\n"), "v2");
  EXPECT_EQ(routes("GET", "/a", "h", "X-Version: 3\r\n"), "v3");
  EXPECT_EQ(routes("GET", "/a", "h", "X-Version: 4\r\n"), "v1");
  EXPECT_EQ(routes("HEAD", "/a", "h", "X-Version: 3\r\n"), "v3");
}

TEST(Router, a_header_condition_that_fails_is_a_404_and_no_405) {
  config::EndpointConfig beta = test_endpoint("beta", "/a", {"GET"});
  beta.headers = {{"X-Beta", "yes"}, {"Accept", "text/plain"}};
  Routes routes({beta});
  EXPECT_EQ(routes("GET", "/a", "h", "X-Beta: yes\r\n"), "404");
  EXPECT_EQ(routes("POST", "/a", "h", "X-Beta: no\r\n"), "404");
  EXPECT_EQ(routes("POST", "/a", "h", "X-Beta: yes\r\nAccept: text/plain\r\n"), "405 GET, HEAD, OPTIONS");
}

TEST(Router, an_empty_router_finds_nothing) {
  Routes routes({});
  EXPECT_EQ(routes("GET", "/"), "404");
}

TEST(Router, finds_each_of_ten_thousand_routes) {
  std::vector<config::EndpointConfig> endpoints;
  for (int i = 0; i < 10'000; ++i) {
    const std::string n = std::to_string(i);
    endpoints.push_back(test_endpoint("e" + n, "/s" + std::to_string(i % 100) + "/r" + n + "/{id}"));
  }
  Routes routes(std::move(endpoints));
  for (int i = 0; i < 10'000; i += 37) {
    const std::string n = std::to_string(i);
    EXPECT_EQ(routes("GET", "/s" + std::to_string(i % 100) + "/r" + n + "/x"), "e" + n + " id=x");
  }
  EXPECT_EQ(routes("GET", "/s1/r2/x"), "404");
}

}  // namespace
}  // namespace linkspan::gateway
