#include "app/retired_generations.h"

#include <utility>

namespace linkspan::app {

namespace {

// Workers hold the snapshot; messages on their way to workers hold the generation.
bool is_unused(const std::shared_ptr<const Generation>& old) {
  return old.use_count() == 1 && old->snapshot.use_count() == 1;
}

}  // namespace

void RetiredGenerations::add(std::shared_ptr<const Generation> old, std::uint64_t metrics_generation) {
  retired_.push_back({std::move(old), metrics_generation});
}

void RetiredGenerations::collect(const Generation& current) {
  // In order: a metric may be forgotten once no config before the one that lacks it is in use.
  std::uint64_t forget_before = 0;
  while (!retired_.empty() && is_unused(retired_.front().old)) {
    forget_before = retired_.front().metrics_generation;
    retired_.pop_front();
  }
  if (forget_before == 0) return;
  // A worker may have made a series in the moment between the start of a build and that build's look at which
  // series there are; asking again finds it.
  for (const gateway::Endpoint& endpoint : current.snapshot->endpoints)
    state_.metrics.endpoint(endpoint.name);
  state_.metrics.endpoint("");
  metrics_.retire_before(forget_before);
}

}  // namespace linkspan::app
