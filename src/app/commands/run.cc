#include <memory>
#include <ostream>

#include "app/commands/commands.h"
#include "app/runtime.h"
#include "io/signals.h"

namespace linkspan::app {

int run_command(const std::string& config_path, const Output& output) {
  // Before any thread starts, so that all have the signals blocked.
  io::block_signals();
  const config::LoadResult loaded = load_or_report(config_path, output);
  if (!loaded.ok()) return kExitProblems;
  RealClock clock;
  Result<std::unique_ptr<Runtime>> runtime = Runtime::start(config_path, loaded, clock);
  if (!runtime) {
    output.err << "linkspan: " << runtime.error().to_string() << '\n';
    return kExitFailed;
  }
  (*runtime)->run();
  return kExitOk;
}

}  // namespace linkspan::app
