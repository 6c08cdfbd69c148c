// The descriptors of all config structs. To add a setting: add the member to its struct, a line to its
// descriptor here, and a case to testdata/. To add a struct: write its descriptor and make it a field of
// another. Internal to the config room.
#pragma once

#include "config/config.h"
#include "config/type.h"

namespace linkspan::config {

Typed<Config> config_type();

Typed<ListenConfig> listen_type();
Typed<LogConfig> log_type();
Typed<LimitsConfig> limits_type();
Typed<ForwardedConfig> forwarded_type();
Typed<CredentialConfig> credential_type();
Typed<ApiConfig> api_type();
Typed<AuthConfig> auth_type();
Typed<ConsumerConfig> consumer_type();
Typed<RateLimitConfig> endpoint_rate_type();
Typed<EndpointConfig> endpoint_type();
Typed<FlowConfig> flow_type();
Typed<StoreConfig> store_type();
Typed<ApprovalsConfig> approvals_type();

// One network: "10.0.0.0/8", "2001:db8::/32"; a single address becomes /32 or /128.
Typed<std::string> network_type();
// A path without parameters and without a slash at its end: "/v1".
Typed<std::string> path_prefix_type();
// A status or a range of them: 503, 5xx, 500-504.
Typed<StatusRange> status_range_type();
Result<StatusRange> parse_status_range(std::string_view text);
std::string format_status_range(const StatusRange& range);

}  // namespace linkspan::config
