#include <string>

#include <gtest/gtest.h>

#include "data/jq/testing.h"

namespace linkspan::data::jq {
namespace {

JqOptions with(JqLimits limits) {
  JqOptions options;
  options.limits = limits;
  return options;
}

TEST(JqLimits, endless_loops_end_with_the_name_of_the_limit) {
  EXPECT_EQ(outputs_of("def f: f; f", "null", with({.max_steps = 10'000})),
            "jq-limit-exceeded: the run went past max_steps (10000) at line 1, column 8:");
  EXPECT_TRUE(outputs_of("last(repeat(1))", "null", with({.max_steps = 10'000}))
                  .starts_with("jq-limit-exceeded: the run went past max_steps"));
  EXPECT_TRUE(outputs_of("try (def f: f; f) catch 1", "null", with({.max_steps = 10'000}))
                  .starts_with("jq-limit-exceeded"));
}

TEST(JqLimits, calls_in_tail_position_take_no_depth) {
  const JqOptions options = with({.max_depth = 50});
  EXPECT_EQ(outputs_of("def f: if . >= 100000 then . else (. + 1 | f) end; 0 | f", "null", options),
            "100000");
  EXPECT_EQ(outputs_of("[0 | until(. >= 100000; . + 1)]", "null", options), "[100000]");
  EXPECT_EQ(outputs_of("[0 | while(. < 5; . + 1)] | length", "null", options), "5");
  EXPECT_EQ(outputs_of("last(0 | recurse(if . < 20000 then . + 1 else empty end))", "null", options),
            "20000");
}

TEST(JqLimits, deep_recursion_ends_with_the_name_of_the_limit) {
  EXPECT_TRUE(outputs_of("def f: 1 + f; f").starts_with("jq-limit-exceeded: the run went past max_depth"));
  EXPECT_TRUE(outputs_of("def f(g): 1 + f(g | g); f(.)")
                  .starts_with("jq-limit-exceeded: the run went past max_depth"));
}

TEST(JqLimits, memory_is_limited_whatever_takes_it) {
  for (const char* program :
       {"[range(1e9)]", "[range(1e9) | [.]]", "def f: . + .; \"xxxxxxxx\" | until(false; f)",
        "def f: [., .] | tojson; 1 | until(false; f)", "reduce range(1e9) as $i ({}; .[$i | tostring] = $i)",
        ".[400000000] = 1", "\"x\" * 400000000", "[range(1e9) | tostring * 10]", "def f: (1, f); [f]",
        "[limit(1e9; repeat(\"abcdefghijklmnopqrstuvwxyz\" | explode))]"}) {
    const std::string said =
        outputs_of(program, "null", with({.max_steps = 100'000'000, .max_memory_bytes = 8 << 20}));
    EXPECT_TRUE(said.starts_with("jq-limit-exceeded: the run went past max_memory_bytes"))
        << program << ": " << said;
  }
}

TEST(JqLimits, values_that_share_their_parts_cannot_make_endless_work) {
  const JqOptions options = with({.max_steps = 1'000'000, .max_memory_bytes = 64 << 20});
  const std::string tree = "def tree: reduce range(60) as $i (1; [., .]); ";
  const std::string nest = "def nest: reduce range(60) as $i ({}; {a: ., b: .}); ";
  for (const std::string& work :
       {tree + "tree == tree", tree + "[tree, tree] | sort", tree + "tree | tojson", tree + "tree | flatten",
        tree + "tree | contains(tree)", tree + "tree | @html", tree + "[tree] - [tree]", nest + "nest * nest",
        tree + "[tree | ..] | length"}) {
    EXPECT_TRUE(outputs_of(work, "null", options).starts_with("jq-limit-exceeded")) << work;
  }
  EXPECT_EQ(outputs_of(tree + "tree | length", "null", options), "2");
}

TEST(JqLimits, builtins_count_what_they_look_at) {
  for (const char* program :
       {"(\"x\" * 1000000) as $s | last(range(1e9) | $s | ltrimstr(\"y\"))",
        "(\"x\" * 1000000) as $s | last(range(1e9) | $s == ($s | .[1:] + \"x\"))",
        "[range(10000)] as $a | last(range(1e9) | $a | add)", "(\"a\" * 100000) | indices(\"a\" * 50000)",
        "[range(10000)] | . - map(. + 0.5)", "[range(10000)] | reduce range(1e9) as $i (.; .[1:])",
        "[range(5000)] | .[[range(2500)] + [0]] , last(range(1e9) as $i | .[[$i % 7]])",
        "reduce range(1e9) as $i (\"\"; . + \"abcdefgh\")",
        "[range(1000)] as $a | last(range(1e9) | $a | sort_by(-.))"}) {
    const std::string said = outputs_of(program, "null", with({.max_steps = 200'000}));
    EXPECT_NE(said.find("jq-limit-exceeded: the run went past max_steps"), std::string::npos)
        << program << ": " << said.substr(0, 200);
  }
}

TEST(JqLimits, texts_that_are_made_of_one_text_many_times_are_refused_before_they_are_made) {
  const std::string many = "(\"x\" * 100000) as $s | [range(1000) | $s] | ";
  for (const char* work : {"@csv", "@tsv", "@sh", "@json", "tojson", "join(\"\")", "add", "\"\\(.)\""}) {
    EXPECT_TRUE(outputs_of(many + work, "null", with({.max_memory_bytes = 8 << 20}))
                    .starts_with("jq-limit-exceeded: the run went past max_memory_bytes"))
        << work;
  }
  EXPECT_TRUE(outputs_of("(\"x\" * 100000) | [sub(\"^\"; range(1000) | tostring)]", "null",
                         with({.max_memory_bytes = 8 << 20}))
                  .starts_with("jq-limit-exceeded: the run went past max_memory_bytes"));
}

// The steps would not suffice if each change made a copy of what has grown so far.
TEST(JqLimits, what_a_loop_builds_is_changed_in_place) {
  for (const char* program : {"reduce range(5000) as $i ({}; .[$i | tostring] = $i) | length",
                              "reduce range(5000) as $i ([]; .[$i] = $i) | length",
                              "reduce range(5000) as $i ([]; . + [$i]) | length",
                              "reduce range(5000) as $i ([]; setpath([$i]; $i)) | length",
                              "reduce range(5000) as $i ({}; .a[$i] += 1) | .a | length",
                              "reduce range(5000) as $i ({}; . * {a: {($i | tostring): 1}}) | .a | length"}) {
    EXPECT_EQ(outputs_of(program, "null", with({.max_steps = 300'000})), "5000") << program;
  }
}

TEST(JqLimits, what_is_let_go_does_not_count) {
  EXPECT_EQ(outputs_of("reduce range(200000) as $i (0; [$i, \"abcdefghijklmnopqrstuvwxyz\"] | .[0])", "null",
                       with({.max_memory_bytes = 1 << 20})),
            "199999");
}

TEST(JqLimits, outputs_are_counted) {
  EXPECT_EQ(outputs_of("range(10)", "null", with({.max_outputs = 2})),
            "0\n1jq-limit-exceeded: the run went past max_outputs (2) at line 1, column 1:");
}

TEST(JqLimits, the_text_of_outputs_is_limited) {
  EXPECT_EQ(outputs_of("\"x\" * (30, 30, 50)", "null", with({.max_output_bytes = 100})),
            "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"\n\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\""
            "jq-limit-exceeded: the run went past max_output_bytes (100) at line 1, column 1:");
  EXPECT_TRUE(outputs_of("reduce range(60) as $i (1; [., .])", "null", with({.max_output_bytes = 1 << 20}))
                  .starts_with("jq-limit-exceeded: the run went past max_output_bytes"));
}

TEST(JqLimits, deep_values_do_not_exhaust_the_stack) {
  EXPECT_EQ(outputs_of("reduce range(300000) as $i ([]; [.]) | length"), "1");
  EXPECT_EQ(outputs_of("reduce range(100000) as $i ([]; [.]) | flatten"), "[]");
  EXPECT_EQ(outputs_of("[reduce range(50000) as $i ([]; [.]) | ..] | length"), "50001");
  EXPECT_EQ(outputs_of("reduce range(20000) as $i (0; {a: .}) | try (. == {a: {a: 1}}) catch ."), "false");
}

TEST(JqLimits, programs_nested_too_deeply_are_refused) {
  EXPECT_TRUE(outputs_of(std::string(100'000, '[')).find("nested too deeply") != std::string::npos);
  EXPECT_TRUE(outputs_of(std::string(100'000, '-') + "1").find("nested too deeply") != std::string::npos);
  std::string sum = "1";
  for (int i = 0; i < 5000; ++i) sum += "+1";
  EXPECT_TRUE(outputs_of(sum).find("nested too deeply") != std::string::npos);
  std::string text = "\"";
  for (int i = 0; i < 5000; ++i) text += "\\(\"";
  EXPECT_TRUE(outputs_of(text).find("nested too deeply") != std::string::npos);
}

TEST(JqLimits, expressions_that_look_far_ahead_from_each_place_take_steps) {
  EXPECT_TRUE(outputs_of("(\"<\" * 5000) as $t | last(range(1e9) | $t | test(\"<[^>]*>\"))", "null",
                         with({.max_steps = 200'000}))
                  .starts_with("jq-limit-exceeded: the run went past max_steps"));
}

TEST(JqLimits, catastrophic_expressions_are_given_up) {
  EXPECT_NE(outputs_of("(\"a\" * 40) + \"!\" | test(\"^(a+)+$\")").find("was given up"), std::string::npos);
}

}  // namespace
}  // namespace linkspan::data::jq
