// The command line. Exit codes: 0 done; 1 the config (or what was asked about) has problems; 2 the command line is wrong;
// 3 it could not start or had to end.
#pragma once

namespace linkspan::app {

int run_cli(int argc, char** argv);

}  // namespace linkspan::app
