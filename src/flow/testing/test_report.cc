#include "flow/testing/test_report.h"

#include <cstdio>

#include "data/json_write.h"
#include "data/xml/escape.h"

namespace linkspan::flow {

namespace {

std::string points_of(const FlowTestResult& result) {
  if (result.points == 0) return {};
  return " (" + std::to_string(result.points) + (result.points == 1 ? " point)" : " points)");
}

// With what stands before every line of it.
void append_lines(std::string& out, const std::string& indent, const std::string& text) {
  out += indent;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += indent;
  }
  out += '\n';
}

std::size_t failed_of(const std::vector<TestReport>& tests) {
  std::size_t failed = 0;
  for (const TestReport& test : tests) failed += test.result.passed() ? 0 : 1;
  return failed;
}

std::string explanation(const FlowTestResult& result) {
  std::string text;
  for (const std::string& failure : result.failures) append_lines(text, "", failure);
  if (result.timeline.empty()) return text;
  text += "what happened:\n";
  for (const std::string& line : result.timeline) append_lines(text, "  ", line);
  return text;
}

std::string attribute(std::string_view name, std::string_view value) {
  std::string text = " " + std::string(name) + "=\"";
  data::xml::append_attribute_value(text, value);
  return text + "\"";
}

std::string seconds(std::int64_t ns) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(ns) / 1e9);
  return text;
}

std::string quoted(const std::string& text) {
  std::string out;
  data::append_json_string(out, text);
  return out;
}

// In a TAP description "#" would begin a directive.
std::string tap_title(const FlowTestResult& result) {
  std::string title;
  for (const char c : result.title() + points_of(result)) {
    if (c == '#' || c == '\\') title += '\\';
    title += c == '\n' ? ' ' : c;
  }
  return title;
}

void append_case(std::string& out, const TestReport& test) {
  const FlowTestResult& result = test.result;
  out += "    <testcase" + attribute("name", result.name) + attribute("classname", result.flow) +
         attribute("time", seconds(result.elapsed_ns));
  if (result.passed()) {
    out += "/>\n";
    return;
  }
  out += ">\n      <failure" + attribute("message", result.failures.front()) + ">";
  data::xml::append_text(out, test.place + "\n" + explanation(result));
  out += "</failure>\n    </testcase>\n";
}

}  // namespace

std::string text_report(const std::vector<TestReport>& tests) {
  std::string out;
  for (const TestReport& test : tests) {
    out += test.result.passed() ? "ok " : "FAILED ";
    out += test.result.title() + points_of(test.result) + "\n";
    if (test.result.passed()) continue;
    out += "  " + test.place + "\n";
    const std::string text = explanation(test.result);
    append_lines(out, "  ", text.substr(0, text.size() - 1));
  }
  const std::size_t failed = failed_of(tests);
  return out + std::to_string(tests.size() - failed) + " passed, " + std::to_string(failed) + " failed\n";
}

std::string tap_report(const std::vector<TestReport>& tests) {
  std::string out = "TAP version 14\n1.." + std::to_string(tests.size()) + "\n";
  std::size_t number = 0;
  for (const TestReport& test : tests) {
    const FlowTestResult& result = test.result;
    out += result.passed() ? "ok " : "not ok ";
    out += std::to_string(++number) + " - " + tap_title(result) + "\n";
    if (result.passed()) continue;
    out += "  ---\n  at: " + quoted(test.place) + "\n  failures:\n";
    for (const std::string& failure : result.failures) out += "    - " + quoted(failure) + "\n";
    if (!result.timeline.empty()) out += "  timeline:\n";
    for (const std::string& line : result.timeline) out += "    - " + quoted(line) + "\n";
    out += "  ...\n";
  }
  return out;
}

std::string junit_report(const std::vector<TestReport>& tests) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
                    attribute("tests", std::to_string(tests.size())) +
                    attribute("failures", std::to_string(failed_of(tests))) + ">\n";
  for (std::size_t first = 0; first < tests.size();) {
    std::vector<TestReport> suite;
    std::int64_t elapsed_ns = 0;
    const std::string flow = tests[first].result.flow;
    for (; first < tests.size() && tests[first].result.flow == flow; ++first) {
      suite.push_back(tests[first]);
      elapsed_ns += tests[first].result.elapsed_ns;
    }
    out += "  <testsuite" + attribute("name", flow) + attribute("tests", std::to_string(suite.size())) +
           attribute("failures", std::to_string(failed_of(suite))) + attribute("errors", "0") +
           attribute("time", seconds(elapsed_ns)) + ">\n";
    for (const TestReport& test : suite) append_case(out, test);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace linkspan::flow
