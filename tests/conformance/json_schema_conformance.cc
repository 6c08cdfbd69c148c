// ./dev conformance json-schema: runs directories of the JSON Schema Test Suite and counts.
//
//   linkspan_json_schema_conformance [--draft D] DIR...
//
// Every .json file in DIR and below is a list of groups, each with a schema and tests of it. The draft is D
// (4, 6, 7 or 2020-12), else what a folder on the way to the file is called (draft4, draft2020-12); files of
// drafts that are not supported are skipped. The folder `remotes` beside or above DIR is what
// http://localhost:1234/ serves. Formats are asserted in files below optional/format. A test passes if
// `is_valid` and `validate` both say what it expects.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "data/json_parse.h"
#include "data/schema/schema.h"

namespace linkspan::data {
namespace {

namespace fs = std::filesystem;

struct Remote {
  std::string uri;
  JsonValue document;
  std::optional<SchemaDialect> dialect;  // by its folder
};

struct Counts {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
};

std::optional<SchemaDialect> dialect_named(std::string_view name) {
  if (name.starts_with("draft")) name.remove_prefix(5);
  if (name == "4") return SchemaDialect::draft4;
  if (name == "6") return SchemaDialect::draft6;
  if (name == "7") return SchemaDialect::draft7;
  if (name == "2020-12") return SchemaDialect::draft2020_12;
  return std::nullopt;
}

bool is_draft_folder(const std::string& name) {
  return (name.starts_with("draft") && name.size() > 5) || name == "v1";
}

// The last folder on the way that is called as a draft; empty if there is none.
std::string draft_of(const fs::path& path) {
  std::string draft;
  for (const fs::path& part : path.parent_path()) {
    if (is_draft_folder(part.string())) draft = part.string();
  }
  return draft;
}

std::optional<JsonValue> read(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  auto value = parse_json(text.str());
  if (!value) {
    std::cerr << path.string() << ": " << value.error().detail() << "\n";
    return std::nullopt;
  }
  return *std::move(value);
}

std::vector<fs::path> json_files(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const fs::path& path = entry.path();
    const bool remote = std::find(path.begin(), path.end(), "remotes") != path.end();
    if (entry.is_regular_file() && path.extension() == ".json" && !remote) files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Remote> read_remotes(const fs::path& directory) {
  std::vector<Remote> remotes;
  fs::path at = fs::weakly_canonical(directory);
  while (!fs::is_directory(at / "remotes") && at.has_relative_path()) at = at.parent_path();
  if (!fs::is_directory(at / "remotes")) return remotes;
  for (const auto& entry : fs::recursive_directory_iterator(at / "remotes")) {
    if (!entry.is_regular_file() || entry.path().extension() != ".json") continue;
    const fs::path name = entry.path().lexically_relative(at / "remotes");
    const std::string draft = draft_of(name);
    const auto dialect = dialect_named(draft);
    if (!draft.empty() && !dialect) continue;
    if (auto document = read(entry.path()))
      remotes.push_back({"http://localhost:1234/" + name.generic_string(), *std::move(document), dialect});
  }
  return remotes;
}

std::string text_of(const JsonValue& object, std::string_view key) {
  const JsonValue* value = object.find(key);
  return value != nullptr && value->is_string() ? std::string(value->string()) : "";
}

Result<JsonSchema> compile(const JsonValue& schema, SchemaDialect dialect,
                           const std::vector<Remote>& remotes) {
  SchemaSet set;
  for (const Remote& remote : remotes) {
    if (auto ok = set.add(remote.uri, remote.document, remote.dialect.value_or(dialect)); !ok)
      return std::move(ok).error();
  }
  if (auto ok = set.add("", schema, dialect); !ok) return std::move(ok).error();
  return set.compile("");
}

// Empty if it passes, else why not.
std::string run(const Result<JsonSchema>& schema, const JsonValue& test, bool assert_formats) {
  if (!schema) return schema.error().to_string();
  const JsonValue* data = test.find("data");
  const JsonValue* valid = test.find("valid");
  if (data == nullptr || valid == nullptr) return "the test has no data, or does not say what to expect";
  const SchemaCheck check{.assert_formats = assert_formats};
  const auto problems = schema->validate(*data, check);
  if (schema->is_valid(*data, check) != problems.empty()) return "is_valid and validate differ";
  if (problems.empty() == valid->is_true()) return "";
  return problems.empty() ? "should be invalid" : "should be valid; " + problems.front().to_string();
}

void run_file(const fs::path& path, SchemaDialect dialect, const std::vector<Remote>& remotes,
              Counts& counts) {
  const auto groups = read(path);
  if (!groups) {
    ++counts.failed;
    return;
  }
  const bool assert_formats = path.generic_string().find("optional/format/") != std::string::npos;
  for (const JsonValue& group : groups->items()) {
    const JsonValue* schema = group.find("schema");
    const JsonValue* tests = group.find("tests");
    if (schema == nullptr || tests == nullptr) continue;
    const auto compiled = compile(*schema, dialect, remotes);
    for (const JsonValue& test : tests->items()) {
      const std::string why = run(compiled, test, assert_formats);
      ++(why.empty() ? counts.passed : counts.failed);
      if (why.empty()) continue;
      std::cout << path.string() << ": " << text_of(group, "description") << ": "
                << text_of(test, "description") << "\n    " << why << "\n";
    }
  }
}

std::size_t count_tests(const fs::path& path) {
  std::size_t count = 0;
  const auto groups = read(path);
  if (!groups) return 0;
  for (const JsonValue& group : groups->items()) {
    if (const JsonValue* tests = group.find("tests")) count += tests->size();
  }
  return count;
}

bool run_directory(const fs::path& directory, std::optional<SchemaDialect> forced, Counts& counts) {
  if (!fs::is_directory(directory)) {
    std::cerr << directory.string() << ": is no directory\n";
    return false;
  }
  const auto remotes = read_remotes(directory);
  for (const fs::path& path : json_files(fs::weakly_canonical(directory))) {
    const std::string draft = draft_of(path);
    const auto dialect = forced ? forced : draft.empty() ? SchemaDialect::draft2020_12 : dialect_named(draft);
    if (dialect) {
      run_file(path, *dialect, remotes, counts);
    } else {
      counts.skipped += count_tests(path);
    }
  }
  return true;
}

int main_of(int count, char** arguments) {
  std::optional<SchemaDialect> forced;
  std::vector<std::string> directories;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    std::string draft;
    if (argument.starts_with("--draft=")) {
      draft = argument.substr(8);
    } else if (argument == "--draft" && i + 1 < count) {
      draft = arguments[++i];
    } else {
      directories.push_back(argument);
      continue;
    }
    forced = dialect_named(draft);
    if (!forced) {
      std::cerr << "--draft must be 4, 6, 7 or 2020-12, is " << draft << "\n";
      return 2;
    }
  }
  if (directories.empty()) {
    std::cerr << "usage: linkspan_json_schema_conformance [--draft D] DIR...\n";
    return 2;
  }
  Counts counts;
  for (const std::string& directory : directories) {
    if (!run_directory(directory, forced, counts)) return 2;
  }
  std::cout << counts.passed << " passed, " << counts.failed << " failed, " << counts.skipped << " skipped\n";
  return counts.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace linkspan::data

int main(int count, char** arguments) {
  return linkspan::data::main_of(count, arguments);
}
