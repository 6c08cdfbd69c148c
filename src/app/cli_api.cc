#include "app/cli_api.h"

#include <CLI/CLI.hpp>

namespace linkspan::app {

namespace {

CLI::App* add_command(CLI::App& parent, const char* name, const char* what, const char* footer) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->footer(footer)->group("Commands");
  return command;
}

void add_common(CLI::App& command, ApiOptions& options) {
  command
      .add_option("FILE", options.file, "The description: OpenAPI 3.0 to 3.2 or Swagger 2.0, YAML or JSON")
      ->type_name("")
      ->required();
  command
      .add_option("--root", options.root,
                  "Folder that its references may not leave; without it, that of FILE")
      ->type_name("DIR");
  command.add_flag("--json", options.json, "Print JSON");
}

}  // namespace

void ApiCommandLine::define(CLI::App& parent) {
  CLI::App* api = add_command(parent, "api", "Look at descriptions of APIs (OpenAPI, Swagger)", "");
  api->require_subcommand(1);
  show_command_ = add_command(
      *api, "show", "Print the operations of an API, or all about one",
      "What is not understood in the description is printed with its place.\n"
      "Exit code 1 if FILE is no description, or has no such operation.\n\n"
      "Examples:\n  linkspan api show openapi.yaml\n  linkspan api show openapi.yaml createOrder\n"
      "  linkspan api show openapi.yaml 'POST /orders' --json");
  add_common(*show_command_, show_);
  show_command_->add_option("OPERATION", show_.operation, "Its id, or 'METHOD /path'")->type_name("");
  define_lint(*api);
  define_diff(*api);
  define_example(*api);
}

void ApiCommandLine::define_lint(CLI::App& api) {
  lint_command_ =
      add_command(api, "lint", "Say what is wrong with a description, or could be better",
                  "Each finding has its place and the name of its rule; rules have the names that they\n"
                  "have in Spectral. \"linkspan api lint --rules\" lists them.\n"
                  "Exit code 1 if there are errors, with --strict also for warnings.\n\n"
                  "Examples:\n  linkspan api lint openapi.yaml\n"
                  "  linkspan api lint openapi.yaml --strict --json");
  add_common(*lint_command_, lint_);
  lint_command_->get_option("FILE")->required(false);
  lint_command_->add_flag("--strict", lint_.strict, "Exit with 1 for warnings too");
  lint_command_->add_flag("--rules", lint_.rules, "List the rules instead");
}

void ApiCommandLine::define_diff(CLI::App& api) {
  diff_command_ =
      add_command(api, "diff", "Say what changed between two descriptions, and what of it breaks callers",
                  "Breaking is what makes a request that was good refused, or an answer one that callers "
                  "were not told of.\n"
                  "Exit code 1 if a change is breaking, 3 if OLD or NEW is no description, else 0.\n\n"
                  "Examples:\n  linkspan api diff old.yaml new.yaml\n"
                  "  linkspan api diff old.yaml new.yaml --breaking --json");
  diff_command_->add_option("OLD", diff_.before, "The description as it was")->type_name("")->required();
  diff_command_->add_option("NEW", diff_.after, "The description as it is now")->type_name("")->required();
  diff_command_->add_flag("--breaking", diff_.breaking_only, "Only breaking changes");
  diff_command_->add_flag("--json", diff_.json, "Print JSON");
}

void ApiCommandLine::define_example(CLI::App& api) {
  example_command_ = add_command(
      api, "example", "Print an example request of an operation, and responses",
      "Examples that the description has come first where they are valid; the rest is made up, the same\n"
      "for the same --seed.\n"
      "Exit code 1 if an example cannot be made, or (with --check) is not what the description asks for.\n\n"
      "Examples:\n  linkspan api example openapi.yaml createOrder\n"
      "  linkspan api example openapi.yaml 'GET /orders/{id}' --seed 7 --json\n"
      "  linkspan api example openapi.yaml --all --check");
  add_common(*example_command_, example_);
  example_command_->add_option("OPERATION", example_.operation, "Its id, or 'METHOD /path'")->type_name("");
  example_command_->add_flag("--all", example_.all, "Every operation");
  example_command_->add_flag("--check", example_.check,
                             "Print nothing but what is wrong with the examples by the description itself");
  example_command_->add_option("--seed", example_.seed, "Another number, other examples")
      ->type_name("N")
      ->capture_default_str();
}

std::optional<int> ApiCommandLine::dispatch(const Output& output) const {
  if (*show_command_) return api_show_command(show_, output);
  if (*lint_command_) return api_lint_command(lint_, output);
  if (*diff_command_) return api_diff_command(diff_, output);
  if (*example_command_) return api_example_command(example_, output);
  return std::nullopt;
}

}  // namespace linkspan::app
