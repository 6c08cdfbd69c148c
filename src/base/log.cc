#include "base/log.h"

#include "base/log_sink.h"

namespace linkspan {
namespace {

constexpr std::string_view kLevelNames[] = {"trace", "debug", "info", "warn", "error", "off"};

}  // namespace

std::string_view to_string(Level level) {
  return kLevelNames[static_cast<std::size_t>(level)];
}

Logger::Logger() : producer_(nullptr), room_(nullptr) {
  static const LogRoom silent{"", Level::off};
  room_ = &silent;
}

Logger Logger::room(std::string_view name) const {
  return producer_ == nullptr ? *this : producer_->room(name);
}

void Logger::write(Level level, std::string_view message, LogFields fields) const {
  if (producer_ != nullptr) producer_->write(*room_, level, message, fields);
}

}  // namespace linkspan
