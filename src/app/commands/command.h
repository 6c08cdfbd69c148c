// What the commands have in common. A command takes what the command line said as plain values, writes text
// to two streams, and returns the exit code of the process; it never ends it. cli.cc is the one place that
// parses.
#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "config/config.h"
#include "config/loader.h"

namespace linkspan::app {

enum ExitCode : int {
  kExitOk = 0,
  kExitProblems = 1,  // the config has problems; what was asked about does not exist or is refused
  kExitUsage = 2,     // the command line is wrong
  kExitFailed = 3,    // it could not start or finish
};

// Without -c.
inline constexpr std::string_view kDefaultConfigPath = "linkspan.yaml";

// Where a command writes: results to `out`, problems to `err`.
struct Output {
  std::ostream& out;
  std::ostream& err;
};

// Loads a config; on problems prints them, one a line with file, line and column, and returns what has no
// config.
config::LoadResult load_or_report(const std::string& path, const Output& output);

// What is wrong with a config that cannot be built, in the form of a problem of loading.
void report_build_error(const Error& error, const config::Config& config, const Output& output);

}  // namespace linkspan::app
