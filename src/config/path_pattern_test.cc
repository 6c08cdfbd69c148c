#include "config/path_pattern.h"

#include <gtest/gtest.h>

namespace linkspan::config {
namespace {

// Segments as they are matched: literals as they are, parameters as <name>, the rest as <<name>>.
std::string picture(std::string_view text) {
  const Result<PathPattern> pattern = parse_path_pattern(text);
  if (!pattern) return "error: " + pattern.error().detail();
  std::string result;
  for (const PathSegment& segment : pattern->segments) {
    if (!result.empty() || &segment != &pattern->segments.front()) result += "|";
    const bool literal = segment.kind == PathSegment::Kind::literal;
    const bool rest = segment.kind == PathSegment::Kind::rest;
    result += literal ? segment.text : rest ? "<<" + segment.text + ">>" : "<" + segment.text + ">";
  }
  return result;
}

TEST(PathPattern, segments_are_literals_parameters_and_a_rest) {
  EXPECT_EQ(picture("/"), "");
  EXPECT_EQ(picture("/customers/{id}/orders"), "customers|<id>|orders");
  EXPECT_EQ(picture("/files/{path...}"), "files|<<path>>");
  EXPECT_EQ(picture("/{a}/{b_2}"), "<a>|<b_2>");
}

TEST(PathPattern, trailing_slash_is_an_empty_segment) {
  EXPECT_EQ(picture("/a/"), "a|");
}

TEST(PathPattern, literals_are_normalised_as_paths_of_requests_are) {
  EXPECT_EQ(picture("/%7Euser/caf\xC3\xA9/%c3%a9/a%20b"), "~user|caf%C3%A9|%C3%A9|a%20b");
}

TEST(PathPattern, parameters_are_found_by_name) {
  const PathPattern pattern = *parse_path_pattern("/a/{id}/{rest...}");
  EXPECT_TRUE(pattern.has_parameter("id"));
  EXPECT_TRUE(pattern.has_parameter("rest"));
  EXPECT_FALSE(pattern.has_parameter("a"));
}

TEST(PathPattern, size_is_limited) {
  std::string deep;
  for (int i = 0; i < 64; ++i) deep += "/a";
  EXPECT_NE(picture(deep).substr(0, 5), "error");
  EXPECT_EQ(picture(deep + "/a"), "error: a path has at most 64 segments and 16 parameters");
}

}  // namespace
}  // namespace linkspan::config
