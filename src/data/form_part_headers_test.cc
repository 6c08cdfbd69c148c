#include "data/form_part_headers.h"

#include <gtest/gtest.h>

namespace linkspan::data {
namespace {

TEST(PartHeaders, names_that_can_be_written_read_back) {
  for (const std::string name : {"plain", "a \"b\" \\ c", "\r\n", "\\", "\\\"", "%2", "% 22", "\xC3\xA9"}) {
    std::string headers = "Content-Disposition: form-data; name=\"";
    ASSERT_TRUE(append_part_name(headers, name));
    const auto part = parse_part_headers(headers + "\"\r\n", {});
    ASSERT_TRUE(part.ok()) << headers;
    EXPECT_EQ(part->name, name);
  }
}

TEST(PartHeaders, names_without_a_spelling_are_not_written) {
  for (const std::string name : {"%0A", "\x7F", "\xFF"}) {
    std::string out;
    EXPECT_FALSE(append_part_name(out, name));
    EXPECT_EQ(out, "");
  }
}

}  // namespace
}  // namespace linkspan::data
