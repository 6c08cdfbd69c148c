// Runs the cases of testdata/*.txt. A case is a list of sections, each begun by a line `=== WHAT`:
//
//   === linkspan.yaml        the main file, and likewise any further file
//   === env NAME=VALUE       a variable of the environment
//   === config apis log      last: the effective config (only these keys; all if none is named),
//   === problems             or the problems
//   === files                or the files to watch
//
// With LINKSPAN_UPDATE_GOLDENS set in the environment, the last section is rewritten with what came out.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/loader.h"
#include "config/publish.h"
#include "data/yaml.h"

namespace linkspan::config {
namespace {

struct Case {
  std::string input;  // all up to and with the last section's line
  std::map<std::string, std::string> files;
  std::map<std::string, std::string, std::less<>> environment;
  std::string output_kind;
  std::string expected;
};

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool is_output(std::string_view section) {
  return section.starts_with("config") || section == "problems" || section == "files";
}

Case parse_case(const std::string& text) {
  Case result;
  std::string section;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("=== ")) {
      section = line.substr(4);
      if (is_output(section)) result.output_kind = section;
      if (section.starts_with("env ")) {
        const auto [name, value] = split_once(std::string_view(section).substr(4), '=');
        result.environment.emplace(name, value.value_or(""));
      } else if (!is_output(section)) {
        result.files[section];
      }
      result.input += line + "\n";
    } else if (is_output(section)) {
      result.expected += line + "\n";
    } else {
      if (!section.empty() && !section.starts_with("env ")) result.files[section] += line + "\n";
      result.input += line + "\n";
    }
  }
  return result;
}

Sources sources_of(const Case& test) {
  return {[&test](std::string_view name) -> std::optional<std::string> {
            const auto found = test.environment.find(name);
            if (found == test.environment.end()) return std::nullopt;
            return found->second;
          },
          [&test](const std::string& path, std::size_t) -> Result<std::string> {
            const auto found = test.files.find(path);
            if (found == test.files.end()) return Error(errors::config_unreadable, "no such file");
            return found->second;
          },
          [&test](const std::string& path) -> Result<std::vector<std::string>> {
            std::vector<std::string> names;
            const std::string prefix = path == "." ? "" : path.ends_with('/') ? path : path + "/";
            for (const auto& [name, content] : test.files) {
              if (name.starts_with(prefix))
                names.push_back(name.substr(prefix.size(), name.find('/', prefix.size())));
            }
            if (names.empty()) return Error(errors::config_unreadable, "no such file");
            return names;
          }};
}

// The top-level keys that the case asks for, out of the whole.
std::string selected(const std::string& shown, std::string_view keys) {
  std::string result;
  bool wanted = false;
  std::istringstream lines(shown);
  for (std::string line; std::getline(lines, line);) {
    if (line[0] != ' ' && line[0] != '-') {
      const std::string key = line.substr(0, line.find(':'));
      wanted = keys.empty();
      for (std::string_view one : split(keys, ' ')) wanted = wanted || one == key;
    }
    if (wanted) result += line + "\n";
  }
  return result;
}

std::string output_of(const Case& test, const LoadResult& result) {
  std::string text;
  if (test.output_kind == "files") {
    for (const std::string& file : result.files) text += file + "\n";
    return text;
  }
  for (const Problem& problem : result.problems) text += to_string(problem) + "\n";
  if (!result.ok()) return text;
  const std::string_view keys =
      std::string_view(test.output_kind).substr(std::min<std::size_t>(7, test.output_kind.size()));
  return text + selected(show(*result.config), test.output_kind == "problems" ? "" : keys);
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(LINKSPAN_SOURCE_DIR "/src/config/testdata")) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class ConfigGolden : public testing::TestWithParam<std::string> {};

TEST_P(ConfigGolden, comes_out_as_written) {
  const std::filesystem::path path =
      std::filesystem::path(LINKSPAN_SOURCE_DIR "/src/config/testdata") / (GetParam() + ".txt");
  const Case test = parse_case(read_text(path));
  ASSERT_FALSE(test.output_kind.empty()) << path << " has no output section";
  const Sources sources = sources_of(test);
  // A case with a file linkspan.yaml is a file, else a directory "conf".
  const LoadResult result =
      load_path(test.files.contains("linkspan.yaml") ? "linkspan.yaml" : "conf", sources);
  const std::string output = output_of(test, result);
  if (std::getenv("LINKSPAN_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(path, std::ios::binary) << test.input << output;
    return;
  }
  EXPECT_EQ(output, test.expected) << path;
  for (const auto& [name, value] : test.environment) {
    if (!name.starts_with("SECRET")) continue;
    EXPECT_EQ(output.find(value), std::string::npos) << "shows " << name;
  }
  if (!result.ok()) return;
  // What is shown loads again and shows the same; unless it holds "***", which is not what was meant.
  const std::string shown = show(*result.config);
  if (shown.find("***") != std::string::npos) return;
  const LoadResult again = load_text("again.yaml", shown, sources);
  ASSERT_TRUE(again.ok()) << to_string(again.problems[0]) << "\n" << shown;
  EXPECT_EQ(show(*again.config), shown);
}

INSTANTIATE_TEST_SUITE_P(Cases, ConfigGolden, testing::ValuesIn(case_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace linkspan::config
