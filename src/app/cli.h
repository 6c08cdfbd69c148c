// The command line: parsing, help and dispatch to app/commands. The only file that knows the parser library.
// Exit codes are in commands/command.h.
#pragma once

namespace linkspan::app {

int run_cli(int argc, char** argv);

}  // namespace linkspan::app
