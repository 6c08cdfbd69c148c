#include "data/schema/idn.h"

#include <gtest/gtest.h>

namespace linkspan::data::schema {
namespace {

TEST(Punycode, decodes_to_characters) {
  EXPECT_EQ(decode_punycode("mnchen-3ya"), U"m\u00fcnchen");
  EXPECT_EQ(decode_punycode("4gbwdl"), U"\u0639\u0644\u0648\u0645");
  EXPECT_EQ(decode_punycode("4GBWDL"), U"\u0639\u0644\u0648\u0645");
  EXPECT_EQ(decode_punycode("ihqwcrb4cv8a8dqg056pqjye"),
            U"\u4ed6\u4eec\u4e3a\u4ec0\u4e48\u4e0d\u8bf4\u4e2d\u6587");
  EXPECT_EQ(decode_punycode("X"), std::nullopt);
  EXPECT_EQ(decode_punycode("99999999"), std::nullopt);
  EXPECT_EQ(decode_punycode("a-\xc3"), std::nullopt);
}

TEST(Labels, look_at_neighbours) {
  EXPECT_TRUE(is_u_label(U"l\u00b7l"));
  EXPECT_FALSE(is_u_label(U"a\u00b7l"));
  EXPECT_TRUE(is_u_label(U"\u0915\u094d\u200d\u0937"));
  EXPECT_FALSE(is_u_label(U"\u0915\u200d\u0937"));
  EXPECT_FALSE(is_u_label(U"\u0300a"));
  EXPECT_FALSE(is_u_label(U"ab--\u00e4"));
  EXPECT_FALSE(is_u_label(U"\u0660\u06f0"));
  EXPECT_FALSE(is_u_label(U"plain"));
}

}  // namespace
}  // namespace linkspan::data::schema
