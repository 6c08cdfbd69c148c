// A flow as text by itself, so that it can be kept and read again when the config has long changed. Internal
// to the config room.
#pragma once

#include <string>

#include "config/decoder.h"

namespace linkspan::config {

// `flows: {NAME: {...}}` as YAML. References stay references (no secret is in it), and tests are left out, as
// they change nothing about what the flow does.
std::string flow_source(std::string_view name, const YamlNode& node);

}  // namespace linkspan::config
