// LINKSPAN_SEEDS says how many seeds, LINKSPAN_SEED runs one of them alone (simulation_testing.h).
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/sanitizer.h"
#include "base/strings.h"
#include "flow/simulation_testing.h"

namespace linkspan::flow {
namespace {

using testing::Simulation;

constexpr bool kIsSlow = LINKSPAN_ASAN || LINKSPAN_TSAN;
constexpr std::uint64_t kSeedsInMemory = kIsSlow ? 500 : 2'000;
constexpr std::uint64_t kSeedsOnDisk = kIsSlow ? 100 : 10'000;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : parse_u64(text).value_or(otherwise);
}

// On as many threads as the smallest machine has cores; what fails says its seed.
constexpr std::uint64_t kThreads = 2;

void run_seeds(Simulation::Place place, std::uint64_t count) {
  const std::uint64_t only = from_environment("LINKSPAN_SEED", 0);
  const std::uint64_t first = only != 0 ? only : 1;
  const std::uint64_t last = only != 0 ? only : from_environment("LINKSPAN_SEEDS", count);
  const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
  const auto run_some = [&](std::uint64_t from) {
    for (std::uint64_t seed = from; seed <= last && !::testing::Test::HasFailure(); seed += kThreads) {
      Simulation simulation(seed, place);
      const ::testing::ScopedTrace trace(__FILE__, __LINE__,
                                         "seed " + std::to_string(seed) + ":\n" + simulation.flows() +
                                             "again: LINKSPAN_SEED=" + std::to_string(seed) +
                                             " flow_test --gtest_filter=" + test.test_suite_name() + "." +
                                             test.name());
      simulation.run();
    }
  };
  std::vector<std::jthread> threads;
  for (std::uint64_t from = first; from < first + kThreads; ++from) threads.emplace_back(run_some, from);
}

TEST(Simulation, holds_whatever_fails_and_whenever_it_is_killed) {
  run_seeds(Simulation::Place::memory, kSeedsInMemory);
}

TEST(Simulation, a_seed_is_the_same_every_time) {
  for (const Simulation::Place place : {Simulation::Place::memory, Simulation::Place::disk}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      Simulation once(seed, place);
      once.run();
      Simulation again(seed, place);
      again.run();
      EXPECT_EQ(once.history(), again.history()) << seed;
    }
  }
}

TEST(Simulation, holds_on_a_disk_that_fails_loses_and_tears_what_was_not_synced) {
  run_seeds(Simulation::Place::disk, kSeedsOnDisk);
}

}  // namespace
}  // namespace linkspan::flow
