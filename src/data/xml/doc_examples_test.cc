// Every example of docs/xml.md: what the page shows is what happens, in both directions.
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "data/json_testing.h"
#include "data/json_write.h"
#include "data/xml/soap.h"
#include "data/xml/xml.h"

namespace linkspan::data {
namespace {

struct Block {
  std::string kind;  // what stands behind the opening fence
  std::string text;
};

std::vector<Block> blocks_of_page() {
  std::ifstream file(LINKSPAN_SOURCE_DIR "/docs/xml.md");
  std::vector<Block> blocks;
  std::string line;
  bool inside = false;
  while (std::getline(file, line)) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), {}});
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

// Equal with the same keys in the same order.
void expect_same(const JsonValue& is, const JsonValue& should) {
  EXPECT_EQ(write_json(is), write_json(should));
}

void check_both_ways(const std::string& xml, const JsonValue& json, const XmlShape* shape) {
  const auto value = parse_xml(xml, {.shape = shape});
  ASSERT_TRUE(value.ok()) << value.error().to_string();
  expect_same(*value, json);
  const auto text = write_xml(json, {.exact = true, .shape = shape});
  ASSERT_TRUE(text.ok()) << text.error().to_string();
  EXPECT_EQ(*canonical_xml(*text, {}), *canonical_xml(xml, {}));
}

TEST(XmlPage, examples_are_what_happens) {
  const std::vector<Block> blocks = blocks_of_page();
  std::size_t pairs = 0;
  for (std::size_t i = 0; i + 1 < blocks.size(); ++i) {
    if (!blocks[i].kind.starts_with("xml") || blocks[i + 1].kind != "json") continue;
    SCOPED_TRACE(blocks[i].text);
    ++pairs;
    const JsonValue json = testing::parsed(blocks[i + 1].text);
    if (blocks[i].kind == "xml envelope") {
      expect_same(parse_soap(blocks[i].text)->body, json);
    } else if (blocks[i].kind == "xml fault") {
      expect_same(problem_of(*parse_soap(blocks[i].text)->fault), json);
    } else if (i > 0 && blocks[i - 1].kind == "json schema") {
      const auto shape =
          XmlShape::compile({.schema = testing::parsed(blocks[i - 1].text), .name = {}, .resolve = {}});
      ASSERT_TRUE(shape.ok()) << shape.error().to_string();
      check_both_ways(blocks[i].text, json, &*shape);
    } else {
      check_both_ways(blocks[i].text, json, nullptr);
    }
  }
  EXPECT_EQ(pairs, 13u);
}

}  // namespace
}  // namespace linkspan::data
