// Mappings of header names to values. Internal to the config room.
#pragma once

#include <vector>

#include "config/api_config.h"
#include "config/type.h"
#include "config/types.h"

namespace linkspan::config {

// Values are shown unless they came from a reference.
Typed<std::vector<HeaderField>> header_map();
// The same for header fields that are looked at and not sent, which may be any.
Typed<std::vector<HeaderField>> header_matches();
// Values are never shown.
Typed<std::vector<SecretHeader>> secret_header_map();
// One header name.
Typed<std::string> header_name();

}  // namespace linkspan::config
