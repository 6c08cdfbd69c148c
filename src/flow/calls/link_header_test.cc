#include "flow/calls/link_header.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/error_kinds.h"

namespace linkspan::flow {
namespace {

constexpr std::string_view kRequest = "https://api.example/v1/orders?page=2&limit=50";

std::string next_of(const std::vector<std::string_view>& values, std::string_view request = kRequest) {
  const auto next = next_page_link(values, request);
  if (!next) return std::string(next.error().slug());
  return next->value_or("none");
}

TEST(LinkHeader, the_link_of_type_next_is_the_next_page) {
  EXPECT_EQ(
      next_of(
          {R"(<https://api.example/v1/orders?page=1>; rel="prev", <https://api.example/v1/orders?page=3>; rel="next")"}),
      "https://api.example/v1/orders?page=3");
}

TEST(LinkHeader, without_one_this_was_the_last_page) {
  EXPECT_EQ(next_of({}), "none");
  EXPECT_EQ(next_of({""}), "none");
  EXPECT_EQ(next_of({R"(</v1/orders?page=1>; rel="first last")"}), "none");
}

TEST(LinkHeader, fields_may_be_several) {
  EXPECT_EQ(next_of({"</a>; rel=prev", "</b>; rel=next"}), "https://api.example/b");
}

TEST(LinkHeader, relation_types_are_a_list_in_any_case) {
  EXPECT_EQ(next_of({R"(</a>;REL="last NEXT")"}), "https://api.example/a");
  EXPECT_EQ(next_of({R"(</a>; rel="nextish")"}), "none");
  EXPECT_EQ(next_of({"</a>; rel=prev; rel=next"}), "none") << "only the first rel counts";
}

TEST(LinkHeader, other_parameters_and_odd_spacing_do_not_matter) {
  EXPECT_EQ(
      next_of(
          {R"( , <?page=3> ; title="a, \"b\"; rel=prev <x>" ;; flag ; title*=UTF-8''%e2%82%ac ; rel = next ; , </z>)"}),
      "https://api.example/v1/orders?page=3");
  EXPECT_EQ(next_of({"</a,b;c>; rel=next"}), "https://api.example/a,b;c");
  EXPECT_EQ(next_of({"</a>; rel=https://example.com/rel, </b>; rel=next"}), "https://api.example/b")
      << "values that should be quoted";
}

TEST(LinkHeader, a_link_of_another_resource_is_passed_over) {
  EXPECT_EQ(next_of({R"(</a>; rel=next; anchor="/elsewhere", </b>; rel=next)"}), "https://api.example/b");
}

// RFC 3986 section 5.4.
TEST(LinkHeader, targets_are_resolved_against_the_request) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"g:h", "g:h"},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"g;x?y#s", "http://a/b/c/g;x?y"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
  };
  for (const auto& [target, expected] : cases) {
    const std::string field = "<" + std::string(target) + ">; rel=next";
    EXPECT_EQ(next_of({field}, "http://a/b/c/d;p?q"), expected) << target;
  }
  EXPECT_EQ(next_of({"</projects/a%2Fb?page=2>; rel=next"}), "https://api.example/projects/a%2Fb?page=2")
      << "escapes stay as they are";
}

TEST(LinkHeader, a_field_that_cannot_be_read_is_an_error_and_no_last_page) {
  for (const std::string_view value :
       {"https://api.example/2; rel=next", "</a; rel=next", "</a> rel=next", R"(</a>; rel="next)",
        "</a>; =next", "</a b>; rel=next", "</a>; rel=prev, oops", R"(</a>; rel="next\)"})
    EXPECT_EQ(next_of({value}), "upstream-bad-response") << value;
}

TEST(SameOrigin, is_scheme_host_and_port) {
  EXPECT_TRUE(same_origin("https://api.example/a", "HTTPS://API.example:443?x"));
  EXPECT_TRUE(same_origin("http://[::1]:80/", "http://[0:0::1]"));
  EXPECT_FALSE(same_origin("https://api.example/", "http://api.example/"));
  EXPECT_FALSE(same_origin("https://api.example/", "https://api.example.evil.example/"));
  EXPECT_FALSE(same_origin("https://api.example/", "https://api.example@evil.example/"));
  EXPECT_FALSE(same_origin("https://api.example/", "https://api.example:8443/"));
  EXPECT_FALSE(same_origin("/a", "/a"));
  EXPECT_FALSE(same_origin("ftp://a/", "ftp://a/"));
}

}  // namespace
}  // namespace linkspan::flow
