// Calls other systems for the engine: through the clusters of the flow thread, with their pools, balancing,
// retries and credentials. One thread, that of the clusters' loop.
//
//   UpstreamCaller caller(clusters);
//   caller.call({.api = "stock", .target = "/reservations", ...}, [](CallOutcome outcome) {...});
#pragma once

#include <list>
#include <memory>

#include "flow/caller.h"
#include "io/loop.h"
#include "upstream/cluster.h"
#include "upstream/job.h"

namespace linkspan::flow {

class UpstreamCaller final : public Caller {
 public:
  // Both outlive it. The clusters may be exchanged meanwhile (ClusterSet::adopt): a call stays with the one
  // that it began with.
  UpstreamCaller(upstream::ClusterSet& clusters, io::Loop& loop);
  UpstreamCaller(const UpstreamCaller&) = delete;
  UpstreamCaller& operator=(const UpstreamCaller&) = delete;
  // Breaks off what is under way; nobody is told.
  ~UpstreamCaller() override;

  // An api that the clusters do not have (a reload has taken it away) is upstream_none_available. What the
  // answer may hold is limited (upstream::ClientLimits).
  void call(Outgoing request, Done done) override;

  std::size_t under_way() const { return calls_.size(); }

 private:
  struct Call {
    upstream::Job job;
    Done done;
    bool starting = true;  // inside call(): its end is told later
  };
  using Calls = std::list<Call>;

  io::Task<void> perform(Calls::iterator call, upstream::ClusterRef cluster, Outgoing request);
  void end(Calls::iterator call, CallOutcome outcome);
  void tell_later(Done done, CallOutcome outcome);

  upstream::ClusterSet& clusters_;
  io::Loop& loop_;
  Calls calls_;
  Calls finished_;               // a job cannot be destroyed from within
  std::shared_ptr<bool> alive_;  // for what is posted to the loop
};

}  // namespace linkspan::flow
