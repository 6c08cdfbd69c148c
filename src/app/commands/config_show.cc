#include <ostream>

#include "app/commands/commands.h"
#include "config/publish.h"

namespace linkspan::app {

int config_show_command(const std::string& config_path, const Output& output) {
  const config::LoadResult loaded = load_or_report(config_path, output);
  if (!loaded.ok()) return kExitProblems;
  output.out << config::show(*loaded.config);
  return kExitOk;
}

int schema_command(const Output& output) {
  output.out << config::json_schema();
  return kExitOk;
}

}  // namespace linkspan::app
