// The commands that are about runs of flows and their store. `list`, `show` and `watch` read the store's
// file, so that they work when nothing runs; the rest asks the running process, at the admin listener of the
// config.
#pragma once

#include <string>
#include <vector>

#include "app/commands/command.h"
#include "store/store.h"

namespace linkspan::app {

struct RunsOptions {
  std::string config_path{kDefaultConfigPath};
  std::string admin;  // URL; empty: as the config says
  bool json = false;
  // Which: one, or all that the filter fits.
  std::string run;
  std::string flow;
  std::string status;
  std::string before;
  unsigned limit = 50;
  // What to do.
  std::string step;
  std::string value;  // JSON
  std::string by;
  std::string from;       // a step
  std::string body_path;  // file of JSON, "-": standard input
  bool edit = false;
  bool yes = false;
  bool dry_run = false;
};

// "open", or a status of a run, as a filter; the empty word is any. False if there is no such one, which is
// said.
bool read_status_filter(const std::string& status, store::RunFilter& filter, const Output& output);

// `runs list`: the newest first.
int runs_list_command(const RunsOptions& options, const Output& output);
// `runs show`: a timeline, or JSON.
int runs_show_command(const RunsOptions& options, const Output& output);
// `runs watch`: the timeline as it grows, until the run has ended. kExitProblems if it does not complete.
int runs_watch_command(const RunsOptions& options, const Output& output);
// `runs retry|resume|skip|undo|cancel|approve`: `action` is the word. One run, or all that flow and status
// name. kExitProblems if any was refused.
int runs_act_command(const std::string& action, const RunsOptions& options, const Output& output);

struct RehearseOptions {
  std::string config_path{kDefaultConfigPath};
  std::string changed;            // config file with the changed flows
  std::vector<std::string> runs;  // ids; empty: the newest that the filter fits
  std::string only;               // a flow; empty: all that `changed` has
  std::string status;
  std::string before;
  unsigned limit = 100;
};
// `runs rehearse`: recorded runs against changed flows, nothing is sent. kExitProblems if any differs.
int runs_rehearse_command(const RehearseOptions& options, const Output& output);

struct RunFlowOptions {
  std::string config_path{kDefaultConfigPath};
  std::string admin;
  std::string flow;
  std::string input;  // file of JSON, "-": standard input, empty: null
};
// `run-flow`: starts a run and prints its id.
int run_flow_command(const RunFlowOptions& options, const Output& output);

struct StoreOptions {
  std::string config_path{kDefaultConfigPath};
  std::string to;
};
// `store backup`: copies the store, also while a process uses it.
int store_backup_command(const StoreOptions& options, const Output& output);
// `store check`: kExitProblems if something is wrong with it.
int store_check_command(const StoreOptions& options, const Output& output);
// `store vacuum`: gives unused space back; nobody else may use the store.
int store_vacuum_command(const StoreOptions& options, const Output& output);

}  // namespace linkspan::app
