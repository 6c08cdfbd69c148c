#include "data/yaml.h"

#include <cmath>

#include <gtest/gtest.h>

namespace linkspan::data {
namespace {

using Kind = YamlNode::Kind;

std::string errors_of(const YamlParse& parse) {
  std::string text;
  for (const YamlError& error : parse.errors) {
    if (!text.empty()) text += "\n";
    text += std::to_string(error.position.line) + ":" + std::to_string(error.position.column) + ": " +
            error.message;
  }
  return text;
}

std::string errors_of(std::string_view text, const YamlLimits& limits = {}) {
  return errors_of(parse_yaml(text, {.file = 0, .limits = limits}));
}

// A compact picture of a tree in which kinds can be told apart.
std::string picture(const YamlNode& node) {
  switch (node.kind()) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return node.boolean() ? "true" : "false";
    case Kind::integer:
      return std::to_string(node.integer());
    case Kind::unsigned_integer:
      return std::to_string(node.unsigned_integer()) + "u";
    case Kind::real:
      return std::isnan(node.real()) ? "nan" : std::to_string(node.real());
    case Kind::string:
      return "'" + std::string(node.text()) + "'";
    case Kind::sequence: {
      std::string text = "[";
      for (const YamlNode& item : node.items()) text += (text.size() > 1 ? "," : "") + picture(item);
      return text + "]";
    }
    case Kind::mapping: {
      std::string text = "{";
      for (const YamlEntry& entry : node.entries()) {
        text += (text.size() > 1 ? "," : "") + std::string(entry.key) + ":" + picture(entry.value);
      }
      return text + "}";
    }
  }
  return "?";
}

std::string picture(std::string_view text) {
  const YamlParse parse = parse_yaml(text);
  return parse.errors.empty() ? picture(parse.document.root()) : errors_of(parse);
}

TEST(Yaml, nested_values_keep_their_order) {
  EXPECT_EQ(picture("b: [1, {x: y}]\na:\n  - p\n  - q\n"), "{b:[1,{x:'y'}],a:['p','q']}");
}

TEST(Yaml, empty_text_is_null) {
  EXPECT_EQ(picture(""), "null");
  EXPECT_EQ(picture("# nothing but a comment\n"), "null");
  EXPECT_EQ(picture("---\n"), "null");
}

TEST(Yaml, words_that_older_yaml_took_for_booleans_are_strings) {
  EXPECT_EQ(picture("[on, off, yes, no, y, n, On, NO]"), "['on','off','yes','no','y','n','On','NO']");
}

TEST(Yaml, booleans_and_null_have_three_spellings_each) {
  EXPECT_EQ(picture("[true, True, TRUE, false, False, FALSE, tRUE]"),
            "[true,true,true,false,false,false,'tRUE']");
  EXPECT_EQ(picture("[null, Null, NULL, ~, nULL]"), "[null,null,null,null,'nULL']");
  EXPECT_EQ(picture("a:\nb: ''\n"), "{a:null,b:''}");
}

TEST(Yaml, integers_are_decimal_octal_or_hexadecimal) {
  EXPECT_EQ(picture("[0, -0, +7, 0123, 0o17, 0x1F, 0xff]"), "[0,0,7,123,15,31,255]");
  EXPECT_EQ(picture("[1_000, 0b11, 0o8, 0x, -0x1, 1:30]"), "['1_000','0b11','0o8','0x','-0x1','1:30']");
}

TEST(Yaml, integers_are_exact_to_64_bits) {
  EXPECT_EQ(picture("[9007199254740993, 9223372036854775807, -9223372036854775808]"),
            "[9007199254740993,9223372036854775807,-9223372036854775808]");
  EXPECT_EQ(picture("[9223372036854775808, 18446744073709551615]"),
            "[9223372036854775808u,18446744073709551615u]");
  EXPECT_EQ(picture("[18446744073709551616, -9223372036854775809, 0x10000000000000000]"),
            "[18446744073709551616.000000,-9223372036854775808.000000,18446744073709551616.000000]");
}

TEST(Yaml, reals_follow_the_core_schema) {
  EXPECT_EQ(picture("[1.5, .5, 1., -2e3, +1E-2, 1e400, -1e400, 1e-400]"),
            "[1.500000,0.500000,1.000000,-2000.000000,0.010000,inf,-inf,0.000000]");
  EXPECT_EQ(picture("[.inf, -.INF, +.Inf, .nan, .NaN]"), "[inf,-inf,inf,nan,nan]");
  EXPECT_EQ(picture("[., e3, 1e, inf, nan, -.nan, 1.2.3, 0x1.8]"),
            "['.','e3','1e','inf','nan','-.nan','1.2.3','0x1.8']");
}

TEST(Yaml, quoted_scalars_are_strings) {
  EXPECT_EQ(picture(R"(['1', "true", "a\tb", "\u00e9", 'it''s'])"), "['1','true','a\tb','\xC3\xA9','it's']");
}

TEST(Yaml, block_scalars_keep_or_fold_lines) {
  EXPECT_EQ(picture("a: |\n  x\n  y\nb: >-\n  x\n  y\n"), "{a:'x\ny\n',b:'x y'}");
}

TEST(Yaml, core_tags_are_honoured) {
  EXPECT_EQ(picture("[!!str 12, ! 12, !!int 12, !!float 3, !!bool true, !!null ~, !!seq [], !!map {}]"),
            "['12','12',12,3,true,null,[],{}]");
}

TEST(Yaml, other_tags_are_errors) {
  EXPECT_EQ(errors_of("a: !secret x\nb: !!binary aGk=\nc: !!int x\nd: !!set {}\n"),
            "1:4: tag \"!secret\" is not known; only the tags of the core schema may be used\n"
            "2:4: tag !!binary cannot be used here\n"
            "3:4: \"x\" is no value for the tag !!int\n"
            "4:4: tag \"tag:yaml.org,2002:set\" is not known; only the tags of the core schema may be used");
}

TEST(Yaml, every_node_and_key_knows_its_place) {
  const YamlParse parse = parse_yaml("apis:\n  stock: {servers: [a, \"b\"]}\n", {.file = 3});
  const YamlEntry& apis = parse.document.root().entries()[0];
  const YamlEntry& stock = apis.value.entries()[0];
  const YamlEntry& servers = stock.value.entries()[0];
  EXPECT_EQ(apis.key_position, (YamlPosition{3, 1, 1}));
  EXPECT_EQ(apis.value.position(), (YamlPosition{3, 2, 3}));
  EXPECT_EQ(stock.key_position, (YamlPosition{3, 2, 3}));
  EXPECT_EQ(stock.value.position(), (YamlPosition{3, 2, 10}));
  EXPECT_EQ(servers.value.items()[1].position(), (YamlPosition{3, 2, 24}));
}

TEST(Yaml, columns_count_characters) {
  const YamlParse parse = parse_yaml("é: ü\n");
  EXPECT_EQ(parse.document.root().entries()[0].value.position().column, 4U);
}

TEST(Yaml, byte_order_mark_is_skipped) {
  const YamlParse parse = parse_yaml(
      "\xEF\xBB\xBF"
      "a: 1\n");
  EXPECT_EQ(errors_of(parse), "");
  EXPECT_EQ(parse.document.root().entries()[0].key_position, (YamlPosition{0, 1, 1}));
}

TEST(Yaml, scalars_keep_their_text) {
  const YamlParse parse = parse_yaml("a: 0x10\n");
  EXPECT_EQ(parse.document.root().find("a")->text(), "0x10");
  EXPECT_EQ(parse.document.root().find("b"), nullptr);
}

TEST(Yaml, keys_are_taken_by_their_text) {
  EXPECT_EQ(picture("200: a\ntrue: b\n\"x y\": c\n? z\n: d\n"), "{200:'a',true:'b',x y:'c',z:'d'}");
}

TEST(Yaml, duplicate_keys_are_all_reported) {
  EXPECT_EQ(errors_of("a: 1\nb: {x: 1, y: 2, x: 3}\na: 2\na: 3\n"),
            "2:17: key \"x\" stands twice; first in line 2\n"
            "3:1: key \"a\" stands twice; first in line 1\n"
            "4:1: key \"a\" stands twice; first in line 3");
}

TEST(Yaml, keys_must_be_scalars) {
  EXPECT_EQ(errors_of("? [a, b]\n: c\n"), "1:3: a key must be a plain word, number or string");
  EXPECT_EQ(errors_of("{[a]: b}"), "1:2: a key must be a plain word, number or string");
  EXPECT_EQ(errors_of("a: &x [1]\n*x : 2\n"), "2:1: a key must be a plain word, number or string");
}

TEST(Yaml, one_document_only) {
  EXPECT_EQ(errors_of("a: 1\n---\nb: 2\n"),
            "2:1: a second document begins here; one file holds one document");
  EXPECT_EQ(errors_of("---\na: 1\n...\n"), "");
}

TEST(Yaml, syntax_errors_say_where_and_why) {
  EXPECT_EQ(errors_of("a: [1, 2\nb: 3\n"),
            "2:2: did not find expected ',' or ']' while parsing a flow sequence that begins in line 1");
  EXPECT_EQ(errors_of("a:\n\tb: 1\n"), "2:1: a tab cannot indent or begin a value; use spaces");
  EXPECT_EQ(errors_of("a: @b\n"), "1:4: a value cannot begin with @; put it in quotes");
  EXPECT_EQ(errors_of("a: \"x\n"),
            "2:1: found unexpected end of stream while scanning a quoted scalar that begins in line 1");
}

TEST(Yaml, bytes_that_are_no_text_are_errors) {
  EXPECT_EQ(errors_of("a: 1\nb: \xff\n"), "2:4: not valid UTF-8");
  EXPECT_EQ(errors_of("a: \xC3"), "1:4: not valid UTF-8");
  EXPECT_EQ(errors_of("\xED\xA0\x80"), "1:1: not valid UTF-8");
  EXPECT_EQ(errors_of(std::string_view("a: b\0c", 6)),
            "1:5: control character U+0000 is not allowed in YAML");
  EXPECT_EQ(errors_of("a: \x07\n"), "1:4: control character U+0007 is not allowed in YAML");
}

TEST(Yaml, aliases_stand_for_their_anchor) {
  EXPECT_EQ(picture("a: &x {p: 1}\nb: *x\nc: [&y 2, *y]\n&k d: *k\n"), "{a:{p:1},b:{p:1},c:[2,2],d:'d'}");
  EXPECT_EQ(picture("- &x 1\n- &x 2\n- *x\n"), "[1,2,2]");
}

TEST(Yaml, aliases_without_sense_are_errors) {
  EXPECT_EQ(errors_of("a: *nobody\n"), "1:4: alias *nobody refers to no anchor before it");
  EXPECT_EQ(errors_of("a: &x [1, *x]\n"), "1:11: alias *x stands inside of what it refers to");
  EXPECT_EQ(errors_of("- &x 1\n- &x [*x]\n"), "2:7: alias *x stands inside of what it refers to");
}

TEST(Yaml, alias_expansion_is_limited) {
  std::string laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    laughs += name + ": &" + name + " [";
    for (int n = 0; n < 8; ++n) laughs += alias + ", ";
    laughs += alias + "]\n";
  }
  EXPECT_EQ(errors_of(laughs),
            "7:10: aliases expand to more than 1000000 values; write fewer of them out of aliases");
}

TEST(Yaml, depth_is_limited) {
  const YamlLimits limits{.max_depth = 3};
  EXPECT_EQ(errors_of("[[[1]]]", limits), "");
  EXPECT_EQ(errors_of("[[[[1]]]]", limits), "1:4: nested more than 3 levels deep");
  EXPECT_EQ(errors_of("- &x [[1]]\n- [*x]\n", limits),
            "2:4: nested more than 3 levels deep, aliases included");
  EXPECT_EQ(errors_of(std::string(100'000, '[')), "1:65: nested more than 64 levels deep");
}

TEST(Yaml, size_is_limited) {
  EXPECT_EQ(errors_of("[1, 2, 3]", {.max_nodes = 3}), "1:8: more than 3 values in one file");
  EXPECT_EQ(errors_of("a: bcdef", {.max_bytes = 7}), "1:1: larger than 7 bytes");
}

TEST(Yaml, document_may_be_moved) {
  YamlParse parse = parse_yaml("a: [1, two]\n");
  const YamlDocument moved = std::move(parse.document);
  EXPECT_EQ(picture(moved.root()), "{a:[1,'two']}");
}

}  // namespace
}  // namespace linkspan::data
