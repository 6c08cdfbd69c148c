// What all workers share of an API: its immutable settings and tables, and for each server a few relaxed
// atomics that say whether it is worth a try. Built by the control thread at load; workers read it without
// locks and write only when a server's state changes.
//
//   auto list = build_clusters(settings, previous_list.get(), clock.wall_ns());  // control thread
//   if (!list) -> refuse the reload
//   each worker: cluster_set.adopt(*list);
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/tls_context.h"
#include "upstream/balance_tables.h"
#include "upstream/rate_gate.h"
#include "upstream/settings.h"

namespace linkspan::upstream {

// One server of one API, for all workers, and across reloads as long as the API's name and the server's
// scheme, host and port stay.
struct alignas(64) ServerState {
  explicit ServerState(std::string server_label) : label(std::move(server_label)) {}

  // Verdict of the active checks; true where there are none, and until they have decided.
  std::atomic<bool> healthy{true};
  // Passive ejection: when the last one ended or ends (loop time); 0: none so far.
  std::atomic<MonotonicNs> ejected_until_ns{0};
  std::atomic<std::uint32_t> consecutive_failures{0};
  // How often it was ejected lately; makes the next ejection longer.
  std::atomic<std::uint32_t> repeated_ejections{0};
  // Open and opening connections, and requests that wait for one, of all workers; kept only with a limit.
  std::atomic<std::uint32_t> connections{0};
  std::atomic<std::uint32_t> waiting{0};

  const std::string label;

  bool is_healthy() const { return healthy.load(std::memory_order_relaxed); }
  bool is_ejected(MonotonicNs now) const { return ejected_until_ns.load(std::memory_order_relaxed) > now; }

  // Why the last active check failed, for people; empty when it did not. Any thread.
  std::string health_detail() const;
  void set_health_detail(std::string detail);

 private:
  mutable std::mutex detail_mutex_;
  std::string detail_;
};

class SharedCluster {
 public:
  // For build_clusters.
  SharedCluster(ClusterSettings settings, std::vector<std::shared_ptr<ServerState>> states,
                std::shared_ptr<const io::ClientTls> tls, std::shared_ptr<RateGate> rate_gate);

  const ClusterSettings& settings() const { return settings_; }
  const std::string& name() const { return settings_.name; }
  std::size_t size() const { return states_.size(); }
  // The same order as settings().servers.
  const std::shared_ptr<ServerState>& state(std::size_t index) const { return states_[index]; }
  const BalanceTables& tables() const { return tables_; }
  // Null without a rate. Kept over reloads as long as the rate stays.
  const std::shared_ptr<RateGate>& rate_gate() const { return rate_gate_; }
  // Null if no server speaks https.
  const std::shared_ptr<const io::ClientTls>& tls() const { return tls_; }

 private:
  ClusterSettings settings_;
  std::vector<std::shared_ptr<ServerState>> states_;
  std::shared_ptr<const io::ClientTls> tls_;
  std::shared_ptr<RateGate> rate_gate_;
  BalanceTables tables_;
};

// All APIs of one configuration, in the order of the settings; immutable.
struct ClusterList {
  std::vector<std::shared_ptr<const SharedCluster>> clusters;
};

// Takes over from `previous` (may be null) the clusters that have not changed and the state of servers that
// are still there. Reads certificate files anew. Errors: tls_material_invalid.
Result<std::shared_ptr<const ClusterList>> build_clusters(std::vector<ClusterSettings> settings,
                                                          const ClusterList* previous, WallNs now);

}  // namespace linkspan::upstream
