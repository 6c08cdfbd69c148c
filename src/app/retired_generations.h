// Configs that were replaced and may still be in use by requests in flight. They are freed on the control
// thread, so that no worker spends its time on it, and then the metrics that only they had are forgotten
// (base/metrics.h). Used by the control thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "app/generation.h"
#include "base/metrics.h"
#include "gateway/snapshot.h"

namespace linkspan::app {

class RetiredGenerations {
 public:
  RetiredGenerations(MetricsRegistry& metrics, gateway::GatewayState& state)
      : metrics_(metrics), state_(state) {}

  // `metrics_generation` is the one (MetricsRegistry::begin_generation) that the successor of `old` was built
  // in.
  void add(std::shared_ptr<const Generation> old, std::uint64_t metrics_generation);

  // Frees those that are no longer in use; `current` is the one that is. Cheap: to be called every now and
  // then until empty().
  void collect(const Generation& current);
  bool empty() const { return retired_.empty(); }

 private:
  struct Retired {
    std::shared_ptr<const Generation> old;
    std::uint64_t metrics_generation;
  };

  MetricsRegistry& metrics_;
  gateway::GatewayState& state_;
  std::deque<Retired> retired_;  // oldest first
};

}  // namespace linkspan::app
