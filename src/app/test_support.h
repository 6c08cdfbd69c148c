// For the unit tests of this room: generations out of YAML text.
#pragma once

#include <string_view>

#include <gtest/gtest.h>

#include "app/generation.h"
#include "base/metrics.h"
#include "config/loader.h"
#include "config/sources.h"
#include "gateway/snapshot.h"

namespace linkspan::app {

class TestGenerations {
 public:
  // The text must be valid; what can be wrong with it beyond that is in the result.
  Result<std::shared_ptr<const Generation>> build(std::string_view yaml, const Generation* previous = nullptr,
                                                  std::size_t workers = 1) {
    const config::LoadResult loaded = config::load_text("test.yaml", yaml, config::empty_sources());
    for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
    metrics_generation = metrics.begin_generation();
    return build_generation({.config = loaded.config,
                             .state = state,
                             .tickets = nullptr,
                             .previous = previous,
                             .workers = workers,
                             .now = 1'800'000'000 * kNsPerSecond});
  }

  MetricsRegistry metrics;
  gateway::GatewayState state{metrics};
  std::uint64_t metrics_generation = 0;
};

}  // namespace linkspan::app
