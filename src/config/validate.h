// Checks that need the whole config: names that are used exist, files are there and hold what they should, no
// key or route is there twice. Also turns names into indices. Internal to the config room.
#pragma once

#include "config/config.h"
#include "config/decoder.h"
#include "config/file_set.h"

namespace linkspan::config {

// Reports names that do not exist, and fills ProxyConfig::api_index and EndpointConfig::auth_indices.
void resolve_names(Config& config, Decoder& decoder);

// Reads certificates and keys that the config names, and reports those that are missing or hold something
// else.
void check_files(Decoder& decoder, FileSet& files);

// Reports API keys with the same hash. `root` tells where they stand.
void check_key_hashes(const Config& config, const YamlNode& root, Decoder& decoder);

// Reports endpoints that no request can tell apart.
void check_routes(const Config& config, Decoder& decoder, const FileSet& files);

}  // namespace linkspan::config
