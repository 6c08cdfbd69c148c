// From the config's words about logging to the log sink.
#pragma once

#include <string>
#include <vector>

#include "base/log_sink.h"
#include "config/config.h"

namespace linkspan::app {

// How to open the sink. An access log that is disabled opens no file.
LogSinkOptions log_sink_options(const config::LogConfig& log);

// Levels take effect at once, also for loggers that exist. Any thread.
void apply_log_levels(const config::LogConfig& log, LogSink& sink);

// Outputs and format are opened once: whether `next` wants others than what was opened by `opened`, which
// take effect with the next start only.
bool wants_other_outputs(const config::LogConfig& opened, const config::LogConfig& next);

// Why the log files could not be written if they were opened now, a line each ("log.output: ..."). Opens and
// makes nothing.
std::vector<std::string> log_obstacles(const config::Config& config);

}  // namespace linkspan::app
