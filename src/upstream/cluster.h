// The APIs as one worker sees them: choosing a server, its connections (server.h), what to make of failures.
// Everything here is used by the worker's thread alone.
//
//   ClusterRef cluster = set.clusters()[api_index];      // pins it, also over a reload
//   cluster->begin_request();
//   PickInput input{.hash = hash_key(consumer)};
//   for (;;) {
//     Server* server = cluster->pick(input);
//     if (server == nullptr) -> cluster->none_available()
//     ... attempt (server.h) ...
//     cluster->report(*server, outcome);
//     if (succeeded or not cluster->may_retry(facts)) break;
//     input.tried.add(*server);
//   }
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "upstream/ref.h"
#include "upstream/retry.h"
#include "upstream/server.h"
#include "upstream/shared_cluster.h"

namespace linkspan::upstream {

// The servers already tried for a request; the last kCapacity of them.
class TriedServers {
 public:
  static constexpr std::size_t kCapacity = 8;

  void add(const Server& server) {
    servers_[count_ % kCapacity] = &server;
    ++count_;
  }
  bool contains(const Server* server) const {
    const std::size_t kept = count_ < kCapacity ? count_ : kCapacity;
    for (std::size_t i = 0; i < kept; ++i) {
      if (servers_[i] == server) return true;
    }
    return false;
  }
  bool empty() const { return count_ == 0; }

 private:
  std::array<const Server*, kCapacity> servers_;
  std::size_t count_ = 0;
};

struct PickInput {
  std::uint64_t hash = 0;  // with consistent_hash: hash_key() of what the request is to be spread by
  TriedServers tried;
};

class Cluster final : public RefCounted<Cluster> {
 public:
  const ClusterSettings& settings() const { return shared_->settings(); }
  const SharedCluster& shared() const { return *shared_; }
  const std::string& name() const { return shared_->name(); }
  std::size_t size() const { return servers_.size(); }
  Server& server(std::size_t index) const { return *servers_[index]; }
  io::Loop& loop() const { return context_.loop; }

  // Once for each request, before its first attempt.
  void begin_request() { budget_.deposit(); }

  // The server for the next attempt, by the balancing policy, from the best of these classes that has one:
  //   1. healthy, not ejected, not tried yet
  //   2. healthy, ejected, not tried yet: it may have recovered, and a success there ends its ejection
  //   3. healthy, not ejected, tried       4. healthy, ejected, tried
  // A server that fails its active checks is never chosen; null if all do. Some tens of nanoseconds, no
  // allocation.
  Server* pick(const PickInput& input);
  // The error for a null pick: upstream_none_available, with the servers and why each is out.
  Error none_available() const;

  // Once for each attempt: counts it, and ejects or returns the server (EjectionSettings).
  void report(Server& server, Outcome outcome);

  // retry_verdict() and, where needed, the budget; counts what it grants. True: make another attempt.
  // Sets facts.free_retry_used if the retry is a free one; else the caller counts one more attempt.
  bool may_retry(AttemptFacts& facts);

  // Random numbers of this worker, for jitter.
  Random& random() { return random_; }

 private:
  friend class ClusterSet;
  friend class RefCounted<Cluster>;

  Cluster(WorkerContext& context, Random& random, const Logger& log,
          std::shared_ptr<const SharedCluster> shared, std::vector<Ref<Server>> servers);
  ~Cluster() = default;

  // How good a choice a server is; lower is better, in the order that pick() promises.
  enum Grade : std::uint8_t { kBest, kEjected, kTried, kTriedEjected, kDead };
  Grade grade(std::size_t index, const PickInput& input, MonotonicNs now) const;
  std::size_t pick_round_robin(const PickInput& input, MonotonicNs now);
  std::size_t pick_random(const PickInput& input, MonotonicNs now);
  std::size_t pick_least_requests(const PickInput& input, MonotonicNs now);
  std::size_t pick_consistent_hash(const PickInput& input, MonotonicNs now) const;
  std::size_t pick_best(std::size_t first, const PickInput& input, MonotonicNs now) const;
  std::size_t sample() { return shared_->tables().sample(random_.next_u64()); }
  bool less_loaded(std::size_t a, std::size_t b) const;

  WorkerContext& context_;
  Random& random_;
  const Logger& log_;
  std::shared_ptr<const SharedCluster> shared_;
  std::vector<Ref<Server>> servers_;
  RetryBudget budget_;
  std::size_t cursor_;  // round_robin: position in the schedule
};

using ClusterRef = Ref<Cluster>;

// All clusters of one worker. Made once for each worker and kept over reloads. Destroyed on the worker's
// thread, before its loop, after all requests have ended.
class ClusterSet {
 public:
  // All must outlive the set.
  ClusterSet(io::Loop& loop, io::Resolver& resolver, MetricShard& metrics, Logger log);
  ClusterSet(const ClusterSet&) = delete;
  ClusterSet& operator=(const ClusterSet&) = delete;
  ~ClusterSet();

  // Switches to another configuration: unchanged clusters stay, changed ones keep the pools of servers that
  // are still there. What is gone closes its idle connections at once and the rest when the last request that
  // pins it ends.
  void adopt(const ClusterList& list);

  // In the order of the list that was adopted last.
  const std::vector<ClusterRef>& clusters() const { return clusters_; }
  // Null if there is none of that name. Linear; for control paths.
  Cluster* find(std::string_view name) const;

  // Closes all idle connections, as at the start of a drain; those in use are closed when they come back.
  void retire_all();

 private:
  ClusterRef adopt_cluster(const std::shared_ptr<const SharedCluster>& shared, Cluster* previous);
  Ref<Server> adopt_server(const SharedCluster& shared, std::size_t index, Cluster* previous);

  WorkerContext context_;
  Random random_;
  Logger log_;
  std::vector<ClusterRef> clusters_;
  std::uint32_t generation_ = 0;
};

}  // namespace linkspan::upstream
