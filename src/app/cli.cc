#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "app/runtime.h"
#include "app/version.h"
#include "config/loader.h"
#include "io/signals.h"

namespace linkspan::app {

namespace {

constexpr int kExitProblems = 1;
constexpr int kExitUsage = 2;
constexpr int kExitFailed = 3;

int run_command(const std::string& path) {
  io::block_signals();
  const config::LoadResult loaded = config::load_path(path, config::system_sources());
  if (!loaded.ok()) {
    for (const config::Problem& problem : loaded.problems) std::cerr << to_string(problem) << "\n";
    return kExitProblems;
  }
  RealClock clock;
  Result<std::unique_ptr<Runtime>> runtime = Runtime::start({.config_path = path}, loaded, clock);
  if (!runtime) {
    std::cerr << "linkspan: " << runtime.error().to_string() << "\n";
    return kExitFailed;
  }
  (*runtime)->run();
  return 0;
}

}  // namespace

int run_cli(int argc, char** argv) {
  CLI::App app("Linkspan connects software systems through their APIs.", "linkspan");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(kVersion));
  std::string path = "linkspan.yaml";
  CLI::App* run = app.add_subcommand("run", "Serve by a config until told to stop");
  run->add_option("-c,--config", path, "Config file or directory")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (*run) return run_command(path);
  return kExitUsage;
}

}  // namespace linkspan::app
