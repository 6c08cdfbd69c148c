#include <gtest/gtest.h>

#include "catalog/document.h"

namespace linkspan::catalog {
namespace {

std::string places(std::string text, const std::vector<std::string>& pointers) {
  Document document;
  document.text = std::move(text);
  std::vector<Problem> problems;
  EXPECT_TRUE(parse_document(document, {}, problems));
  std::string result;
  for (const TextPosition& position : locate(document, pointers))
    result += std::to_string(position.line) + ":" + std::to_string(position.column) + " ";
  return result;
}

TEST(Locate, members_are_where_their_keys_are_and_items_where_they_begin) {
  const std::string json =
      "{\n  \"a\": [1, {\"b\": \"x]}\\\"\"}],\n  \"é\": {\"c/d\": null}, \"e\\u0066\": 2}";
  EXPECT_EQ(places(json, {"", "/a", "/a/0", "/a/1/b", "/é", "/é/c~1d", "/ef"}),
            "1:1 2:3 2:9 2:13 3:3 3:9 3:23 ");
  const std::string yaml = "a:\n  - 1\n  - b: x\né:\n  c/d: null\n";
  EXPECT_EQ(places(yaml, {"", "/a", "/a/0", "/a/1/b", "/é/c~1d"}), "1:1 1:1 2:5 3:5 5:3 ");
}

TEST(Locate, what_is_not_there_is_where_its_parent_is) {
  EXPECT_EQ(places("{\"a\": {\"b\": 1}}", {"/a/c", "/a/b/d/e", "/x"}), "1:2 1:8 1:1 ");
}

}  // namespace
}  // namespace linkspan::catalog
