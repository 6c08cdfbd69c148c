#include "data/form_urlencoded.h"

#include <gtest/gtest.h>

namespace linkspan::data {
namespace {

using Fields = std::vector<FormField>;

TEST(FormUrlencoded, fields_come_in_order_and_as_often_as_they_were_sent) {
  EXPECT_EQ(*parse_urlencoded("a=1&b=2&a=3"), (Fields{{"a", "1"}, {"b", "2"}, {"a", "3"}}));
  EXPECT_EQ(*parse_urlencoded(""), Fields{});
}

TEST(FormUrlencoded, is_decoded_as_browsers_do) {
  EXPECT_EQ(*parse_urlencoded("a+b=c%2Bd+%c3%A9"), (Fields{{"a b", "c+d \xC3\xA9"}}));
  EXPECT_EQ(*parse_urlencoded("&a&&=b&c=d=e&%=%4&%zz="),
            (Fields{{"a", ""}, {"", "b"}, {"c", "d=e"}, {"%", "%4"}, {"%zz", ""}}));
}

TEST(FormUrlencoded, invalid_utf8_is_refused_where_the_part_begins) {
  EXPECT_EQ(parse_urlencoded("a=1&b=%FF").error().to_string(),
            "form-invalid: byte 6: a name or value with invalid UTF-8 begins here");
  EXPECT_EQ(parse_urlencoded("a=1&\xC3=").error().to_string(),
            "form-invalid: byte 4: a name or value with invalid UTF-8 begins here");
}

TEST(FormUrlencoded, limits_hold) {
  EXPECT_EQ(parse_urlencoded("abc", {.max_bytes = 2}).error().to_string(),
            "form-too-large: byte 2: longer than max_bytes, 2");
  EXPECT_EQ(parse_urlencoded("a&b&c", {.max_fields = 2}).error().to_string(),
            "form-too-large: byte 4: more fields than max_fields, 2");
  EXPECT_TRUE(parse_urlencoded("%41%41=1", {.max_name_bytes = 2}).ok());
  EXPECT_EQ(parse_urlencoded("x=1&abc=1", {.max_name_bytes = 2}).error().to_string(),
            "form-too-large: byte 4: longer than max_name_bytes, 2");
  EXPECT_EQ(parse_urlencoded("x=123", {.max_value_bytes = 2}).error().to_string(),
            "form-too-large: byte 2: longer than max_value_bytes, 2");
}

TEST(FormUrlencoded, what_is_written_reads_back) {
  const Fields fields{{"a b", "1+1=2&c"}, {"", ""}, {"%41", "*-._~\xE2\x82\xAC\n"}, {"a b", ""}};
  const std::string text = write_urlencoded(fields);
  EXPECT_EQ(text, "a+b=1%2B1%3D2%26c&=&%2541=*-._%7E%E2%82%AC%0A&a+b=");
  EXPECT_EQ(*parse_urlencoded(text), fields);
}

}  // namespace
}  // namespace linkspan::data
