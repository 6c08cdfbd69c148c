// What is wrong with a config, and where.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace linkspan::config {

// `file` is the name as the user wrote it (or as an include did). Line and column begin at 1; 0 means the
// whole file. The message never holds a value that came from a reference.
struct Problem {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
  std::string message;

  bool operator==(const Problem&) const = default;
};

// "linkspan.yaml:14:5: unknown key ...", or "linkspan.yaml: cannot be read ..." without a line.
std::string to_string(const Problem& problem);

}  // namespace linkspan::config
