// The effective configuration: plain structs, decoded and validated by config/loader.h, with every default
// filled in and every reference resolved. A Config is made once, shared as std::shared_ptr<const Config> and
// never changed after, so any thread may read it without a lock. A reload makes a new one.
//
// Named things (apis, endpoints, ...) are vectors in the order in which they were read; names are unique in
// each.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/api_config.h"
#include "config/approvals_config.h"
#include "config/caller_config.h"
#include "config/endpoint_config.h"
#include "config/flow_config.h"
#include "config/listen_config.h"
#include "config/process_config.h"
#include "config/store_config.h"
#include "config/types.h"

namespace linkspan::config {

struct Config {
  std::vector<ListenConfig> listen;   // at least one
  std::optional<ListenConfig> admin;  // absent: no admin listener
  uint32_t workers = 0;               // 0: "auto", one per usable core
  LogConfig log;
  LimitsConfig limits;
  std::vector<std::string>
      trusted_proxies;  // networks whose X-Forwarded-For is believed: "10.0.0.0/8", prefix always there
  ForwardedConfig forwarded;
  std::vector<CredentialConfig> credentials;
  std::vector<ApiConfig> apis;
  std::vector<AuthConfig> auth;
  std::vector<ConsumerConfig> consumers;
  std::vector<EndpointConfig> endpoints;
  std::vector<FlowConfig> flows;
  std::optional<StoreConfig> store;          // always there if there are flows
  std::optional<ApprovalsConfig> approvals;  // absent: no links, no page

  // Names of the files that Origin::file indexes: the main file first, then includes, as the user would write
  // them.
  std::vector<std::string> files;
  // Paths of values that came from references, such as "apis.stock.servers[0]", sorted: never to be shown.
  std::vector<std::string> secret_paths;

  // In special_members.cc: inline, every file that holds one would compile them anew.
  Config();
  Config(const Config&);
  Config(Config&&) noexcept;
  Config& operator=(const Config&);
  Config& operator=(Config&&) noexcept;
  ~Config();
  bool operator==(const Config&) const;
};

// By name; nullptr where there is none. Linear: for start-up, not for the request path.
const CredentialConfig* find_credential(const Config& config, std::string_view name);

// What "stock.createReservation" names. Names of APIs may hold dots: the longest that fits is meant.
struct OperationName {
  std::uint32_t api_index = 0;  // in Config::apis
  std::string_view operation;   // a view into what was given
};
// nullopt if there is no such API. Linear, as above.
std::optional<OperationName> find_operation(const Config& config, std::string_view name);

// Whether the value at this path ("endpoints.NAME.proxy.path") came from a reference: it must not be shown.
bool is_secret(const Config& config, std::string_view path);

// "linkspan.yaml:14:5", for messages about something configured; "default" for what nobody wrote.
std::string describe(const Config& config, const Origin& origin);

}  // namespace linkspan::config
