#include "app/log_setup.h"

namespace linkspan::app {

namespace {

LogOutput output_named(const std::string& name) {
  if (name == "stderr") return {LogOutput::Kind::standard_error, {}};
  if (name == "stdout") return {LogOutput::Kind::standard_output, {}};
  return {LogOutput::Kind::file, name};
}

bool same_output(const LogOutput& a, const LogOutput& b) {
  return a.kind == b.kind && a.path == b.path;
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
  const bool other_access = next.access.enabled && !same_output(before.access, after.access);
  return other_access || !same_output(before.general, after.general) || before.format != after.format;
}

}  // namespace linkspan::app
