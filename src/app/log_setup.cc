#include "app/log_setup.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <unistd.h>

#include "data/in_quotes.h"

namespace linkspan::app {

namespace {

LogOutput output_named(const std::string& name) {
  if (name == "stderr") return {LogOutput::Kind::standard_error, {}};
  if (name == "stdout") return {LogOutput::Kind::standard_output, {}};
  return {LogOutput::Kind::file, name};
}

// Why lines cannot be written there; empty if they can, as far as can be told without opening anything.
std::string obstacle(const LogOutput& output) {
  if (output.kind != LogOutput::Kind::file) return {};
  if (::access(output.path.c_str(), W_OK) == 0) return {};
  if (errno != ENOENT) return std::strerror(errno);
  const std::string directory = std::filesystem::path(output.path).parent_path().string();
  if (::access(directory.empty() ? "." : directory.c_str(), W_OK | X_OK) == 0) return {};
  return "its directory: " + std::string(std::strerror(errno));
}

}  // namespace

LogSinkOptions log_sink_options(const config::LogConfig& log) {
  LogSinkOptions options;
  options.general = output_named(log.output);
  options.access = output_named(log.access.output);
  const bool is_file = options.access.kind == LogOutput::Kind::file;
  if (is_file && !log.access.enabled) options.access = {LogOutput::Kind::discard, {}};
  options.format = log.format;
  options.level = log.level;
  return options;
}

void apply_log_levels(const config::LogConfig& log, LogSink& sink) {
  sink.clear_room_levels();
  sink.set_default_level(log.level);
  for (const auto& [room, level] : log.rooms) sink.set_room_level(room, level);
}

bool wants_other_outputs(const config::LogConfig& opened, const config::LogConfig& next) {
  const LogSinkOptions before = log_sink_options(opened);
  const LogSinkOptions after = log_sink_options(next);
  // What is no longer written needs no other output.
  const bool other_access = next.access.enabled && before.access != after.access;
  return other_access || before.general != after.general || before.format != after.format;
}

std::vector<std::string> log_obstacles(const config::Config& config) {
  const LogSinkOptions options = log_sink_options(config.log);
  std::vector<std::string> obstacles;
  for (const auto& [key, output] : {std::pair<std::string, const LogOutput&>{"log.output", options.general},
                                    {"log.access.output", options.access}}) {
    const std::string why = obstacle(output);
    if (why.empty()) continue;
    const std::string shown = config::is_secret(config, key) ? "the file" : data::in_quotes(output.path);
    obstacles.push_back(key + ": " + shown + " cannot be written: " + why);
  }
  return obstacles;
}

}  // namespace linkspan::app
