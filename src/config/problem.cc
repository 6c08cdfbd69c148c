#include "config/problem.h"

namespace linkspan::config {

std::string to_string(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) {
    text += ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column);
  }
  return text + ": " + problem.message;
}

}  // namespace linkspan::config
