#include "catalog/show.h"

#include <gtest/gtest.h>

#include "catalog/catalog_testing.h"
#include "data/json_testing.h"

namespace linkspan::catalog {
namespace {

TEST(Show, schemas_are_told_in_a_few_words) {
  const auto words = [](std::string_view json) { return describe_schema(data::testing::parsed(json)); };
  EXPECT_EQ(words(R"({"$ref": "#/components/schemas/Order"})"), "Order");
  EXPECT_EQ(words(R"({"type": "array", "items": {"type": "string", "format": "uuid"}})"),
            "array of string (uuid)");
  EXPECT_EQ(words(R"({"enum": ["a", 1]})"), "\"a\" or 1");
  EXPECT_EQ(words(R"({"type": ["string", "null"]})"), "string or null");
  EXPECT_EQ(words(R"({"oneOf": [{}, {}]})"), "oneOf 2 schemas");
  EXPECT_EQ(words("true"), "anything");
}

TEST(Show, control_characters_of_a_file_do_not_reach_the_terminal) {
  const auto api = testing::loaded(
      "{\"openapi\": \"3.1.0\", \"info\": {\"title\": \"a\\u001b[31m\", \"version\": \"1\"}, \"paths\": {}}");
  EXPECT_EQ(show_api(*api).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace linkspan::catalog
