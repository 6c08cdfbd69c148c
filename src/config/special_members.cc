// The special members of the large structs, compiled once: hundreds of functions hang off each.
#include "config/config.h"

namespace linkspan::config {

Config::Config() = default;
Config::Config(const Config&) = default;
Config::Config(Config&&) noexcept = default;
Config& Config::operator=(const Config&) = default;
Config& Config::operator=(Config&&) noexcept = default;
Config::~Config() = default;
bool Config::operator==(const Config&) const = default;

ApiConfig::ApiConfig() = default;
ApiConfig::ApiConfig(const ApiConfig&) = default;
ApiConfig::ApiConfig(ApiConfig&&) noexcept = default;
ApiConfig& ApiConfig::operator=(const ApiConfig&) = default;
ApiConfig& ApiConfig::operator=(ApiConfig&&) noexcept = default;
ApiConfig::~ApiConfig() = default;
bool ApiConfig::operator==(const ApiConfig&) const = default;

EndpointConfig::EndpointConfig() = default;
EndpointConfig::EndpointConfig(const EndpointConfig&) = default;
EndpointConfig::EndpointConfig(EndpointConfig&&) noexcept = default;
EndpointConfig& EndpointConfig::operator=(const EndpointConfig&) = default;
EndpointConfig& EndpointConfig::operator=(EndpointConfig&&) noexcept = default;
EndpointConfig::~EndpointConfig() = default;
bool EndpointConfig::operator==(const EndpointConfig&) const = default;

FlowConfig::FlowConfig() = default;
FlowConfig::FlowConfig(const FlowConfig&) = default;
FlowConfig::FlowConfig(FlowConfig&&) noexcept = default;
FlowConfig& FlowConfig::operator=(const FlowConfig&) = default;
FlowConfig& FlowConfig::operator=(FlowConfig&&) noexcept = default;
FlowConfig::~FlowConfig() = default;
bool FlowConfig::operator==(const FlowConfig&) const = default;

StepConfig::StepConfig() = default;
StepConfig::StepConfig(const StepConfig&) = default;
StepConfig::StepConfig(StepConfig&&) noexcept = default;
StepConfig& StepConfig::operator=(const StepConfig&) = default;
StepConfig& StepConfig::operator=(StepConfig&&) noexcept = default;
StepConfig::~StepConfig() = default;
bool StepConfig::operator==(const StepConfig&) const = default;

}  // namespace linkspan::config
