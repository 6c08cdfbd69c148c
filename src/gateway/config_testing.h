// Configs for tests, without YAML.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"

namespace linkspan::gateway {

// Parses "/a/{id}/{rest...}"; the caller answers for its validity.
config::PathPattern test_pattern(std::string_view text);

config::EndpointConfig test_endpoint(std::string name, std::string_view path,
                                     std::vector<std::string> methods = {},
                                     std::vector<std::string> hosts = {});

}  // namespace linkspan::gateway
