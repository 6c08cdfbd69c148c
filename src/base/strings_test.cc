#include "base/strings.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linkspan {
namespace {

using ::testing::ElementsAre;

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(text, separator)) parts.push_back(part);
  return parts;
}

TEST(IgnoreCase, agrees_with_bytewise_comparison_for_every_pair_of_bytes) {
  // Eight of each, so that the word-wise path decides.
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const char x = static_cast<char>(a);
      const char y = static_cast<char>(b);
      ASSERT_EQ(equals_ignore_case(std::string(8, x), std::string(8, y)),
                to_lower_ascii(x) == to_lower_ascii(y))
          << a << " " << b;
    }
  }
}

TEST(IgnoreCase, compares_at_every_length) {
  const std::string upper = "X-FORWARDED-FOR-AND-MORE";
  const std::string lower = "x-forwarded-for-and-more";
  for (std::size_t size = 0; size <= upper.size(); ++size) {
    EXPECT_TRUE(equals_ignore_case(upper.substr(0, size), lower.substr(0, size)));
    if (size == 0) continue;
    std::string changed = lower.substr(0, size);
    changed.back() = '#';
    EXPECT_FALSE(equals_ignore_case(upper.substr(0, size), changed));
  }
  EXPECT_FALSE(equals_ignore_case("Host", "Hosts"));
}

TEST(IgnoreCase, only_ascii_letters_are_folded) {
  EXPECT_FALSE(equals_ignore_case("\xc3\x84", "\xc3\xa4"));
  EXPECT_FALSE(equals_ignore_case("[[[[[[[[", "{{{{{{{{"));
  EXPECT_FALSE(equals_ignore_case("@@@@@@@@", "````````"));
}

TEST(IgnoreCase, matches_prefixes) {
  EXPECT_TRUE(starts_with_ignore_case("Bearer abc", "bearer "));
  EXPECT_FALSE(starts_with_ignore_case("Bear", "bearer"));
}

TEST(Trim, takes_off_blanks_and_tabs_only) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("\na\r"), "\na\r");
}

TEST(Split, gives_every_part_also_empty_ones) {
  EXPECT_THAT(parts_of("a,,bc", ','), ElementsAre("a", "", "bc"));
  EXPECT_THAT(parts_of("", ','), ElementsAre(""));
  EXPECT_THAT(parts_of(",", ','), ElementsAre("", ""));
  EXPECT_THAT(parts_of("abc", ','), ElementsAre("abc"));
}

TEST(Split, once_tells_an_empty_second_part_from_none) {
  EXPECT_EQ(split_once("a=b=c", '=').second, "b=c");
  EXPECT_EQ(split_once("a=", '=').second, "");
  EXPECT_EQ(split_once("a", '=').second, std::nullopt);
}

TEST(Numbers, decimal_is_strict) {
  EXPECT_EQ(parse_u64("0"), 0U);
  EXPECT_EQ(parse_u64("18446744073709551615"), UINT64_MAX);
  for (const char* bad :
       {"", "18446744073709551616", "99999999999999999999", "+1", "-1", " 1", "1 ", "0x1", "1.0"}) {
    EXPECT_EQ(parse_u64(bad), std::nullopt) << bad;
  }
}

TEST(Numbers, hexadecimal_is_strict) {
  EXPECT_EQ(parse_hex_u64("fF"), 255U);
  EXPECT_EQ(parse_hex_u64("ffffffffffffffff"), UINT64_MAX);
  EXPECT_EQ(parse_hex_u64("0000000000000000000000001"), 1U);
  for (const char* bad : {"", "10000000000000000", "0x1", "g", "-1"})
    EXPECT_EQ(parse_hex_u64(bad), std::nullopt) << bad;
}

TEST(Numbers, are_written_in_full_at_every_number_of_digits) {
  std::vector<std::uint64_t> values = {0, UINT64_MAX};
  for (std::uint64_t power = 1; power < 10'000'000'000'000'000'000U; power *= 10) {
    values.insert(values.end(), {power - 1, power, power + 1, 9 * power, 5 * power + power / 2});
  }
  for (const std::uint64_t value : values) {
    char digits[kMaxU64Digits];
    EXPECT_EQ(std::string(digits, format_u64(value, digits)), std::to_string(value));
  }
}

TEST(Numbers, are_appended_in_full) {
  std::string text = "n=";
  append_u64(text, UINT64_MAX);
  text += ' ';
  append_i64(text, INT64_MIN);
  EXPECT_EQ(text, "n=18446744073709551615 -9223372036854775808");
}

TEST(Hex, goes_there_and_back) {
  const std::uint8_t bytes[] = {0x00, 0x9f, 0xff};
  EXPECT_EQ(encode_hex(bytes), "009fff");
  std::uint8_t decoded[3];
  ASSERT_TRUE(decode_hex("009FfF", decoded));
  EXPECT_THAT(decoded, ElementsAre(0x00, 0x9f, 0xff));
  EXPECT_FALSE(decode_hex("009ff", decoded));
  EXPECT_FALSE(decode_hex("009ffg", decoded));
  EXPECT_FALSE(decode_hex("009fff00", decoded));
}

TEST(Base64, encodes_the_vectors_of_rfc_4648) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(encode_base64(as_bytes(plain)), encoded);
  }
}

std::string from_base64(std::string_view text, Base64Alphabet alphabet = Base64Alphabet::standard) {
  const auto bytes = decode_base64(text, alphabet);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "refused";
}

TEST(Base64, decodes_what_it_encodes_with_or_without_padding) {
  EXPECT_EQ(from_base64(""), "");
  EXPECT_EQ(from_base64("Zg=="), "f");
  EXPECT_EQ(from_base64("Zm8"), "fo");
  EXPECT_EQ(from_base64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(from_base64("-__-AQ", Base64Alphabet::url), "\xfb\xff\xfe\x01");
}

TEST(Base64, refuses_what_is_not_base64) {
  for (const std::string_view text :
       {"Z", "Zg=", "Z===", "Zm8==", "Zm9v====", "Zh==", "Zm9v\n", "-__-AQ", "=", "===="})
    EXPECT_EQ(from_base64(text), "refused") << text;
}

TEST(Base64, url_alphabet_has_no_padding) {
  const std::string bytes = "\xfb\xff\xfe\x01";
  EXPECT_EQ(encode_base64(as_bytes(bytes), Base64Alphabet::url), "-__-AQ");
}

TEST(EditDistance, counts_single_changes_and_swaps) {
  EXPECT_EQ(edit_distance("retry", "retry"), 0U);
  EXPECT_EQ(edit_distance("retrys", "retry"), 1U);
  EXPECT_EQ(edit_distance("rerty", "retry"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(NearestName, suggests_what_was_meant) {
  const std::string_view names[] = {"retry", "rate", "timeout", "first_byte"};
  EXPECT_EQ(nearest_name("retrys", names), "retry");
  EXPECT_EQ(nearest_name("Timeout", names), "timeout");
  EXPECT_EQ(nearest_name("firstByte", names), "first_byte");
  EXPECT_EQ(nearest_name("tiemout", names), "timeout");
}

TEST(NearestName, says_nothing_where_nothing_is_near) {
  const std::string_view names[] = {"retry", "rate"};
  EXPECT_EQ(nearest_name("certificate", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("x", std::span<const std::string_view>()), "");
  const std::string_view letters[] = {"a"};
  EXPECT_EQ(nearest_name("b", letters), "");
}

}  // namespace
}  // namespace linkspan
