#include <memory>
#include <ostream>
#include <string_view>

#include "app/commands/commands.h"
#include "app/generation.h"
#include "app/log_setup.h"
#include "app/workers.h"
#include "base/metrics.h"

namespace linkspan::app {

namespace {

// All that `run` makes out of the config before it opens sockets.
Result<void> build(const std::shared_ptr<const config::Config>& config) {
  RealClock clock;
  MetricsRegistry metrics;
  gateway::GatewayState state(metrics);
  Result<std::shared_ptr<io::TlsTickets>> tickets = io::TlsTickets::create(clock);
  if (!tickets) return std::move(tickets).error();
  metrics.begin_generation();
  Result<std::shared_ptr<const Generation>> built = build_generation({.config = config,
                                                                      .state = state,
                                                                      .tickets = *tickets,
                                                                      .previous = nullptr,
                                                                      .workers = worker_count(*config),
                                                                      .now = clock.wall_ns()});
  if (!built) return std::move(built).error();
  return {};
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

}  // namespace

int check_command(const std::string& config_path, const Output& output) {
  const config::LoadResult loaded = load_or_report(config_path, output);
  if (!loaded.ok()) return kExitProblems;
  const config::Config& config = *loaded.config;
  const Result<void> built = build(loaded.config);
  if (!built) report_build_error(built.error(), config, output);
  const std::vector<std::string> obstacles = log_obstacles(config);
  for (const std::string& obstacle : obstacles)
    output.err << config.files.front() << ": " << obstacle << '\n';
  if (!built || !obstacles.empty()) return kExitProblems;
  output.out << config_path << ": ok (" << counted(config.apis.size(), "api", "apis") << ", "
             << counted(config.endpoints.size(), "endpoint", "endpoints") << ", "
             << counted(config.consumers.size(), "consumer", "consumers") << ", "
             << (config.flows.empty() ? "" : counted(config.flows.size(), "flow", "flows") + ", ")
             << counted(config.listen.size(), "listener", "listeners") << ")\n";
  return kExitOk;
}

}  // namespace linkspan::app
