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
}

std::optional<int> ApiCommandLine::dispatch(const Output& output) const {
  if (*show_command_) return api_show_command(show_, output);
  return std::nullopt;
}

}  // namespace linkspan::app
