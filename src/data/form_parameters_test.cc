#include "data/form_parameters.h"

#include <gtest/gtest.h>

namespace linkspan::data {
namespace {

TEST(FormParameters, values_have_parameters_in_any_case) {
  const auto parsed = parse_parameters("Form-Data ; Name=a;filename=\"b;c\" ;");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->value, "Form-Data");
  EXPECT_EQ(parsed->find("name")->text, "a");
  EXPECT_FALSE(parsed->find("name")->is_quoted);
  EXPECT_EQ(parsed->find("FILENAME")->text, "b;c");
  EXPECT_EQ(parsed->find("boundary"), nullptr);
}

TEST(FormParameters, a_backslash_escapes_quotes_and_itself_only) {
  EXPECT_EQ(parse_parameters(R"(x; a="say \"hi\" \\ C:\new")")->find("a")->text, R"(say "hi" \ C:\new)");
}

TEST(FormParameters, malformed_values_are_refused) {
  for (const char* text : {"x; a", "x; a=", "x; =b", "x; a=\"b", "x; a=\"b\"c", "x; a=b c", "x; a=b; A=c",
                           "x\r\n", "x; a=\"\x01\"", "x; a=\"b\\\""})
    EXPECT_FALSE(parse_parameters(text)) << text;
}

}  // namespace
}  // namespace linkspan::data
