#include "data/yaml_writer.h"

#include <gtest/gtest.h>

#include "data/yaml.h"

namespace linkspan::data {
namespace {

std::string written(std::string_view text) {
  YamlWriter yaml;
  yaml.string(text);
  return std::move(yaml).finish();
}

TEST(YamlWriter, nested_values_are_written_in_block_style) {
  YamlWriter yaml;
  yaml.begin_mapping();
  yaml.string("workers");
  yaml.plain("4");
  yaml.string("servers");
  yaml.begin_sequence();
  yaml.string("a");
  yaml.begin_mapping();
  yaml.string("url");
  yaml.string("http://b:1");
  yaml.end_mapping();
  yaml.end_sequence();
  yaml.string("on");
  yaml.begin_sequence(true);
  yaml.string("x");
  yaml.plain("503");
  yaml.end_sequence();
  yaml.end_mapping();
  EXPECT_EQ(std::move(yaml).finish(), "workers: 4\nservers:\n- a\n- url: http://b:1\n\"on\": [x, 503]\n");
}

TEST(YamlWriter, strings_stay_strings) {
  for (const char* text :
       {"true",  "12",         "0x1f",         "1.5",     "null",  "~",  "",         "yes",
        "Off",   ".inf",       "- a",          "a: b",    "#c",    "*x", "{",        " lead",
        "tail ", "two\nlines", "two\nlines\n", "tab\tin", "\"q\"", "'",  "\xC3\xA9", "bell\x07",
        "***",   "%a",         "@b",           "|",       "a #b"}) {
    const std::string yaml = written(text);
    const YamlParse parse = parse_yaml(yaml);
    ASSERT_TRUE(parse.errors.empty()) << yaml << parse.errors[0].message;
    EXPECT_TRUE(parse.document.root().is_string()) << yaml;
    EXPECT_EQ(parse.document.root().text(), text) << yaml;
  }
}

TEST(YamlWriter, an_empty_view_is_an_empty_string) {
  EXPECT_EQ(written(std::string_view()), "\"\"\n");
}

TEST(YamlWriter, bytes_that_are_no_text_do_not_spoil_the_rest) {
  EXPECT_EQ(written("a\xff"), "(not text)\n");
}

}  // namespace
}  // namespace linkspan::data
