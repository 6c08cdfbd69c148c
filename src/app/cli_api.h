// The part of the command line that begins with `linkspan api`.
#pragma once

#include <optional>

#include "app/commands/api.h"

namespace CLI {
class App;
}

namespace linkspan::app {

class ApiCommandLine {
 public:
  // Adds the commands to `parent`, which keeps pointers to this object.
  void define(CLI::App& parent);
  // The exit code of the command that was given; nullopt if it was none of these.
  std::optional<int> dispatch(const Output& output) const;

 private:
  void define_example(CLI::App& api);
  void define_lint(CLI::App& api);
  void define_diff(CLI::App& api);

  CLI::App* show_command_ = nullptr;
  ApiShowOptions show_;
  CLI::App* lint_command_ = nullptr;
  ApiLintOptions lint_;
  CLI::App* diff_command_ = nullptr;
  ApiDiffOptions diff_;
  CLI::App* example_command_ = nullptr;
  ApiExampleOptions example_;
};

}  // namespace linkspan::app
