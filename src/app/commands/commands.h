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

struct TestOptions {
  std::vector<std::string> files;  // configs; none: kDefaultConfigPath
  std::string filter;              // only tests with this in "FLOW / NAME"
  std::string junit;               // a file to write; empty: none
  bool tap = false;
};
// `test`: runs the tests of flows (flow/testing/flow_tests.h). kExitProblems if one fails, kExitUsage if a
// config is bad or no test passes the filter. Opens no socket and no store.
int test_command(const TestOptions& options, const Output& output);

struct KeysNewOptions {
  std::string consumer;  // may be empty
  std::string id = "k1";
};
// `keys new`: a fresh API key, and what to write into the config.
int keys_new_command(const KeysNewOptions& options, const Output& output);

struct JqOptions {
  std::vector<std::string> words;  // the program, unless `from_file` names it, then files or arguments
  std::string from_file;
  bool raw_output = false;
  bool join_output = false;
  bool ascii_output = false;
  bool compact_output = false;
  bool sort_keys = false;
  bool tab = false;
  unsigned indent = 2;
  bool null_input = false;
  bool raw_input = false;
  bool slurp = false;
  bool exit_status = false;
  bool words_are_args = false;
  bool words_are_json = false;
  using Named = std::vector<std::pair<std::string, std::string>>;  // name and value
  Named args;
  Named json_args;
  Named slurped_files;
  Named raw_files;
};
// `jq`: runs a jq program over JSON texts. Exit codes are those of jq: 5 if the program failed on an input, 3
// if it is no program, 2 for files and texts that cannot be read, and with `exit_status` 1 if the last output
// is false or null, 4 if there is none.
int jq_command(const JqOptions& options, const Output& output);

// `help SLUG`, also as it stands in problem documents ("urn:linkspan:error:SLUG").
int help_error_command(const std::string& slug, const Output& output);
// `help`: all slugs with their titles.
int help_errors_command(const Output& output);

// `version`: of Linkspan, its compiler and its libraries.
int version_command(const Output& output);

}  // namespace linkspan::app
