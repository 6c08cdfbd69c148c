// One snapshot as one worker uses it: pinned by each request for its duration, counted without atomics, so
// that the request path shares nothing with other workers. Used by the worker's thread.
#pragma once

#include <memory>
#include <vector>

#include "gateway/access_log.h"
#include "gateway/snapshot.h"
#include "upstream/cluster.h"
#include "upstream/ref.h"

namespace linkspan::gateway {

struct WorkerView : upstream::RefCounted<WorkerView> {
  explicit WorkerView(std::shared_ptr<const Snapshot> s, const std::vector<upstream::ClusterRef>& c)
      : snapshot(std::move(s)), clusters(c), access_log(snapshot->config->log.access) {}

  std::shared_ptr<const Snapshot> snapshot;
  std::vector<upstream::ClusterRef> clusters;  // as Config::apis
  AccessLog access_log;
};

using WorkerViewRef = upstream::Ref<WorkerView>;

}  // namespace linkspan::gateway
