// Reads, merges, decodes and validates a configuration: the one way to get a Config.
//
//   LoadResult result = load_path("linkspan.yaml", system_sources());
//   if (!result.config) for (const Problem& problem : result.problems) print(to_string(problem));
//
// Every problem is reported in one go, sorted by position. A load reads files but changes nothing and has no
// state: any thread may load, several at once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/problem.h"
#include "config/sources.h"

namespace linkspan::config {

struct LoadResult {
  std::shared_ptr<const Config> config;  // null if there is any problem
  std::vector<Problem> problems;
  // Every path that was read or tried, also when there are problems: the config files and the directories of
  // patterns, `${file:...}` references, certificates and keys. Sorted, without repeats; what a file watcher
  // watches.
  std::vector<std::string> files;

  bool ok() const { return config != nullptr; }
};

// `path` is a file, or a directory of which all *.yaml files are read in the order of their names.
LoadResult load_path(const std::string& path, const Sources& sources);

// The same for text that is already here. `name` stands for it in problems; relative paths are relative to
// the directory part of `name`.
LoadResult load_text(const std::string& name, std::string_view text, const Sources& sources);

// One flow out of FlowConfig::source. The names of apis and other flows in it are not looked up. Errors:
// config_invalid, the first problem with its line.
Result<FlowConfig> parse_flow(const std::string& source, const Sources& sources);

}  // namespace linkspan::config
