#include "catalog/path_template.h"

#include <gtest/gtest.h>

namespace linkspan::catalog {
namespace {

std::string match(std::string_view text, std::string_view path) {
  const auto values = PathTemplate::parse(text)->match(path);
  if (!values) return "no";
  std::string result;
  for (std::string_view value : *values) result.append(value).append("|");
  return result;
}

TEST(PathTemplate, names_stand_for_text_within_a_segment) {
  EXPECT_EQ(match("/a/{id}/b", "/a/7/b"), "7|");
  EXPECT_EQ(match("/a/{id}/b", "/a//b"), "no");
  EXPECT_EQ(match("/a/{id}", "/a/7/b"), "no");
  EXPECT_EQ(match("/a/{id}.json", "/a/x.json.json"), "x.json|");
  EXPECT_EQ(match("/{a}-{b}/c", "/x-y-z/c"), "x|y-z|");
  EXPECT_EQ(match("/{a}{b}", "/xyz"), "x|yz|");
  EXPECT_EQ(match("/a", "/a"), "");
  EXPECT_EQ(match("/a", "/b"), "no");
  EXPECT_EQ(match("/{a}.json", "/.json"), "no");
}

TEST(PathTemplate, expands_to_what_it_matches) {
  const std::vector<std::string> values{"1", "x%2Fy"};
  EXPECT_EQ(PathTemplate::parse("/a/{b}/c/{d}.json")->expand(values), "/a/1/c/x%2Fy.json");
}

TEST(PathTemplate, malformed_ones_are_refused) {
  for (std::string_view text : {"/a/{b", "/a/b}", "/a/{}", "/a/{b}/{b}", "/{a{b}}"})
    EXPECT_FALSE(PathTemplate::parse(text).ok()) << text;
  std::string many;
  for (int i = 0; i <= 100; ++i) many += "{" + std::to_string(i) + "}";
  EXPECT_FALSE(PathTemplate::parse(many).ok());
}

TEST(PathTemplate, literals_win_over_names) {
  const auto wins = [](std::string_view a, std::string_view b) {
    return PathTemplate::parse(a)->is_more_specific_than(*PathTemplate::parse(b));
  };
  EXPECT_TRUE(wins("/a/mine", "/a/{id}"));
  EXPECT_FALSE(wins("/a/{id}", "/a/mine"));
  EXPECT_TRUE(wins("/a/{id}.json", "/a/{id}"));
}

}  // namespace
}  // namespace linkspan::catalog
