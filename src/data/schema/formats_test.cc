#include "data/schema/formats.h"

#include <initializer_list>
#include <string>

#include <gtest/gtest.h>

namespace linkspan::data::schema {
namespace {

bool fits(Format format, std::string_view text) {
  std::uint64_t steps = 1'000'000'000;
  return matches_format(format, text, steps);
}

void expect(std::string_view name, std::initializer_list<std::string_view> good,
            std::initializer_list<std::string_view> bad) {
  const Format format = format_named(name, true);
  ASSERT_NE(format, Format::none) << name;
  EXPECT_EQ(name_of(format), name);
  for (const std::string_view text : good) EXPECT_TRUE(fits(format, text)) << name << " " << text;
  for (const std::string_view text : bad) EXPECT_FALSE(fits(format, text)) << name << " " << text;
}

TEST(Formats, dates_and_times_follow_rfc_3339) {
  expect("date", {"2024-02-29", "1900-12-31"},
         {"2023-02-29", "1900-02-29", "2024-13-01", "2024-1-01", "2024-01-01 ", ""});
  expect("time", {"08:30:06Z", "23:59:60Z", "01:29:60+01:30", "08:30:06.123-08:00"},
         {"08:30:06", "24:00:00Z", "08:60:00Z", "22:59:60Z", "08:30:06.Z", "08:30:06+24:00", "1:00:00Z"});
  expect("date-time", {"1963-06-19T08:30:06.283185Z", "1963-06-19t08:30:06z", "1998-12-31T15:59:60.1-08:00"},
         {"1963-06-19 08:30:06Z", "1963-06-19T08:30:06", "1963-06-19", "1963-06-1৪T00:00:00Z"});
  expect("duration", {"P4DT12H30M5S", "P1Y", "PT36H", "P4W", "PT0S", "P1Y2M3D"},
         {"P", "PT", "P1", "4DT12H", "P1D2H", "P1YT", "P2W1D", "P1Y3D", "P1M2Y", "PT1H5S", "P২Y"});
}

TEST(Formats, mail_addresses_and_hosts) {
  expect(
      "email", {"a@example.com", "~a.b@x.y", "\"joe b\"@example.com", "a@[127.0.0.1]", "a@[IPv6:::1]"},
      {"a", "a@", "@b", ".a@b", "a.@b", "a..b@c", "a b@c", "a@[300.0.0.1]", "a@-b", "\"a\"b\"@c", "ä@b.de"});
  expect("idn-email", {"실례@실례.테스트", "a@b"}, {"2962"});
  expect("hostname", {"www.example.com", "xn--4gbwdl.xn--wgbh1c", "a-b", "1host"},
         {"-a", "a-", "a_b", "a..b", "", "xn--X", std::string_view("a\0b", 3), "\u0645"});
  expect("idn-hostname", {"실례.테스트", "a.b"}, {"〮한국", "-ä", "ä..b", "l·a"});
  const std::string long_label(64, 'a');
  EXPECT_FALSE(is_hostname(long_label));
  expect("ipv4", {"192.168.0.1", "0.0.0.0"},
         {"256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4/8", "1..2.3", ""});
  expect("ipv6",
         {"::1", "::", "::abef", "1:2:3:4:5:6:7:8", "1:d6::42", "::ffff:192.168.0.1",
          "1::", "1:2:3:4:5:6:1.2.3.4"},
         {"12345::", "1:1:1:1:1:1:1:1:1:1", "::laptop", "1::d6::42", "::2:3:4:5:6:7:8:9", ":1",
          "1:", "1:2:3:4:5:6:7", "::1%eth1", "1.2.3.4", "1::1.2.3", "::1 ", "1:2:3:4:5:6:7::8:9"});
}

TEST(Formats, uris_and_what_is_built_from_them) {
  expect("uri", {"http://foo.bar/?baz=qux#quux", "urn:oasis:names", "ldap://[2001:db8::7]/c=GB?one", "a:"},
         {"//foo.bar", "/abc", "bar,baz", "http:// x", ":// no", "http://a[b]", "http://x/{a}", "http://a:b/",
          "a:%zz"});
  expect("uri-reference", {"", "/abc", "#frag", "abc", "//x/y", "http://x"}, {"\\\\a", "#a\\b", "1:a b"});
  expect("iri", {"http://ƒøø.ßår/?∂éœ=πîx"}, {"/abc", "http://2001:0db8::7334/"});
  expect("iri-reference", {"/âππ", "#ƒ"}, {"\\\\WINDOWS"});
  expect("uri-template", {"http://x/{a}{?b,c*}{+d:3}", "x", "{#a.b}"},
         {"{a", "a}", "{a:0}", "{}", "{a-b}", "<x>"});
}

TEST(Formats, identifiers_pointers_and_patterns) {
  expect("uuid", {"2EB8AA08-aa98-11ea-b4aa-73b441d16380", "00000000-0000-0000-0000-000000000000"},
         {"2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08aa98-11ea-b4aa73b441d16380----",
          "2eb8aa08-aa98-11ea-b4ga-73b441d16380"});
  expect("json-pointer", {"", "/a~1b/0", "/"}, {"a", "/~", "/~2", "#/a"});
  expect("relative-json-pointer", {"1", "0/foo", "120/a~0", "0#"}, {"/foo", "-1", "01", "0##", "", "+1/a"});
  expect("regex", {"^(a|b)\\d$", "(?=a)"}, {"^(a", "\\a"});
  expect("byte", {"", "aGk=", "YQ==", "YWJj"},
         {"a", "aGk", "a?k=", "====",
          "YQ=="
          " "});
}

TEST(Formats, of_openapi_bound_numbers) {
  EXPECT_TRUE(matches_number_format(Format::int32, JsonValue(2147483647)));
  EXPECT_FALSE(matches_number_format(Format::int32, JsonValue(2147483648)));
  EXPECT_FALSE(matches_number_format(Format::int32, JsonValue(1.5)));
  EXPECT_TRUE(matches_number_format(Format::int64, JsonValue(INT64_MAX)));
  EXPECT_FALSE(matches_number_format(Format::int64, *JsonValue::number("9223372036854775808")));
  EXPECT_FALSE(matches_number_format(Format::float32, JsonValue(1e39)));
  EXPECT_FALSE(matches_number_format(Format::float64, *JsonValue::number("1e400")));
}

TEST(Formats, that_are_not_known_are_none) {
  EXPECT_EQ(format_named("phone", true), Format::none);
  EXPECT_EQ(format_named("int32", false), Format::none);
}

}  // namespace
}  // namespace linkspan::data::schema
