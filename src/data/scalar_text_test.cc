#include "data/scalar_text.h"

#include <gtest/gtest.h>

namespace linkspan::data {
namespace {

TEST(ScalarText, scalars_have_one_and_containers_none) {
  EXPECT_EQ(scalar_text("a \"b\""), "a \"b\"");
  EXPECT_EQ(scalar_text(nullptr), "");
  EXPECT_EQ(scalar_text(false), "false");
  EXPECT_EQ(scalar_text(0.5), "0.5");
  EXPECT_EQ(scalar_text(JsonValue::empty_array()), std::nullopt);
  EXPECT_EQ(scalar_text(JsonValue::empty_object()), std::nullopt);
}

}  // namespace
}  // namespace linkspan::data
