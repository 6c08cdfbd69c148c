#include <algorithm>
#include <ostream>

#include "app/commands/api_support.h"
#include "catalog/lint.h"
#include "data/json_write.h"

namespace linkspan::app {

namespace {

int list_rules(const Output& output) {
  for (const catalog::LintRule& rule : catalog::lint_rules())
    output.out << rule.name << "  " << to_string(rule.severity) << "  " << rule.what << '\n';
  return kExitOk;
}

void print_counts(const std::vector<catalog::Problem>& problems, const Output& output) {
  const auto errors = std::count_if(problems.begin(), problems.end(), [](const catalog::Problem& problem) {
    return problem.severity == catalog::Severity::error;
  });
  const auto others = static_cast<std::ptrdiff_t>(problems.size()) - errors;
  output.out << errors << (errors == 1 ? " error, " : " errors, ") << others
             << (others == 1 ? " warning\n" : " warnings\n");
}

}  // namespace

int api_lint_command(const ApiLintOptions& options, const Output& output) {
  if (options.rules) return list_rules(output);
  if (options.file.empty()) {
    output.err << "linkspan: api lint needs a FILE\nSee \"linkspan api lint --help\".\n";
    return kExitUsage;
  }
  const catalog::LoadResult loaded = load_description(options.file, options.root);
  std::vector<catalog::Problem> problems = lint(loaded);
  name_from_here(options.file, options.root, problems);
  if (options.json) {
    output.out << data::write_json(problems_to_json(problems), {.indent = 2}) << '\n';
  } else {
    print_problems(problems, output.out);
    print_counts(problems, output);
  }
  const bool is_bad = options.strict ? !problems.empty() : has_errors(problems);
  return is_bad || !loaded.api ? kExitProblems : kExitOk;
}

}  // namespace linkspan::app
