// The commands `linkspan api ...`, on files that describe APIs. See command.h for the conventions of
// commands.
#pragma once

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

}  // namespace linkspan::app
