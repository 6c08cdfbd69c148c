#include "app/generation.h"

#include <algorithm>
#include <limits>
#include <map>

#include <sys/resource.h>

#include "base/error_kinds.h"

namespace linkspan::app {

namespace {

// Of the descriptor limit, what client connections may use; the rest is for upstreams, files and sockets.
constexpr std::uint64_t kClientShareTenths = 8;
constexpr std::uint64_t kReservedDescriptors = 100;

std::uint64_t default_max_connections() {
  const std::uint64_t limit = raise_descriptor_limit() * kClientShareTenths / 10;
  return std::max<std::uint64_t>(limit, 2 * kReservedDescriptors) - kReservedDescriptors;
}

gateway::ServerLimits worker_limits(const config::LimitsConfig& limits, std::size_t workers) {
  const std::uint64_t connections =
      limits.max_connections != 0 ? limits.max_connections : default_max_connections();
  gateway::ServerLimits result;
  result.head = {.max_header_bytes = limits.max_header_bytes,
                 .max_target_bytes = limits.max_target_bytes,
                 .max_fields = limits.max_headers};
  result.max_buffer_bytes = limits.max_buffer_bytes;
  result.max_connections = (connections + workers - 1) / workers;
  result.max_requests_per_connection = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(limits.max_requests_per_connection, std::numeric_limits<std::uint32_t>::max()));
  result.header_timeout_ns = limits.header_timeout.count();
  result.body_timeout_ns = limits.body_timeout.count();
  result.send_timeout_ns = limits.send_timeout.count();
  result.idle_timeout_ns = limits.idle_timeout.count();
  return result;
}

Result<std::shared_ptr<const io::ServerTls>> make_tls(const config::ListenConfig& listen,
                                                      const GenerationInput& input) {
  io::ServerTlsOptions options;
  for (const config::CertificateConfig& pair : listen.certificates) {
    options.certificates.push_back({.certificate = pair.certificate, .key = pair.key});
  }
  options.client_ca = listen.client_ca;
  if (!listen.client_ca.empty()) {
    options.client_auth = listen.client_auth == config::ClientAuth::required ? io::ClientAuth::required
                                                                             : io::ClientAuth::optional;
  }
  options.min_version =
      listen.min_version == config::TlsVersion::tls_1_3 ? io::TlsVersion::tls_1_3 : io::TlsVersion::tls_1_2;
  Result<std::shared_ptr<const io::ServerTls>> tls = io::ServerTls::create(options, input.tickets, input.now);
  if (!tls) return std::move(tls).error().context(config::describe(*input.config, listen.origin));
  return tls;
}

// `place` is where it stands in the config: "listen[0]".
Result<ListenerPlan> plan_listener(const config::ListenConfig& listen, const std::string& place,
                                   const http::NetworkSet& trusted, const GenerationInput& input) {
  Result<io::SocketAddress> address = io::SocketAddress::parse(listen.address, listen.port);
  if (!address) return std::move(address).error().context(config::describe(*input.config, listen.origin));
  auto options = std::make_shared<gateway::ListenerOptions>();
  const bool secret = config::is_secret(*input.config, place + ".url");
  options->name = secret ? place : listen.url;
  options->proxy_protocol = listen.proxy_protocol;
  options->trusted_proxies = trusted;
  if (listen.tls) {
    Result<std::shared_ptr<const io::ServerTls>> tls = make_tls(listen, input);
    if (!tls) return std::move(tls).error();
    options->tls = std::move(*tls);
  }
  return ListenerPlan{.key = address->to_string(),
                      .address = *address,
                      .address_is_secret = secret,
                      .options = std::move(options)};
}

// Makes the keys distinct: only listeners whose port the system chooses may be given twice.
class ListenerKeys {
 public:
  explicit ListenerKeys(const config::Config& config) : config_(config) {}

  Result<void> claim(ListenerPlan& plan, const config::ListenConfig& listen) {
    const auto [found, is_first] = known_.try_emplace(plan.key, Known{&listen, 1});
    if (is_first) return {};
    if (listen.port != 0) {
      return Error(errors::config_invalid,
                   config::describe(config_, listen.origin) + ": listens on " +
                       (plan.address_is_secret ? "the same address" : plan.key) + ", as " +
                       config::describe(config_, found->second.first->origin) + " does");
    }
    plan.key += "#" + std::to_string(++found->second.count);
    return {};
  }

 private:
  struct Known {
    const config::ListenConfig* first;
    int count;
  };
  const config::Config& config_;
  std::map<std::string, Known> known_;
};

Result<void> plan_listeners(const GenerationInput& input, Generation& generation) {
  const config::Config& config = *input.config;
  ListenerKeys keys(config);
  for (std::size_t i = 0; i < config.listen.size(); ++i) {
    Result<ListenerPlan> plan = plan_listener(config.listen[i], "listen[" + std::to_string(i) + "]",
                                              generation.snapshot->trusted_proxies[i], input);
    if (!plan) return std::move(plan).error();
    Result<void> claimed = keys.claim(*plan, config.listen[i]);
    if (!claimed) return claimed;
    generation.listeners.push_back(std::move(*plan));
  }
  if (!config.admin) return {};
  Result<ListenerPlan> plan = plan_listener(*config.admin, "admin", {}, input);
  if (!plan) return std::move(plan).error();
  if (config.admin->port != 0) {
    Result<void> claimed = keys.claim(*plan, *config.admin);
    if (!claimed) return claimed;
  }
  generation.admin.push_back(std::move(*plan));
  return {};
}

}  // namespace

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

Result<std::shared_ptr<const Generation>> build_generation(const GenerationInput& input) {
  auto generation = std::make_shared<Generation>();
  generation->number = input.previous == nullptr ? 1 : input.previous->number + 1;
  generation->loaded_at = input.now;
  generation->config = input.config;
  generation->worker_limits = worker_limits(input.config->limits, input.workers);

  Result<std::shared_ptr<FlowSet>> flows = build_flow_set(input.config);
  if (!flows) return std::move(flows).error();
  generation->flows = *flows;

  Result<std::shared_ptr<const gateway::Snapshot>> snapshot =
      gateway::build_snapshot(generation->flows->config, input.state, generation->number);
  if (!snapshot) return std::move(snapshot).error();
  generation->snapshot = std::move(*snapshot);

  const upstream::ClusterList* previous =
      input.previous == nullptr ? nullptr : input.previous->clusters.get();
  Result<std::shared_ptr<const upstream::ClusterList>> clusters =
      upstream::build_clusters(generation->snapshot->apis, previous, input.now);
  if (!clusters) return std::move(clusters).error();
  generation->clusters = std::move(*clusters);
  share_rates(**flows, *generation->clusters);

  Result<void> planned = plan_listeners(input, *generation);
  if (!planned) return std::move(planned).error();
  return std::shared_ptr<const Generation>(std::move(generation));
}

}  // namespace linkspan::app
