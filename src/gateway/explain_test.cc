// Runs the cases of testdata/explain/*.txt: the config, variables of the environment (`=== env NAME=VALUE`),
// the request (a line METHOD TARGET, then header fields), and after `=== text` or `=== json` what explain
// says. With LINKSPAN_UPDATE_GOLDENS set in the environment, that last section is rewritten with what came
// out.
#include "gateway/explain.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "config/loader.h"
#include "gateway/config_testing.h"

namespace linkspan::gateway {
namespace {

struct Case {
  std::string input;  // up to and with the last section's line
  std::string output_kind;
  std::map<std::string, std::string> sections;
};

Case read_case(const std::filesystem::path& path) {
  Case result;
  std::ifstream file(path, std::ios::binary);
  std::string section;
  for (std::string line; std::getline(file, line);) {
    const bool starts = line.starts_with("=== ");
    if (starts) section = line.substr(4);
    if (starts) result.sections[section];
    if (section == "text" || section == "json") result.output_kind = section;
    if (result.output_kind.empty() || starts) result.input += line + "\n";
    if (!starts) result.sections[section] += line + "\n";
  }
  return result;
}

ExplainRequest parse_request(const std::string& text) {
  ExplainRequest request;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  const std::size_t space = line.rfind(' ');
  request.method = line.substr(0, space);
  request.target = line.substr(space + 1);
  while (std::getline(lines, line)) {
    const auto [name, value] = split_once(line, ':');
    request.headers.emplace_back(name, trim(value.value_or("")));
  }
  return request;
}

std::optional<std::string> variable(const Case& test, std::string_view name) {
  const std::string start = "env " + std::string(name) + "=";
  for (const auto& [section, lines] : test.sections) {
    if (section.starts_with(start)) return section.substr(start.size());
  }
  return std::nullopt;
}

std::string run(const Case& test) {
  config::Sources sources = config::empty_sources();
  sources.environment = [&](std::string_view name) { return variable(test, name); };
  const config::LoadResult loaded =
      config::load_text("linkspan.yaml", test.sections.at("linkspan.yaml"), sources);
  for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << config::to_string(problem);
  if (!loaded.ok()) return {};
  MetricsRegistry registry;
  GatewayState state(registry);
  const auto snapshot = build_snapshot(loaded.config, state, 1);
  if (!snapshot) return snapshot.error().to_string() + "\n";
  const auto explanation = explain(**snapshot, parse_request(test.sections.at("request")), kNsPerSecond);
  if (!explanation) return explanation.error().to_string() + "\n";
  return test.output_kind == "json" ? render_json(*explanation) + "\n" : render_text(*explanation);
}

class Explain : public testing::TestWithParam<std::string> {};

TEST_P(Explain, says_what_the_golden_says) {
  const std::filesystem::path path =
      std::filesystem::path(LINKSPAN_SOURCE_DIR) / "src/gateway/testdata/explain" / (GetParam() + ".txt");
  const Case test = read_case(path);
  const std::string actual = run(test);
  if (std::getenv("LINKSPAN_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(path, std::ios::binary) << test.input << actual;
    return;
  }
  const auto expected = test.sections.find(test.output_kind);
  EXPECT_EQ(actual, expected != test.sections.end() ? expected->second : "");
  for (const auto& [section, lines] : test.sections) {
    if (!section.starts_with("env ")) continue;
    const std::string_view value = split_once(section, '=').second.value();
    EXPECT_EQ(actual.find(value), std::string::npos) << "shows " << section;
  }
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  const std::filesystem::path folder =
      std::filesystem::path(LINKSPAN_SOURCE_DIR) / "src/gateway/testdata/explain";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Goldens, Explain, testing::ValuesIn(case_names()),
                         [](const auto& test_info) { return test_info.param; });

TEST(ExplainCounting, explaining_uses_up_no_rate) {
  const auto config = std::make_shared<config::Config>();
  config->endpoints.push_back(test_endpoint("a", "/a"));
  config->endpoints[0].rate =
      config::RateLimitConfig{{1, std::chrono::hours(1)}, 1, config::RatePer::address};
  MetricsRegistry registry;
  GatewayState state(registry);
  const auto snapshot = build_snapshot(config, state, 1);
  ASSERT_TRUE(snapshot.ok());
  for (int i = 0; i < 3; ++i) {
    const auto explanation = explain(**snapshot, {.target = "/a"}, kNsPerSecond);
    ASSERT_TRUE(explanation.ok());
    EXPECT_EQ(explanation->status, 200);
  }
}

}  // namespace
}  // namespace linkspan::gateway
