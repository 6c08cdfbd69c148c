// Checks that need the whole config: names that are used exist, files are there and hold what they should, no
// key or route is there twice. Also turns names into indices. Internal to the config room.
#pragma once

#include "config/config.h"
#include "config/decoder.h"
#include "config/file_set.h"

namespace linkspan::config {

// Reports names that do not exist, and fills ProxyConfig::api_index, EndpointFlowConfig::flow_index and
// EndpointConfig::auth_indices. False if any name does not exist; the checks that follow indices are then to
// be left out.
bool resolve_names(Config& config, Decoder& decoder);

// Reads certificates, keys, descriptions of APIs and inputs of tests that the config names, and reports those
// that are missing or hold something else. Fills FlowTestConfig::given_text.
void check_files(Config& config, Decoder& decoder, FileSet& files);

// Reports API keys with the same hash. `root` tells where they stand.
void check_key_hashes(const Config& config, const YamlNode& root, Decoder& decoder);

// Reports rules of endpoints that set or remove a header field which Linkspan writes as `forwarded` says.
void check_forwarded_headers(const Config& config, const YamlNode& root, Decoder& decoder);

// Reports endpoints that have not what their api's servers are chosen by.
void check_balance(const Config& config, Decoder& decoder);

// Reports endpoints that would show callers a secret: TRACE answers with the request as the api got it, so an
// endpoint cannot take it where a credential or a value out of a reference is added (RFC 9110 section 9.3.8).
void check_trace(const Config& config, const YamlNode& root, Decoder& decoder);

// Reports webhooks at a path that another webhook or an endpoint has.
void check_webhooks(const Config& config, const YamlNode& root, Decoder& decoder, const FileSet& files);

// Reports what the router cannot decide or hold: endpoints between which a request could not choose, too many
// of them at one path, too many methods of their own. `root` tells where they stand.
void check_routes(const Config& config, const YamlNode& root, Decoder& decoder, const FileSet& files);

}  // namespace linkspan::config
