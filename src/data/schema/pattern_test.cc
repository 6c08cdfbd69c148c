#include "data/schema/pattern.h"

#include <string>

#include <gtest/gtest.h>

namespace linkspan::data::schema {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  const auto compiled = Pattern::compile(pattern);
  EXPECT_TRUE(compiled.ok()) << pattern << ": " << (compiled ? "" : compiled.error().detail());
  std::uint64_t steps = 10'000'000;
  return compiled && compiled->search(text, steps) == Pattern::Found::yes;
}

std::string refusal(std::string_view pattern) {
  const auto compiled = Pattern::compile(pattern);
  return compiled ? "" : compiled.error().detail();
}

TEST(Pattern, is_found_anywhere_and_anchored_where_it_says) {
  EXPECT_TRUE(matches("b", "abc"));
  EXPECT_TRUE(matches("^a.c$", "abc"));
  EXPECT_FALSE(matches("^b", "abc"));
  EXPECT_FALSE(matches("^abc$", "abc\n"));
  EXPECT_FALSE(matches("^b", "a\nb"));
  EXPECT_FALSE(matches("a.b", "a\nb"));
  EXPECT_FALSE(matches("a.b",
                       "a\xe2\x80\xa8"
                       "b"));
  EXPECT_TRUE(matches("a[^]b", "a\nb"));
  EXPECT_FALSE(matches("[]", "a"));
  EXPECT_TRUE(matches("", "a"));
}

TEST(Pattern, has_the_classes_of_ecma_262) {
  EXPECT_TRUE(matches("^\\d$", "7"));
  EXPECT_FALSE(matches("^\\d$", "\u0667"));
  EXPECT_FALSE(matches("^\\w$", "é"));
  EXPECT_TRUE(matches("^\\W$", "é"));
  EXPECT_TRUE(matches("^\\s+$", " \t\u00a0\ufeff\u2029\u2003"));
  EXPECT_FALSE(matches("\\S", " \t\u00a0\ufeff\u2029\u2003"));
  EXPECT_TRUE(matches("^[\\s\\d-]+$", "1 -2"));
  EXPECT_TRUE(matches("^[^\\S]$", "\u3000"));
  EXPECT_TRUE(matches("\\bé", "aé"));
}

TEST(Pattern, has_the_escapes_of_ecma_262) {
  EXPECT_TRUE(matches("^\\u00e9\\x41\\cA\\/\\0$", std::string_view("éA\x01/\0", 6)));
  EXPECT_TRUE(matches("^\\ud83d\\ude00\\u{1f600}$", "😀😀"));
  EXPECT_TRUE(matches("^\\p{Letter}\\p{Lu}\\p{Script=Greek}\\P{L}$", "äÄα1"));
  EXPECT_TRUE(matches("^\\p{General_Category=Decimal_Number}$", "٣"));
  EXPECT_TRUE(matches("^[\\p{L}\\d]+$", "ä1"));
  EXPECT_TRUE(matches("^[\\b]$", "\b"));
  EXPECT_TRUE(matches("^[a\\-z]$", "-"));
  EXPECT_FALSE(matches("^[a\\-z]$", "b"));
  EXPECT_TRUE(matches("^[[a&&b]+$", "[&ab"));
  EXPECT_TRUE(matches("^{a}x{,2}$", "{a}x{,2}"));
  EXPECT_TRUE(matches("^(?:a){02}(?:b){01,}(?:c){00,01}$", "aabbbc"));
}

TEST(Pattern, goes_to_oniguruma_where_re2_cannot_follow) {
  EXPECT_TRUE(matches("^(?!x)a(?=b)", "ab"));
  EXPECT_FALSE(matches("^(?!x)a(?=b)", "ac"));
  EXPECT_TRUE(matches("(?<=€)\\d", "€5"));
  EXPECT_TRUE(matches("^(?<q>['\"]).*\\k<q>$", "'a'"));
  EXPECT_FALSE(matches("^(['\"]).*\\1$", "'a\""));
  EXPECT_TRUE(matches("^a{1500}$", std::string(1500, 'a')));
  EXPECT_TRUE(matches("^(?=\\w+$)\\p{Alphabetic}+$", "ab"));
  EXPECT_FALSE(matches("^(?=\\w+$).", "é"));
}

TEST(Pattern, that_takes_too_long_is_given_up) {
  const auto pattern = Pattern::compile("^(?=a)(a+)+$");
  ASSERT_TRUE(pattern.ok());
  std::uint64_t steps = 20'000'000;
  EXPECT_EQ(pattern->search(std::string(40, 'a') + "!", steps), Pattern::Found::given_up);
  EXPECT_EQ(pattern->search(std::string(20'000, 'a'), steps), Pattern::Found::given_up);
  // The same without looking ahead is no trouble.
  EXPECT_FALSE(matches("^(a+)+$", std::string(20'000, 'a') + "!"));
}

TEST(Pattern, that_is_none_says_why) {
  EXPECT_EQ(refusal("a("), "a group is not closed (at character 3)");
  EXPECT_EQ(refusal("é)"), "there is no group to close (at character 3)");
  EXPECT_EQ(refusal("*"), "there is nothing to repeat (at character 2)");
  EXPECT_EQ(refusal("a++"), "there is nothing to repeat (at character 4)");
  EXPECT_EQ(refusal("[z-a]"), "a range from more to less (at character 5)");
  EXPECT_EQ(refusal("[a"), "a class is not closed (at character 3)");
  EXPECT_EQ(refusal("\\Z"), "\\Z is no escape of ECMA-262 (at character 3)");
  EXPECT_EQ(refusal("\\1"), "a reference to a group that is not there (at character 3)");
  EXPECT_EQ(refusal("(?i)a"), "a kind of group that ECMA-262 does not have (at character 2)");
  EXPECT_EQ(refusal("a{3,2}"), "a repeat from more to less (at character 2)");
  EXPECT_EQ(refusal("\\ud83d"), "half of a surrogate pair stands for no character (at character 7)");
  EXPECT_NE(refusal("\\p{Nonsense}"), "");
  EXPECT_NE(refusal(std::string(70'000, 'a')), "");
}

}  // namespace
}  // namespace linkspan::data::schema
