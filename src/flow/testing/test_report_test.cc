#include "flow/testing/test_report.h"

#include <gtest/gtest.h>

namespace linkspan::flow {
namespace {

TestReport passed(std::string name, std::size_t points = 0) {
  TestReport report;
  report.result.flow = "intake";
  report.result.name = std::move(name);
  report.result.points = points;
  report.place = "linkspan.yaml:9:5";
  return report;
}

TestReport failed(std::string name) {
  TestReport report = passed(std::move(name));
  report.result.failures = {"expected <this>", "and\nthat"};
  report.result.timeline = {"+0.000s   start"};
  report.result.elapsed_ns = 12'000'000;
  return report;
}

TEST(TestReport, text_has_a_line_for_each_test_and_says_what_is_wrong) {
  EXPECT_EQ(text_report({passed("is paid", 14), failed("is refused")}),
            "ok intake / is paid (14 points)\n"
            "FAILED intake / is refused\n"
            "  linkspan.yaml:9:5\n"
            "  expected <this>\n"
            "  and\n"
            "  that\n"
            "  what happened:\n"
            "    +0.000s   start\n"
            "1 passed, 1 failed\n");
  EXPECT_EQ(text_report({}), "0 passed, 0 failed\n");
}

TEST(TestReport, tap_has_a_plan_and_explains_failures_in_yaml) {
  EXPECT_EQ(tap_report({passed("takes #1", 2), failed("is refused")}),
            "TAP version 14\n"
            "1..2\n"
            "ok 1 - intake / takes \\#1 (2 points)\n"
            "not ok 2 - intake / is refused\n"
            "  ---\n"
            "  at: \"linkspan.yaml:9:5\"\n"
            "  failures:\n"
            "    - \"expected <this>\"\n"
            "    - \"and\\nthat\"\n"
            "  timeline:\n"
            "    - \"+0.000s   start\"\n"
            "  ...\n");
}

TEST(TestReport, junit_has_a_suite_for_each_flow) {
  TestReport other = passed("a \"quoted\" name");
  other.result.flow = "mail & more";
  EXPECT_EQ(
      junit_report({passed("is paid"), failed("is refused"), other}),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites tests=\"3\" failures=\"1\">\n"
      "  <testsuite name=\"intake\" tests=\"2\" failures=\"1\" errors=\"0\" time=\"0.012\">\n"
      "    <testcase name=\"is paid\" classname=\"intake\" time=\"0.000\"/>\n"
      "    <testcase name=\"is refused\" classname=\"intake\" time=\"0.012\">\n"
      "      <failure message=\"expected &lt;this>\">linkspan.yaml:9:5\n"
      "expected &lt;this&gt;\n"
      "and\nthat\n"
      "what happened:\n"
      "  +0.000s   start\n"
      "</failure>\n"
      "    </testcase>\n"
      "  </testsuite>\n"
      "  <testsuite name=\"mail &amp; more\" tests=\"1\" failures=\"0\" errors=\"0\" time=\"0.000\">\n"
      "    <testcase name=\"a &quot;quoted&quot; name\" classname=\"mail &amp; more\" time=\"0.000\"/>\n"
      "  </testsuite>\n"
      "</testsuites>\n");
}

}  // namespace
}  // namespace linkspan::flow
