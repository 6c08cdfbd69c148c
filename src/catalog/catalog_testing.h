// For the unit tests of the catalog: descriptions in memory.
#pragma once

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "catalog/load.h"

namespace linkspan::catalog::testing {

using Files = std::map<std::string, std::string>;

inline DocumentLoader loader_of(Files files) {
  return [files = std::move(files)](const std::string& path) -> Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return Error(errors::api_unreadable, "there is no file \"" + path + "\"");
    return found->second;
  };
}

inline LoadResult load_files(Files files, const LoadLimits& limits = {}) {
  return load_api("api.yaml", loader_of(std::move(files)), limits);
}

inline LoadResult load_text(std::string text, const LoadLimits& limits = {}) {
  return load_files({{"api.yaml", std::move(text)}}, limits);
}

inline std::string texts_of(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += to_string(problem) + "\n";
  return text;
}

// Of a text that must be understood without a problem.
inline std::shared_ptr<const Api> loaded(std::string text) {
  LoadResult result = load_text(std::move(text));
  EXPECT_EQ(texts_of(result.problems), "");
  EXPECT_NE(result.api, nullptr);
  return result.api;
}

// A description of OpenAPI 3.1 with these paths, indented by two blanks, and what else is given.
inline std::string with_paths(const std::string& paths, const std::string& more = "") {
  return "openapi: 3.1.0\ninfo: { title: Test, version: '1' }\npaths:\n" + paths + more;
}

}  // namespace linkspan::catalog::testing
