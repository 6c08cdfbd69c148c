#include <unordered_map>
#include <utility>

#include "upstream/cluster.h"

namespace linkspan::upstream {

ClusterSet::ClusterSet(io::Loop& loop, io::Resolver& resolver, MetricShard& metrics, Logger log)
    : context_{loop, resolver, metrics, ConnectionStore(loop)}, log_(log) {}

ClusterSet::~ClusterSet() {
  retire_all();
}

void ClusterSet::adopt(const ClusterList& list) {
  ++generation_;
  std::unordered_map<std::string_view, Cluster*> known;
  for (const ClusterRef& cluster : clusters_) known.emplace(cluster->name(), cluster.get());
  std::vector<ClusterRef> adopted;
  adopted.reserve(list.clusters.size());
  for (const auto& shared : list.clusters) {
    const auto found = known.find(shared->name());
    adopted.push_back(adopt_cluster(shared, found == known.end() ? nullptr : found->second));
  }
  const std::vector<ClusterRef> before = std::exchange(clusters_, std::move(adopted));
  for (const ClusterRef& cluster : before) {
    for (const Ref<Server>& server : cluster->servers_) {
      if (server->generation_ != generation_) server->retire();
    }
  }
}

ClusterRef ClusterSet::adopt_cluster(const std::shared_ptr<const SharedCluster>& shared, Cluster* previous) {
  if (previous != nullptr && previous->shared_ == shared) {
    for (const Ref<Server>& server : previous->servers_) server->generation_ = generation_;
    return ClusterRef(previous);
  }
  std::vector<Ref<Server>> servers;
  servers.reserve(shared->size());
  for (std::size_t i = 0; i < shared->size(); ++i) {
    servers.push_back(adopt_server(*shared, i, previous));
    servers.back()->generation_ = generation_;
  }
  return ClusterRef(new Cluster(context_, random_, log_, shared, std::move(servers)));
}

Ref<Server> ClusterSet::adopt_server(const SharedCluster& shared, std::size_t index, Cluster* previous) {
  for (std::size_t i = 0; previous != nullptr && i < previous->size(); ++i) {
    Ref<Server>& server = previous->servers_[i];
    if (!server->same_peer(shared, index)) continue;
    server->update(shared, index);
    return server;
  }
  return Ref<Server>(new Server(context_, shared, index));
}

Cluster* ClusterSet::find(std::string_view name) const {
  for (const ClusterRef& cluster : clusters_) {
    if (cluster->name() == name) return cluster.get();
  }
  return nullptr;
}

void ClusterSet::retire_all() {
  for (const ClusterRef& cluster : clusters_) {
    for (const Ref<Server>& server : cluster->servers_) server->retire();
  }
}

}  // namespace linkspan::upstream
