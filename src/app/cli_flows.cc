#include "app/cli_flows.h"

#include <CLI/CLI.hpp>

namespace linkspan::app {

namespace {

CLI::App* add_command(CLI::App& parent, const char* name, const char* what, const char* footer) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->footer(footer)->group("Commands");
  return command;
}

void add_config(CLI::App& command, std::string& path) {
  command.add_option("-c,--config", path, "Config file, or a directory of *.yaml files")
      ->type_name("FILE")
      ->capture_default_str();
}

void add_admin(CLI::App& command, std::string& url) {
  command.add_option("--admin", url, "The admin listener, if it is not where the config says")
      ->type_name("URL");
}

void add_filter(CLI::App& command, RunsOptions& options) {
  command.add_option("--flow", options.flow, "Only runs of this flow")->type_name("NAME");
  command
      .add_option("--status", options.status,
                  "Only runs that are open, queued, running, waiting, parked, undoing, completed, undone or "
                  "cancelled")
      ->type_name("STATUS");
}

}  // namespace

void FlowCommandLine::define(CLI::App& parent) {
  CLI::App* runs = add_command(parent, "runs", "Look at runs of flows, and repair them", "");
  runs->require_subcommand(1);
  define_reading(*runs);
  define_retry(*runs);
  define_action(*runs, "resume", "Have a run go on now: what is parked, and what waits to be tried again",
                "A `wait` of the flow ends only if --step names it.\n\n"
                "Examples:\n  linkspan runs resume abcd2345-17\n"
                "  linkspan runs resume --flow order-intake --dry-run");
  define_action(*runs, "skip", "Go on as if the parked step were done",
                "--value is what the step would have given.\n\n"
                "Example:\n  linkspan runs skip abcd2345-17 --step crm --by ada");
  define_action(*runs, "undo", "Undo what a run has done so far",
                "Example:\n  linkspan runs undo abcd2345-17");
  define_action(*runs, "cancel", "End a run, and undo what it has done",
                "Example:\n  linkspan runs cancel abcd2345-17");
  define_action(
      *runs, "approve", "Give the decision that a run waits for",
      "--value is the decision, true if not given.\n\n"
      "Example:\n  linkspan runs approve abcd2345-17 --step release --by ada --value '{\"ok\":false}'");
  define_rehearse(*runs);
  define_run_flow(parent);
  define_store(parent);
}

void FlowCommandLine::define_reading(CLI::App& runs) {
  list_ = add_command(runs, "list", "List runs, the newest first",
                      "Reads the store, so it works when nothing runs.\n\n"
                      "Example:\n  linkspan runs list --status parked");
  add_config(*list_, options_.config_path);
  add_filter(*list_, options_);
  list_->add_option("--before", options_.before, "Only runs that began before this one")->type_name("RUN");
  list_->add_option("--limit", options_.limit, "At most so many")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  list_->add_flag("--json", options_.json, "Print JSON");
  show_ = add_command(
      runs, "show", "Show what happened in a run, line by line",
      "Reads the store, so it works when nothing runs.\n\nExample:\n  linkspan runs show abcd2345-17");
  watch_ = add_command(runs, "watch", "Show what happens in a run until it has ended",
                       "Exit code 1 if the run was undone or cancelled.\n\n"
                       "Example:\n  linkspan runs watch abcd2345-17");
  for (CLI::App* command : {show_, watch_}) {
    command->add_option("RUN", options_.run, "The id of the run")->type_name("")->required();
    add_config(*command, options_.config_path);
  }
  show_->add_flag("--json", options_.json, "Print JSON");
}

void FlowCommandLine::define_retry(CLI::App& runs) {
  CLI::App* command = define_action(
      runs, "retry", "Try again what is parked",
      "--value, --body and --edit give the body to send instead of the one that failed. With --from, that "
      "step\n"
      "and all that come after it are done anew; what they had done is done once more, which needs --yes.\n\n"
      "Examples:\n  linkspan runs retry abcd2345-17\n"
      "  linkspan runs retry abcd2345-17 --edit\n"
      "  linkspan runs retry abcd2345-17 --from charge --yes --by ada\n"
      "  linkspan runs retry --flow order-intake --dry-run");
  command->add_option("--from", options_.from, "Do this step anew, and all that come after it")
      ->type_name("STEP");
  command->add_flag("--edit", options_.edit, "Edit the body in $VISUAL or $EDITOR first");
  command->add_option("--body", options_.body_path, "The body to send, a file of JSON; - is standard input")
      ->type_name("FILE");
  command->add_flag("--yes", options_.yes, "Do again what was done");
}

CLI::App* FlowCommandLine::define_action(CLI::App& runs, const char* name, const char* what,
                                         const char* footer) {
  CLI::App* command = add_command(runs, name, what, footer);
  command->add_option("RUN", options_.run, "The id of the run; else choose by --flow and --status")
      ->type_name("");
  add_filter(*command, options_);
  command->add_flag("--dry-run", options_.dry_run, "List the runs that it would be done to");
  command->add_option("--step", options_.step, "The step, where several are parked")->type_name("NAME");
  command->add_option("--value", options_.value, "See below")->type_name("JSON");
  command->add_option("--by", options_.by, "Who does it and why, for the journal")->type_name("TEXT");
  add_config(*command, options_.config_path);
  add_admin(*command, options_.admin);
  actions_.emplace_back(command, name);
  return command;
}

void FlowCommandLine::define_rehearse(CLI::App& runs) {
  rehearse_ = add_command(
      runs, "rehearse", "Show what recorded runs would do differently with a changed flow; nothing is sent",
      "FILE is a whole config, as it would be deployed. Every call is answered by what the journal has; one "
      "that\n"
      "was not made then by its description's example, which is said. Reads the store that -c names.\n"
      "Exit code 1 if a run differs, so that a deploy can depend on it.\n\n"
      "Example:\n  linkspan runs rehearse --flow new/linkspan.yaml --status completed");
  rehearse_->add_option("RUN", rehearse_options_.runs, "Ids of runs; else the newest that the filter fits")
      ->type_name("");
  rehearse_->add_option("--flow", rehearse_options_.changed, "The config with the changed flow")
      ->type_name("FILE")
      ->required();
  rehearse_->add_option("--only", rehearse_options_.only, "Only runs of this flow; else of all that FILE has")
      ->type_name("NAME");
  rehearse_
      ->add_option("--status", rehearse_options_.status,
                   "Only runs that are open, queued, running, waiting, parked, undoing, completed, undone or "
                   "cancelled")
      ->type_name("STATUS");
  rehearse_->add_option("--before", rehearse_options_.before, "Only runs that began before this one")
      ->type_name("RUN");
  rehearse_->add_option("--limit", rehearse_options_.limit, "At most so many")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  add_config(*rehearse_, rehearse_options_.config_path);
}

void FlowCommandLine::define_run_flow(CLI::App& parent) {
  run_flow_ = add_command(parent, "run-flow", "Start a run of a flow, and print its id",
                          "Example:\n  linkspan run-flow order-intake --input order.json");
  run_flow_->add_option("NAME", run_flow_options_.flow, "The flow")->type_name("")->required();
  run_flow_->add_option("--input", run_flow_options_.input, "Its input, a file of JSON; - is standard input")
      ->type_name("FILE");
  add_config(*run_flow_, run_flow_options_.config_path);
  add_admin(*run_flow_, run_flow_options_.admin);
}

void FlowCommandLine::define_store(CLI::App& parent) {
  CLI::App* store =
      add_command(parent, "store", "Keep the store of flows: copy it, check it, make it smaller", "");
  store->require_subcommand(1);
  backup_ = add_command(*store, "backup", "Copy the store to a new file, also while Linkspan runs",
                        "Example:\n  linkspan store backup /backup/linkspan-monday.db");
  backup_->add_option("FILE", store_options_.to, "The file to make")->type_name("")->required();
  check_ = add_command(*store, "check", "Read all of the store, and say what is wrong with it",
                       "Exit code 1 if something is.\n\nExample:\n  linkspan store check");
  vacuum_ = add_command(*store, "vacuum", "Write the store anew without unused space; Linkspan must not run",
                        "Example:\n  linkspan store vacuum");
  for (CLI::App* command : {backup_, check_, vacuum_}) add_config(*command, store_options_.config_path);
}

std::optional<int> FlowCommandLine::dispatch(const Output& output) const {
  if (*list_) return runs_list_command(options_, output);
  if (*show_) return runs_show_command(options_, output);
  if (*watch_) return runs_watch_command(options_, output);
  for (const auto& [command, name] : actions_) {
    if (*command) return runs_act_command(name, options_, output);
  }
  if (*rehearse_) return runs_rehearse_command(rehearse_options_, output);
  if (*run_flow_) return run_flow_command(run_flow_options_, output);
  if (*backup_) return store_backup_command(store_options_, output);
  if (*check_) return store_check_command(store_options_, output);
  if (*vacuum_) return store_vacuum_command(store_options_, output);
  return std::nullopt;
}

}  // namespace linkspan::app
