#include "gateway/limits/rate_cells.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace linkspan::gateway {
namespace {

TEST(RateCells, threads_that_come_to_an_unused_cell_together_share_it) {
  RateCells cells(10 * RateCells::kPageCells);
  const GcraLimit limit = make_gcra({.count = 1, .per = std::chrono::hours(1), .burst = 100});
  RateCells::Nearby nearby;
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 1000; ++i) {
        const std::size_t slot = (i % 10) * RateCells::kPageCells;
        if (gcra_take(limit, nearby.cell(slot, cells), kNsPerSecond).conforms) passed.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed.load(), 10 * 100);
}

TEST(RateCells, looking_at_a_cell_that_nobody_used_makes_no_page) {
  RateCells cells(RateCells::kPageCells);
  EXPECT_EQ(cells.peek(7), 0);
  cells.clear(7);
  cells.cell(7).store(5);
  EXPECT_EQ(cells.peek(7), 5);
  cells.clear(7);
  EXPECT_EQ(cells.peek(7), 0);
}

TEST(RateCells, cells_that_are_kept_nearby_are_the_cells_of_the_array) {
  const auto small = std::make_shared<RateCells>(2 * RateCells::kPageCells);
  RateCells::Nearby before;
  before.cell(200, *small).store(5);
  RateCells cells(2 * RateCells::Nearby::kPages * RateCells::kPageCells, small);
  RateCells::Nearby nearby;
  for (std::size_t slot = 0; slot < cells.capacity(); slot += RateCells::kPageCells / 2) {
    nearby.fetch_ahead(slot);
    EXPECT_EQ(&nearby.cell(slot, cells), &cells.cell(slot));
    EXPECT_EQ(&nearby.cell(slot, cells), &cells.cell(slot));
  }
  EXPECT_EQ(nearby.cell(200, cells).load(), 5);
}

TEST(RateCells, pages_that_are_given_back_are_used_again_and_count_from_nothing) {
  const auto pages = std::make_shared<RatePages>();
  {
    RateCells cells(RateCells::kPageCells, pages);
    cells.cell(7).store(5);
  }
  RatePages::Page* page = pages->take();
  EXPECT_EQ(page->cells[7].load(), 0);
  pages->give_back(page);
  RateCells cells(100 * RateCells::kPageCells, pages);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(cells.cell(i * RateCells::kPageCells).exchange(static_cast<MonotonicNs>(i + 1)), 0);
  }
  for (std::size_t i = 0; i < 100; ++i)
    EXPECT_EQ(cells.peek(i * RateCells::kPageCells), static_cast<MonotonicNs>(i + 1));
}

}  // namespace
}  // namespace linkspan::gateway
