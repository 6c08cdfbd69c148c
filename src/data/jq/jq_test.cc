#include "data/jq/jq.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "data/jq/testing.h"

namespace linkspan::data::jq {
namespace {

TEST(Jq, maps_an_order) {
  EXPECT_EQ(outputs_of("{id: .order.id, total: ([.order.items[] | .price * .qty] | add), "
                       "customer: .order.customer.email, tags: (.order.tags // [])}",
                       R"({"order":{"id":7,"items":[{"price":2,"qty":3},{"price":1.5,"qty":2}],)"
                       R"("customer":{"email":"a@b.example"}}})"),
            R"({"id":7,"total":9,"customer":"a@b.example","tags":[]})");
}

TEST(Jq, generators_backtrack_in_order) {
  EXPECT_EQ(outputs_of("[(1,2) + (10,20)]"), "[11,12,21,22]");
  EXPECT_EQ(outputs_of("[{a: (1,2), b: (3,4)}] | map([.a, .b])"), "[[1,3],[1,4],[2,3],[2,4]]");
  EXPECT_EQ(outputs_of("[\"\\(1,2)-\\(3,4)\"]"), R"(["1-3","2-3","1-4","2-4"])");
  EXPECT_EQ(outputs_of("[limit(3; repeat(1))]"), "[null,1,1]");
}

TEST(Jq, closures_see_the_variables_where_they_were_written) {
  EXPECT_EQ(outputs_of("2 as $x | def f(g): 10 as $x | g + $x; f($x * 3)"), "16");
  EXPECT_EQ(outputs_of("def f(g): def h: g | g; h; 1 | f(. + 1)"), "3");
  EXPECT_EQ(outputs_of("def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; 10 | fac"), "3628800");
}

TEST(Jq, patterns_take_values_apart) {
  EXPECT_EQ(outputs_of(". as {a: $x, b: [$y, $z]} | [$x, $y, $z]", R"({"a":1,"b":[2,{"c":3}]})"),
            R"([1,2,{"c":3}])");
  EXPECT_EQ(outputs_of(".[] as [$a] ?// $a | [$a]", "[[3],4]"), "[3]\n[4]");
  EXPECT_EQ(outputs_of("[[3]] | .[] as [$a] ?// $b | if $a != null then error(\"no\") else [$a, $b] end"),
            "[null,[3]]");
}

TEST(Jq, assignments_change_only_what_they_name) {
  EXPECT_EQ(outputs_of(".a[1].b |= . + 1", R"({"a":[0,{"b":1,"c":2}]})"), R"({"a":[0,{"b":2,"c":2}]})");
  EXPECT_EQ(outputs_of("(.[] | select(. >= 2)) |= empty", "[1,5,3,0,7]"), "[1,0]");
  EXPECT_EQ(outputs_of(".a += (1, 2)", R"({"a":1})"), "{\"a\":2}\n{\"a\":3}");
  EXPECT_EQ(outputs_of(". as $before | .a = 5 | [$before.a, .a]", R"({"a":1})"), "[1,5]");
  EXPECT_EQ(outputs_of(".x //= 3"), R"({"x":3})");
}

TEST(Jq, reduce_foreach_label_and_limit) {
  EXPECT_EQ(outputs_of("reduce range(5) as $i (0; . + $i)"), "10");
  EXPECT_EQ(outputs_of("reduce range(3) as $i (0; empty)"), "null");
  EXPECT_EQ(outputs_of("[foreach range(4) as $i (0; . + $i; [$i, .])]"), "[[0,0],[1,1],[2,3],[3,6]]");
  EXPECT_EQ(outputs_of("[label $out | range(9) | if . == 3 then break $out else . end]"), "[0,1,2]");
  EXPECT_EQ(outputs_of("[first(range(5; 9))], [limit(2; 1, 2, error)]"), "[5]\n[1,2]");
}

TEST(Jq, try_catches_what_its_body_raises_and_nothing_later) {
  EXPECT_EQ(outputs_of("try error({a: 1}) catch .a"), "1");
  EXPECT_EQ(outputs_of("[.[] | tonumber?]", R"(["1","x",3])"), "[1,3]");
  EXPECT_EQ(outputs_of("try ((try 1 catch 2) | error(\"late\")) catch ."), "\"late\"");
  EXPECT_EQ(outputs_of("(try 1 catch 2) | error(\"late\")"), "jq-failed: late at line 1, column 19:");
}

TEST(Jq, integers_keep_their_digits_until_arithmetic) {
  EXPECT_EQ(outputs_of(".", "9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(outputs_of("[.[0], (.[0] | tostring)]", "[100000000000000000001]"),
            R"([100000000000000000001,"100000000000000000001"])");
  EXPECT_EQ(outputs_of(". - 10", "13911860366432393"), "13911860366432382");
  EXPECT_EQ(outputs_of(".[0] == .[1]", "[9007199254740993,9007199254740992]"), "false");
}

TEST(Jq, a_program_that_is_no_utf_8_is_refused) {
  EXPECT_EQ(outputs_of(".a |\n \"\xfc\""), "refused: invalid UTF-8 at line 2, column 3");
}

TEST(Jq, an_error_shows_its_place) {
  const auto program = JqProgram::compile(".a |\n  .b + {} | {(0): 1}");
  ASSERT_FALSE(program.ok());
  EXPECT_EQ(program.error().detail(),
            "only a string can be the key of an object at line 2, column 15:\n"
            "      .b + {} | {(0): 1}\n"
            "                  ^");
  auto runs = JqProgram::compile(".a | map(.b + 1)");
  ASSERT_TRUE(runs.ok());
  const auto outputs =
      run_jq(*runs, JsonValue::object({{"a", JsonValue::array({JsonValue::object({{"b", "x"}})})}}));
  ASSERT_FALSE(outputs.ok());
  EXPECT_EQ(outputs.error().detail(),
            "string (\"x\") and number (1) cannot be added at line 1, column 10:\n"
            "    .a | map(.b + 1)\n"
            "             ^^^^^^");
}

TEST(Jq, what_reaches_outside_is_refused_by_name) {
  for (const char* name : {"input", "inputs", "halt", "halt_error", "env", "get_search_list",
                           "input_line_number", "input_filename", "modulemeta", "stderr"}) {
    const std::string said = outputs_of(name);
    EXPECT_TRUE(said.starts_with("refused: " + std::string(name) + " is not available here")) << said;
  }
  EXPECT_TRUE(outputs_of("$ENV").starts_with("refused: $ENV is not available here"));
  EXPECT_TRUE(outputs_of("import \"a\" as a; 1").starts_with("refused: \"import\" is not available here"));
  EXPECT_TRUE(outputs_of("include \"a\"; 1").starts_with("refused: \"include\" is not available here"));
  EXPECT_TRUE(outputs_of("nothing(1)").starts_with("refused: nothing/1 is not defined"));
}

TEST(Jq, debug_and_now_are_the_callers) {
  std::string seen;
  VirtualClock clock(1'500'000'000 * kNsPerSecond);
  JqOptions options;
  options.debug = [&](const JsonValue& value) { seen += write_json(value); };
  options.clock = &clock;
  EXPECT_EQ(outputs_of("1 | debug | debug(\"m\") | now", "null", options), "1500000000");
  EXPECT_EQ(seen, "1\"m\"");
}

TEST(Jq, global_variables_come_from_the_caller) {
  auto program = JqProgram::compile("def f: $a; [f, $b]", {"a", "b"});
  ASSERT_TRUE(program.ok());
  JqRun run;
  run.start(*program, JsonValue(), {1, "two"});
  auto output = run.next();
  ASSERT_TRUE(output.ok() && *output);
  EXPECT_EQ(write_json(**output), R"([1,"two"])");
}

TEST(Jq, threads_share_a_program) {
  auto program = JqProgram::compile("[.[] | {a: ., b: (. * 2)}] | map(.b) | add");
  ASSERT_TRUE(program.ok());
  const JsonValue input = JsonValue::array({1, 2, 3});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 100; ++n) {
        auto outputs = run_jq(*program, input);
        ASSERT_TRUE(outputs.ok());
        EXPECT_EQ((*outputs)[0].int64(), 12);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Jq, a_run_that_is_started_again_begins_anew) {
  auto program = JqProgram::compile("1, 2");
  ASSERT_TRUE(program.ok());
  JqRun run;
  for (int i = 0; i < 2; ++i) {
    run.start(*program, JsonValue());
    auto output = run.next();
    ASSERT_TRUE(output.ok() && *output);
    EXPECT_EQ((*output)->int64(), 1);
  }
}

}  // namespace
}  // namespace linkspan::data::jq
