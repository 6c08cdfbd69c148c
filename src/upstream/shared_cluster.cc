#include "upstream/shared_cluster.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace linkspan::upstream {

namespace {

using TlsPointer = std::shared_ptr<const io::ClientTls>;

// Contexts made in one build: reading the system's authorities takes milliseconds, and most APIs use the
// same.
class TlsContexts {
 public:
  explicit TlsContexts(WallNs now) : now_(now) {}

  Result<TlsPointer> get(TlsSettings settings) {
    settings.server_name.clear();  // given with each connection
    for (const auto& [known, context] : made_) {
      if (known == settings) return context;
    }
    io::ClientTlsOptions options;
    options.verify = settings.verify;
    options.ca = settings.ca_file;
    options.certificate = settings.certificate_file;
    options.key = settings.key_file;
    Result<TlsPointer> context = io::ClientTls::create(options, now_);
    if (context) made_.emplace_back(std::move(settings), *context);
    return context;
  }

 private:
  WallNs now_;
  std::vector<std::pair<TlsSettings, TlsPointer>> made_;
};

bool uses_tls(const ClusterSettings& settings) {
  return std::ranges::any_of(settings.servers, &ServerSettings::https);
}

bool same_address(const ServerSettings& a, const ServerSettings& b) {
  return a.https == b.https && a.host == b.host && a.port == b.port;
}

std::vector<std::shared_ptr<ServerState>> take_states(const ClusterSettings& settings,
                                                      const SharedCluster* previous) {
  std::vector<std::shared_ptr<ServerState>> states;
  for (const ServerSettings& server : settings.servers) {
    std::shared_ptr<ServerState> state;
    for (std::size_t i = 0; previous != nullptr && i < previous->size() && state == nullptr; ++i) {
      if (same_address(previous->settings().servers[i], server)) state = previous->state(i);
    }
    if (state == nullptr) state = std::make_shared<ServerState>(server.label);
    states.push_back(std::move(state));
  }
  return states;
}

std::shared_ptr<RateGate> take_rate_gate(const ClusterSettings& settings, const SharedCluster* previous) {
  if (!settings.rate) return nullptr;
  const bool same = previous != nullptr && previous->settings().rate == settings.rate;
  return same ? previous->rate_gate() : std::make_shared<RateGate>(*settings.rate);
}

}  // namespace

std::string ServerState::health_detail() const {
  const std::lock_guard lock(detail_mutex_);
  return detail_;
}

void ServerState::set_health_detail(std::string detail) {
  const std::lock_guard lock(detail_mutex_);
  detail_ = std::move(detail);
}

SharedCluster::SharedCluster(ClusterSettings settings, std::vector<std::shared_ptr<ServerState>> states,
                             TlsPointer tls, std::shared_ptr<RateGate> rate_gate)
    : settings_(std::move(settings)),
      states_(std::move(states)),
      tls_(std::move(tls)),
      rate_gate_(std::move(rate_gate)),
      tables_(settings_.balance, settings_.servers) {}

Result<std::shared_ptr<const ClusterList>> build_clusters(std::vector<ClusterSettings> settings,
                                                          const ClusterList* previous, WallNs now) {
  std::unordered_map<std::string_view, const std::shared_ptr<const SharedCluster>*> known;
  if (previous != nullptr) {
    for (const auto& cluster : previous->clusters) known.emplace(cluster->name(), &cluster);
  }
  TlsContexts contexts(now);
  auto list = std::make_shared<ClusterList>();
  list->clusters.reserve(settings.size());
  for (ClusterSettings& api : settings) {
    const auto found = known.find(api.name);
    const std::shared_ptr<const SharedCluster> before = found == known.end() ? nullptr : *found->second;
    const bool tls = uses_tls(api);
    if (!tls && before != nullptr && before->settings() == api) {
      list->clusters.push_back(before);
      continue;
    }
    TlsPointer context;
    if (tls) {
      Result<TlsPointer> made = contexts.get(api.tls);
      if (!made) return std::move(made).error().context("api \"" + api.name + "\"");
      context = std::move(*made);
    }
    auto states = take_states(api, before.get());
    auto rate_gate = take_rate_gate(api, before.get());
    list->clusters.push_back(std::make_shared<SharedCluster>(std::move(api), std::move(states),
                                                             std::move(context), std::move(rate_gate)));
  }
  return std::shared_ptr<const ClusterList>(std::move(list));
}

}  // namespace linkspan::upstream
