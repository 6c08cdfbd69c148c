// The commands of `linkspan`, one file each. See command.h for their conventions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/commands/command.h"

namespace linkspan::app {

// `run`: serves until a signal ends it (runtime.h).
int run_command(const std::string& config_path, const Output& output);

// `check`: whether `run` would accept the config: loads it, and builds all that is built from it (routes,
// keys, TLS contexts). Opens no socket and no log file.
int check_command(const std::string& config_path, const Output& output);

// `config show`: the effective config, secrets masked.
int config_show_command(const std::string& config_path, const Output& output);

// `schema`: the JSON Schema of the config.
int schema_command(const Output& output);

struct ExplainOptions {
  std::string config_path;
  std::string method;
  std::string target;
  std::vector<std::string> headers;  // "Name: value"
  std::string client = "127.0.0.1";
  bool json = false;
};
// `explain`: what would happen to a request. kExitProblems if Linkspan would refuse it.
int explain_command(const ExplainOptions& options, const Output& output);

struct KeysNewOptions {
  std::string consumer;  // may be empty
  std::string id = "k1";
};
// `keys new`: a fresh API key, and what to write into the config.
int keys_new_command(const KeysNewOptions& options, const Output& output);

// `help SLUG`, also as it stands in problem documents ("urn:linkspan:error:SLUG").
int help_error_command(const std::string& slug, const Output& output);
// `help`: all slugs with their titles.
int help_errors_command(const Output& output);

// `version`: of Linkspan, its compiler and its libraries.
int version_command(const Output& output);

}  // namespace linkspan::app
