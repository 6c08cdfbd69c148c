// The part of the command line that is about flows: `linkspan runs`, `linkspan run-flow` and `linkspan
// store`.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/commands/runs.h"

namespace CLI {
class App;
}

namespace linkspan::app {

class FlowCommandLine {
 public:
  // Adds the commands to `parent`, which keeps pointers to this object.
  void define(CLI::App& parent);
  // The exit code of the command that was given; nullopt if it was none of these.
  std::optional<int> dispatch(const Output& output) const;

 private:
  void define_reading(CLI::App& runs);
  void define_retry(CLI::App& runs);
  CLI::App* define_action(CLI::App& runs, const char* name, const char* what, const char* footer);
  void define_rehearse(CLI::App& runs);
  void define_run_flow(CLI::App& parent);
  void define_store(CLI::App& parent);

  RunsOptions options_;
  CLI::App* list_ = nullptr;
  CLI::App* show_ = nullptr;
  CLI::App* watch_ = nullptr;
  std::vector<std::pair<CLI::App*, std::string>> actions_;
  CLI::App* rehearse_ = nullptr;
  RehearseOptions rehearse_options_;
  CLI::App* run_flow_ = nullptr;
  RunFlowOptions run_flow_options_;
  CLI::App* backup_ = nullptr;
  CLI::App* check_ = nullptr;
  CLI::App* vacuum_ = nullptr;
  StoreOptions store_options_;
};

}  // namespace linkspan::app
