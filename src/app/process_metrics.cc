#include "app/process_metrics.h"

#include <cstdio>
#include <string>

#include <dirent.h>
#include <unistd.h>

#include "app/version.h"

namespace linkspan::app {

namespace {

double resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long size = 0;
  unsigned long resident = 0;
  const int got = std::fscanf(file, "%lu %lu", &size, &resident);
  std::fclose(file);
  return got == 2 ? static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) : 0;
}

double open_descriptors() {
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  int count = -3;  // ".", ".." and the directory's own
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

}  // namespace

ProcessMetrics make_process_metrics(MetricsRegistry& registry) {
  ProcessMetrics metrics;
  metrics.server.connections_accepted = registry.series(
      registry.counter({.name = "linkspan_connections_accepted", .help = "Client connections accepted."}));
  metrics.server.connections_open = registry.series(
      registry.gauge({.name = "linkspan_connections", .help = "Client connections open now."}));
  metrics.server.connections_refused = registry.series(registry.counter(
      {.name = "linkspan_connections_refused", .help = "Client connections over limits.max_connections."}));
  metrics.server.accept_backoffs = registry.series(
      registry.counter({.name = "linkspan_accept_backoffs",
                        .help = "Times that accepting paused for want of descriptors or memory."}));
  metrics.server.handshake_failures =
      registry.series(registry.counter({.name = "linkspan_handshake_failures",
                                        .help = "Connections that failed in TLS or the PROXY protocol."}));
  const CounterFamily reloads = registry.counter(
      {.name = "linkspan_config_reloads", .help = "Config loads, by outcome.", .labels = {"outcome"}});
  metrics.reloads_ok = registry.series(reloads, {"success"});
  metrics.reloads_failed = registry.series(reloads, {"failure"});
  metrics.config_generation = registry.series(
      registry.gauge({.name = "linkspan_config_generation", .help = "Number of the config in use, from 1."}));
  metrics.config_loaded_at =
      registry.series(registry.gauge({.name = "linkspan_config_loaded_timestamp_seconds",
                                      .help = "When the config in use was loaded.",
                                      .unit = "seconds"}));
  metrics.control_shard = &registry.add_shard();
  return metrics;
}

void add_process_callbacks(MetricsRegistry& registry, const LogSink& log_sink, WallNs started_at) {
  const GaugeFamily build =
      registry.gauge({.name = "linkspan_build_info", .help = "1, with the version.", .labels = {"version"}});
  const std::string_view version[] = {kVersion};
  registry.callback(build, version, [] { return 1.0; });
  registry.callback(registry.counter({.name = "linkspan_log_dropped_records",
                                      .help = "Log records dropped because their buffer was full."}),
                    {}, [&log_sink] { return static_cast<double>(log_sink.dropped_records()); });
  registry.callback(registry.counter({.name = "linkspan_log_failed_bytes",
                                      .help = "Bytes of logs that their output did not take (disk full).",
                                      .unit = "bytes"}),
                    {}, [&log_sink] { return static_cast<double>(log_sink.failed_bytes()); });
  registry.callback(registry.gauge({.name = "process_start_time_seconds",
                                    .help = "When the process started, in seconds since 1970.",
                                    .unit = "seconds"}),
                    {}, [started_at] { return static_cast<double>(started_at) / 1e9; });
  registry.callback(
      registry.gauge({.name = "process_resident_memory_bytes", .help = "Resident memory.", .unit = "bytes"}),
      {}, [] { return resident_bytes(); });
  registry.callback(registry.gauge({.name = "process_open_fds", .help = "Open file descriptors."}), {},
                    [] { return open_descriptors(); });
  registry.callback(
      registry.counter(
          {.name = "process_cpu_seconds", .help = "User and system CPU time spent.", .unit = "seconds"}),
      {}, [] { return cpu_seconds(); });
}

}  // namespace linkspan::app
