#include "data/in_quotes.h"

#include <gtest/gtest.h>

namespace linkspan::data {
namespace {

TEST(InQuotes, short_text_stands_in_quotes) {
  EXPECT_EQ(in_quotes("retrys"), "\"retrys\"");
  EXPECT_EQ(in_quotes(""), "\"\"");
}

TEST(InQuotes, long_text_is_cut_between_characters) {
  EXPECT_EQ(in_quotes(std::string(60, 'a')), "\"" + std::string(60, 'a') + "\"");
  EXPECT_EQ(in_quotes(std::string(61, 'a')), "\"" + std::string(60, 'a') + "...\"");
  EXPECT_EQ(in_quotes(std::string(59, 'a') + "\xC3\xA9" + "b"), "\"" + std::string(59, 'a') + "...\"");
}

TEST(InQuotes, control_characters_do_not_reach_the_terminal) {
  EXPECT_EQ(in_quotes("a\nb\x1b[31m\x7f"), "\"a?b?[31m?\"");
}

}  // namespace
}  // namespace linkspan::data
