#include "gateway/limits/rate_cells.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace linkspan::gateway {
namespace {

TEST(RateCells, threads_that_come_to_an_unused_cell_together_share_it) {
  RateCells cells(10 * RateCells::kMaxPiecePages * RateCells::kPageCells);
  const GcraLimit limit = make_gcra({.count = 1, .per = std::chrono::hours(1), .burst = 100});
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 1000; ++i) {
        const std::size_t slot = (i % 10) * RateCells::kMaxPiecePages * RateCells::kPageCells;
        if (gcra_take(limit, cells.cell(slot), kNsPerSecond).conforms) passed.fetch_add(1);
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

TEST(RateCells, a_small_array_lies_in_one_piece_and_a_large_one_does_not) {
  RateCells small(RateCells::kMaxPiecePages * RateCells::kPageCells);
  for (std::size_t slot : {std::size_t{0}, std::size_t{129}, small.capacity() - 1})
    EXPECT_EQ(small.piece().find(slot), &small.cell(slot));
  EXPECT_EQ(small.piece().find(small.capacity()), nullptr);
  RateCells large(RateCells::kMaxPiecePages * RateCells::kPageCells + 1);
  EXPECT_EQ(large.piece().find(0), nullptr);
  EXPECT_EQ(large.cell(large.capacity() - 1).load(), 0);
}

TEST(RateCells, an_array_that_grew_counts_on_in_the_same_cells) {
  const auto small = std::make_shared<RateCells>(2 * RateCells::kPageCells);
  small->cell(200).store(5);
  RateCells grown(100 * RateCells::kPageCells, small);
  EXPECT_EQ(grown.piece().find(200), &small->cell(200));
  EXPECT_EQ(grown.peek(200), 5);
  const std::size_t beyond = 2 * RateCells::kPageCells;
  EXPECT_EQ(grown.piece().find(beyond), nullptr);
  grown.cell(beyond).store(6);
  EXPECT_EQ(grown.peek(beyond), 6);
}

TEST(RateCells, pieces_of_many_arrays_do_not_overlap_and_count_from_nothing_when_used_again) {
  const auto pages = std::make_shared<RatePages>();
  for (int round = 0; round < 2; ++round) {
    std::vector<std::unique_ptr<RateCells>> arrays;
    for (std::size_t i = 0; i < 400; ++i) {
      const std::size_t pages_of_array = 1 + i % RateCells::kMaxPiecePages;
      arrays.push_back(std::make_unique<RateCells>(pages_of_array * RateCells::kPageCells, pages));
    }
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      for (std::size_t slot = 0; slot < arrays[i]->capacity(); slot += RateCells::kPageCells / 2)
        ASSERT_EQ(arrays[i]->cell(slot).exchange(static_cast<MonotonicNs>(i + 1)), 0);
    }
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      for (std::size_t slot = 0; slot < arrays[i]->capacity(); slot += RateCells::kPageCells / 2)
        ASSERT_EQ(arrays[i]->peek(slot), static_cast<MonotonicNs>(i + 1));
    }
  }
}

}  // namespace
}  // namespace linkspan::gateway
