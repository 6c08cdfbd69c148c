// `on` of a retry: one list for several members of RetryConfig. Internal to the config room.
#pragma once

#include "config/api_config.h"
#include "config/type.h"

namespace linkspan::config {

Typed<RetryConfig> retry_on_type();

}  // namespace linkspan::config
