// What one run of the load generator does, from its command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace linkspan::loadgen {

struct Options {
  std::uint16_t target_port = 0;    // the proxy under test, on 127.0.0.1
  std::uint16_t upstream_port = 0;  // where this process answers as the upstream; 0: it plays the client only
  std::size_t connections = 64;
  double warmup_seconds = 0.5;
  double duration_seconds = 3;
  std::size_t body_bytes = 256;
  bool tls = false;
  bool block =
      false;  // sleep when nothing is ready instead of polling: shows what the generator itself costs
  std::string keys_file;     // one API key a line; empty: requests carry no key
  std::string paths_file;    // one path a line; empty: "/"
  std::vector<pid_t> watch;  // processes whose CPU time over the measured window is reported
};

// Ends the process with status 2 and a usage message if the command line is not understood.
Options parse_options(int argc, char** argv);

}  // namespace linkspan::loadgen
