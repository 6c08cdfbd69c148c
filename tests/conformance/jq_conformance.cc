// ./dev conformance jq: runs test files in jq's own format and counts.
//
//   linkspan_jq_conformance SKIP_FILE FILE...
//
// A case is a program, an input and the outputs expected, one a line; a blank line ends it, lines that begin
// with "#" are nothing. Outputs compare as jq's own runner compares them, by value. A case passes only if the
// outputs are as many as expected. "%%FAIL" begins a case whose program must be refused; the words of the
// message are each implementation's own and are not compared.
//
// Each line of SKIP_FILE is a program that is not run, then a tab and the reason.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/jq/context.h"
#include "data/jq/jq.h"
#include "data/jq/order.h"
#include "data/json_parse.h"
#include "data/json_write.h"

namespace linkspan::data {
namespace {

struct Case {
  std::string program;
  std::string input;
  std::vector<std::string> expected;
  bool must_fail = false;
  std::size_t line = 0;
};

bool is_ignored(const std::string& line) {
  const std::size_t first = line.find_first_not_of(" \t");
  return first == std::string::npos || line[first] == '#';
}

std::vector<Case> read_cases(std::istream& in) {
  std::vector<Case> cases;
  std::string line;
  std::size_t number = 0;
  const auto next = [&] { return ++number, static_cast<bool>(std::getline(in, line)); };
  while (next()) {
    if (is_ignored(line)) continue;
    Case found;
    found.line = number;
    found.must_fail = line.starts_with("%%FAIL");
    if (found.must_fail && !next()) break;
    found.program = line;
    if (!found.must_fail && next()) found.input = line;
    while (next() && line.find_first_not_of(" \t") != std::string::npos) {
      if (!is_ignored(line)) found.expected.push_back(line);
    }
    cases.push_back(std::move(found));
  }
  return cases;
}

std::optional<JsonValue> parse(std::string text) {
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  auto value = parse_json(text, {.max_depth = 20'000, .allow_non_finite = true});
  if (!value) return std::nullopt;
  return *std::move(value);
}

// As jq does: equal by value, and NaN equals nothing but is written as null.
bool matches(const JsonValue& actual, const std::string& expected) {
  const auto value = parse(expected);
  if (!value) return false;
  jq::Context context({});
  context.begin();
  if (jq::equals(context, actual, *value).value_or(false)) return true;
  const auto again = parse(write_json(actual));
  const auto wanted = parse(write_json(*value));
  return again && wanted && jq::equals(context, *again, *wanted).value_or(false);
}

// Empty if it passes, else why not.
std::string run(const Case& test) {
  auto program = JqProgram::compile(test.program);
  if (test.must_fail) return program ? "should not compile" : "";
  if (!program) return program.error().detail();
  const auto input = parse(test.input);
  if (!input) return "the input is no JSON: " + test.input;
  JqRun run({.limits = {.max_steps = 2'000'000'000, .max_memory_bytes = std::size_t{4} << 30}, .debug = {}});
  run.start(*program, *input);
  std::size_t outputs = 0;
  while (true) {
    auto output = run.next();
    // An error ends the outputs, and is itself no difference.
    if (!output) return outputs == test.expected.size() ? "" : output.error().detail();
    if (!*output) break;
    if (outputs == test.expected.size()) return "one output too many: " + write_json(**output);
    if (!matches(**output, test.expected[outputs]))
      return "expected " + test.expected[outputs] + ", is " + write_json(**output);
    ++outputs;
  }
  return outputs == test.expected.size() ? ""
                                         : "expected " + test.expected[outputs] + ", is the end of outputs";
}

std::map<std::string, std::string> read_skips(const char* name) {
  std::map<std::string, std::string> skips;
  std::ifstream file(name);
  std::string line;
  while (std::getline(file, line)) {
    if (is_ignored(line)) continue;
    const std::size_t tab = line.rfind('\t');
    skips.emplace(line.substr(0, tab), tab == std::string::npos ? "" : line.substr(tab + 1));
  }
  return skips;
}

int main_of(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "usage: linkspan_jq_conformance SKIP_FILE FILE...\n";
    return 2;
  }
  const auto skips = read_skips(arguments[1]);
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  for (int i = 2; i < count; ++i) {
    std::ifstream file(arguments[i]);
    if (!file) {
      std::cerr << arguments[i] << ": cannot be read\n";
      return 2;
    }
    for (const Case& test : read_cases(file)) {
      if (const auto skip = skips.find(test.program); skip != skips.end()) {
        ++skipped;
        continue;
      }
      const std::string why = run(test);
      ++(why.empty() ? passed : failed);
      if (!why.empty())
        std::cout << arguments[i] << ":" << test.line << ": " << test.program << "\n    " << why << "\n";
    }
  }
  std::cout << passed << " passed, " << failed << " failed, " << skipped << " skipped\n";
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace linkspan::data

int main(int count, char** arguments) {
  return linkspan::data::main_of(count, arguments);
}
