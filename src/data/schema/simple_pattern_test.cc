#include "data/schema/simple_pattern.h"

#include <gtest/gtest.h>

namespace linkspan::data::schema {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  const auto simple = SimplePattern::parse(pattern);
  EXPECT_TRUE(simple.has_value()) << pattern;
  return simple && simple->matches(text);
}

bool is_simple(std::string_view pattern) {
  return SimplePattern::parse(pattern).has_value();
}

TEST(SimplePattern, matches_rows_of_classes) {
  EXPECT_TRUE(matches("^[A-Z]{2}-\\d{5}$", "AB-12345"));
  EXPECT_FALSE(matches("^[A-Z]{2}-\\d{5}$", "AB-123456"));
  EXPECT_FALSE(matches("^[A-Z]{2}-\\d{5}$", "AB-1234"));
  EXPECT_TRUE(matches("^[A-Z]{2}-\\d{5}", "AB-123456"));
  EXPECT_TRUE(matches("^[^@]+@[^@]+$", "grüße@exämple.de"));
  EXPECT_FALSE(matches("^[^@]+@[^@]+$", "a@b@c"));
  EXPECT_FALSE(matches("^[^@]+@[^@]+$", "@b"));
  EXPECT_TRUE(matches("^x-[\\w.\\-]*$", "x-a_b.c-d"));
  EXPECT_TRUE(matches("^\\$?[0-9]{1,3}$", "$12"));
  EXPECT_FALSE(matches("^\\$?[0-9]{1,3}$", "$1234"));
  EXPECT_TRUE(matches("^$", ""));
  EXPECT_FALSE(matches("^$", "a"));
  EXPECT_TRUE(matches("^", "a"));
  EXPECT_FALSE(matches("^[]$", ""));
  EXPECT_TRUE(matches("^[^]$", "\n"));
}

TEST(SimplePattern, counts_characters_not_bytes) {
  EXPECT_TRUE(matches("^[^/]{2}$", "äö"));
  EXPECT_FALSE(matches("^[^/]{2}$", "ä"));
  EXPECT_TRUE(matches("^[^/]{1,2}$", "😀"));
}

TEST(SimplePattern, leaves_to_others_what_it_cannot_decide) {
  for (const char* pattern :
       {"a",         "^a|b$",     "^(a)$",   "^a+a$", "^a?[a-z]$", "^\\w*\\d$", "^a*b*a$", "^.$",  "^\\s$",
        "^ä$",       "^[ä]$",     "^\\bx$",  "^a$b",  "^a++$",     "^a+?$",     "^{1}$",   "^a{1", "^a{,2}$",
        "^[a-\\d]$", "^[\\d-z]$", "^[z-a]$", "^[a",   "^\\",       "^a{2,1}$",  "^*"})
    EXPECT_FALSE(is_simple(pattern)) << pattern;
  EXPECT_TRUE(is_simple("^a*b*c$"));
  EXPECT_TRUE(is_simple("^[a-z]+\\d*$"));
}

}  // namespace
}  // namespace linkspan::data::schema
