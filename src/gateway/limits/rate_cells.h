// A flat array of rate cells. A large one is allocated page by page on first use: a limit "per consumer" at
// 1,000 endpoints for 100,000 consumers costs memory for those consumers that come. Any thread; nothing moves
// or is freed while the array lives. A bigger array that replaces it (more consumers after a reload) shares
// its pages, so both count in the same cells.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/huge_pages.h"
#include "gateway/limits/gcra.h"

namespace linkspan::gateway {

// Where the pages of many arrays come from: side by side, so that those in use lie in few huge pages. Any
// thread; what happens under the lock neither clears nor touches pages.
class RatePages {
 public:
  static constexpr std::size_t kPageCells = 128;
  struct Page {
    RateCell cells[kPageCells] = {};
  };

  RatePages() = default;
  RatePages(const RatePages&) = delete;
  RatePages& operator=(const RatePages&) = delete;
  ~RatePages();

  // So many side by side, all cells 0.
  Page* take(std::size_t count = 1);
  void give_back(Page* pages, std::size_t count = 1);

 private:
  struct Slab {
    Page* pages;  // memory for them
    std::size_t count;
  };
  struct Memory {
    Page* pages;
    bool is_zero;  // and best left untouched until a cell is used
  };
  Memory take_memory(std::size_t count);

  std::mutex mutex_;
  std::vector<Slab> slabs_;
  std::size_t unused_ = 0;                          // pages at the end of the last slab
  std::map<std::size_t, std::vector<Page*>> free_;  // by how many are side by side
};

class RateCells {
  using Page = RatePages::Page;

 public:
  static constexpr std::size_t kPageCells = RatePages::kPageCells;
  // An array of at most so many pages lies in one piece, which costs address space at once and memory where
  // cells are used.
  static constexpr std::size_t kMaxPiecePages = 32;

  // The cells that lie in one piece: finds one with the fewest steps through memory. Valid as long as the
  // array.
  class Piece {
   public:
    Piece() = default;
    Piece(RateCell* first, std::size_t count) : first_(first), count_(static_cast<std::uint32_t>(count)) {}
    // Null: the slot's cell is not here, but the array has it.
    RateCell* find(std::size_t slot) const { return slot < count_ ? first_ + slot : nullptr; }
    const RateCell* begin() const { return first_; }

   private:
    RateCell* first_ = nullptr;
    std::uint32_t count_ = 0;
  };

  explicit RateCells(std::size_t capacity, std::shared_ptr<RatePages> pages = std::make_shared<RatePages>());
  // With at least `capacity` cells, the first ones shared with `smaller`.
  RateCells(std::size_t capacity, std::shared_ptr<RateCells> smaller);
  ~RateCells();
  RateCells(const RateCells&) = delete;
  RateCells& operator=(const RateCells&) = delete;

  std::size_t capacity() const { return page_count_ * kPageCells; }

  // `slot` is below capacity(). Allocates the page on its first use.
  RateCell& cell(std::size_t slot);
  Piece piece() const { return piece_; }
  // The time in the cell without making a page; 0 if it was never used.
  MonotonicNs peek(std::size_t slot) const;
  void clear(std::size_t slot);

 private:
  Page* make_page(std::size_t index);

  std::shared_ptr<RatePages> source_;
  std::unique_ptr<std::atomic<Page*>[]> pages_;
  std::size_t page_count_;
  std::size_t piece_pages_ = 0;   // how many of the first pages are side by side
  Piece piece_;                   // their cells
  std::size_t shared_pages_ = 0;  // the first ones, owned by smaller_
  std::shared_ptr<RateCells> smaller_;
};

}  // namespace linkspan::gateway
