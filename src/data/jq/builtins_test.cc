#include <string>

#include <gtest/gtest.h>

#include "data/jq/testing.h"

namespace linkspan::data::jq {
namespace {

struct Example {
  const char* program;
  const char* input;
  const char* outputs;
};

void expect_all(std::initializer_list<Example> examples) {
  for (const Example& example : examples)
    EXPECT_EQ(outputs_of(example.program, example.input), example.outputs) << example.program;
}

TEST(JqBuiltins, strings) {
  expect_all({
      {"ascii_upcase, ascii_downcase", R"("aBé")", "\"ABé\"\n\"abé\""},
      {"ltrimstr(\"a\"), rtrimstr(\"c\"), trimstr(\"x\")", R"("abc")", "\"bc\"\n\"ab\"\n\"abc\""},
      {"split(\", \"), (. / \",\")", R"("a, b")", "[\"a\",\"b\"]\n[\"a\",\" b\"]"},
      {"explode | implode", R"("aé😀")", R"("aé😀")"},
      {"[.[2:4], .[-1:], .[:1]]", R"("aé😀b")", R"(["😀b","b","a"])"},
      {"join(\"-\")", R"(["a",1,null,true])", R"("a-1--true")"},
      {"indices(\"a\"), index(\"a\"), rindex(\"a\")", R"("éaba")", "[1,3]\n1\n3"},
      {"length, utf8bytelength", R"("é")", "1\n2"},
  });
}

TEST(JqBuiltins, formats) {
  expect_all({
      {"@base64, (@base64 | @base64d), @base32, (@base32 | @base32d)", R"("hé")",
       "\"aMOp\"\n\"hé\"\n\"NDB2S===\"\n\"hé\""},
      {"@uri, @html, @sh", R"("a b&'")", "\"a%20b%26%27\"\n\"a b&amp;&apos;\"\n\"'a b&'\\\\'''\""},
      {"@csv, @tsv", R"([1,"a\"b",null,true])", "\"1,\\\"a\\\"\\\"b\\\",,true\"\n\"1\\ta\\\"b\\t\\ttrue\""},
      {"@json \"v=\\(.)\"", R"({"a":[1]})", R"("v={\"a\":[1]}")"},
      {"@uri \"q=\\(.q)\"", R"({"q":"a b"})", R"("q=a%20b")"},
  });
}

TEST(JqBuiltins, regular_expressions) {
  expect_all({
      {"test(\"B\"), test(\"B\"; \"i\")", R"("abc")", "false\ntrue"},
      {"[match(\"(?<x>b)|c\"; \"g\") | [.offset, .length, .string, .captures[0].string]]", R"("aébc")",
       R"([[2,1,"b","b"],[3,1,"c",null]])"},
      {"capture(\"(?<y>[0-9]+)-(?<m>[0-9]+)\")", R"("2026-11")", R"({"y":"2026","m":"11"})"},
      {"[scan(\"[a-z]\")], [scan(\"(.)(.)\")]", R"("ab1c")",
       "[\"a\",\"b\",\"c\"]\n[[\"a\",\"b\"],[\"1\",\"c\"]]"},
      {"sub(\"b\"; \"X\"), gsub(\"(?<l>[a-z])\"; \"<\\(.l)>\")", R"("ab1b")", "\"aX1b\"\n\"<a><b>1<b>\""},
      {"gsub(\"\"; \"-\"), gsub(\"^\"; \">\")", R"("ab")", "\"-a-b-\"\n\">ab\""},
      {"[gsub(\"(?<a>.)\"; \"\\(.a | ascii_upcase)\", \"\\(.a | ascii_downcase)\", \"c\")]", R"("aB")",
       R"(["AB","ab","cc"])"},
      {"[splits(\", *\")], split(\"b+\"; null)", R"("a, b,c")", "[\"a\",\"b\",\"c\"]\n[\"a, \",\",c\"]"},
  });
}

TEST(JqBuiltins, arrays_and_objects) {
  expect_all({
      {"sort, unique, reverse, min, max, add", "[3,1,3,2]", "[1,2,3,3]\n[1,2,3]\n[2,3,1,3]\n1\n3\n9"},
      {"group_by(.a), unique_by(.a), max_by(.a)", R"([{"a":2},{"a":1},{"a":2,"b":1}])",
       "[[{\"a\":1}],[{\"a\":2},{\"a\":2,\"b\":1}]]\n[{\"a\":1},{\"a\":2}]\n{\"a\":2,\"b\":1}"},
      {"to_entries, with_entries(.value += 1), keys, map_values(. * 2)", R"({"b":1,"a":2})",
       "[{\"key\":\"b\",\"value\":1},{\"key\":\"a\",\"value\":2}]\n{\"b\":2,\"a\":3}\n[\"a\",\"b\"]\n{\"b\":"
       "2,\"a\":4}"},
      {"flatten, flatten(1), transpose", "[[1,[2]],[3]]", "[1,2,3]\n[1,[2],3]\n[[1,3],[[2],null]]"},
      {"del(.[1,3]), del(.[-1]), delpaths([[0],[1]])", "[0,1,2,3]", "[0,2]\n[0,1,2]\n[2,3]"},
      {"[paths], [leaf_paths], pick(.a)", R"({"a":[1]})", "[[\"a\"],[\"a\",0]]\n[[\"a\",0]]\n{\"a\":[1]}"},
      {"[tostream], fromstream(tostream)", R"({"a":[1]})",
       "[[[\"a\",0],1],[[\"a\",0]],[[\"a\"]]]\n{\"a\":[1]}"},
      {"contains([1]), inside([1,2,3,4]), has(0), any(. > 2), all(. > 2)", "[1,2,3]",
       "true\ntrue\ntrue\ntrue\nfalse"},
      {"[combinations]", "[[1,2],[3]]", "[[1,3],[2,3]]"},
      {"walk(if type == \"number\" then . + 1 else . end)", R"([1,{"a":2}])", R"([2,{"a":3}])"},
      {"INDEX(.id), IN(.[]; {\"id\":1})", R"([{"id":1}])", "{\"1\":{\"id\":1}}\ntrue"},
      {"bsearch(2), bsearch(0)", "[1,2,3]", "1\n-1"},
  });
}

TEST(JqBuiltins, numbers) {
  expect_all({
      {"floor, ceil, round, sqrt, pow(.; 2), abs", "2.25", "2\n3\n2\n1.5\n5.0625\n2.25"},
      {"[.[] | tonumber]", R"(["1","-2.5","1e3"])", "[1,-2.5,1000]"},
      {"infinite, -infinite, nan | isinfinite", "null", "true\ntrue\nfalse"},
      {"[1 % 3, -7 % 3, 7 % -3, 5 % 2.9]", "null", "[1,-1,1,1]"},
      {"frexp, (8 | frexp), ldexp(1; 3)", "1", "[0.5,1]\n[0.5,4]\n8"},
  });
}

TEST(JqBuiltins, dates) {
  expect_all({
      {"todate, gmtime, strftime(\"%A %d %B %Y\")", "1425599621",
       "\"2015-03-05T23:53:41Z\"\n[2015,2,5,23,53,41,4,63]\n\"Thursday 05 March 2015\""},
      {"fromdate, (strptime(\"%Y-%m-%dT%H:%M:%SZ\") | mktime)", R"("2015-03-05T23:51:47Z")",
       "1425599507\n1425599507"},
      {"try fromdate catch .", R"("x")", R"("date \"x\" does not match format \"%Y-%m-%dT%H:%M:%SZ\"")"},
  });
}

TEST(JqBuiltins, every_name_that_builtins_lists_can_be_called) {
  EXPECT_EQ(outputs_of("builtins | length > 150"), "true");
  auto names = JqProgram::compile(
      "builtins[] | split(\"/\") | .[0] + (.[1] | tonumber | if . == 0 then \"\" else "
      "\"(\" + ([range(.)] | map(\"null\") | join(\";\")) + \")\" end)");
  ASSERT_TRUE(names.ok());
  auto calls = run_jq(*names, JsonValue());
  ASSERT_TRUE(calls.ok());
  for (const JsonValue& call : *calls) {
    const auto program = JqProgram::compile(call.string());
    EXPECT_TRUE(program.ok()) << call.string();
  }
}

TEST(JqBuiltins, null_has_no_key) {
  EXPECT_EQ(outputs_of("[has(0), has(\"a\")]"), "[false,false]");
}

}  // namespace
}  // namespace linkspan::data::jq
