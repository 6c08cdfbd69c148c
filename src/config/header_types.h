// Mappings of header names to values. Internal to the config room.
#pragma once

#include <vector>

#include "config/api_config.h"
#include "config/names.h"
#include "config/type.h"
#include "config/types.h"

namespace linkspan::config {

// To be set on a message. Values are shown unless they came from a reference.
Typed<std::vector<HeaderField>> header_map(HeaderOf message);
// To be looked at and not sent, so any name will do.
Typed<std::vector<HeaderField>> header_matches();
// To be set on requests; values are never shown.
Typed<std::vector<SecretHeader>> secret_header_map();
// The name of a header field that carries a key.
Typed<std::string> header_name();
// The name of a header field to be removed from a message.
Typed<std::string> removable_header_name(HeaderOf message);

}  // namespace linkspan::config
