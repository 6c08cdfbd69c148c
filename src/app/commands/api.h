// The commands `linkspan api ...`, on files that describe APIs. See command.h for the conventions of
// commands.
#pragma once

#include <cstdint>
#include <string>

#include "app/commands/command.h"

namespace linkspan::app {

struct ApiOptions {
  std::string file;
  std::string root;  // the folder that references may not leave; that of the file if empty
  bool json = false;
};

struct ApiShowOptions : ApiOptions {
  std::string operation;  // all if empty
};
// `api show`: what was understood. kExitProblems if the file is no description, or has no such operation;
// other problems are printed and do no harm.
int api_show_command(const ApiShowOptions& options, const Output& output);

// `api lint`: what is wrong with a description, or could be better. kExitProblems if there is an error, or
// with `strict` anything at all.
struct ApiLintOptions : ApiOptions {
  bool strict = false;
  bool rules = false;  // prints the rules instead
};
int api_lint_command(const ApiLintOptions& options, const Output& output);

struct ApiDiffOptions {
  std::string before;
  std::string after;
  bool breaking_only = false;
  bool json = false;
};
// `api diff`: what changed between two descriptions. kExitProblems if something that changed breaks who uses
// the API, kExitFailed if one of the two is no description.
int api_diff_command(const ApiDiffOptions& options, const Output& output);

struct ApiExampleOptions : ApiOptions {
  std::string operation;
  bool all = false;    // of every operation
  bool check = false;  // whether the examples are what the description asks for, instead of the examples
  std::uint64_t seed = 0;
};
// `api example`: a whole request, and responses. kExitProblems if the file is no description, has no such
// operation, or an example cannot be made or (with `check`) is not valid.
int api_example_command(const ApiExampleOptions& options, const Output& output);

}  // namespace linkspan::app
