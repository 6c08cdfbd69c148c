#include "catalog/problem.h"

#include <algorithm>
#include <tuple>

#include "base/strings.h"

namespace linkspan::catalog {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::information:
      return "information";
    case Severity::hint:
      return "hint";
  }
  return "error";
}

std::string to_string(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line != 0) {
    text += ':';
    append_u64(text, problem.line);
    text += ':';
    append_u64(text, problem.column);
  }
  if (!text.empty()) text += ": ";
  text.append(to_string(problem.severity)).append(": ").append(problem.message);
  if (!problem.pointer.empty()) text.append(" (").append(problem.pointer).append(")");
  if (!problem.rule.empty()) text.append(" [").append(problem.rule).append("]");
  return text;
}

void sort_by_place(std::vector<Problem>& problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
  });
}

bool has_errors(const std::vector<Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.severity == Severity::error; });
}

}  // namespace linkspan::catalog
