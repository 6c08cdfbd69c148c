// A flat array of rate cells, allocated page by page on first use: a limit "per consumer" at 1,000 endpoints
// for 100,000 consumers costs memory for those consumers that come. Any thread; nothing moves or is freed
// while the array lives. A bigger array that replaces it (more consumers after a reload) shares its pages, so
// both count in the same cells.
#pragma once

#include <atomic>
#include <cstdint>
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

  Page* take();  // all cells 0
  void give_back(Page* page);

 private:
  struct Slab {
    Page* pages;  // memory for them
    std::size_t count;
  };
  Page* take_memory();

  std::mutex mutex_;
  std::vector<Slab> slabs_;
  std::size_t unused_ = 0;  // pages at the end of the last slab
  std::vector<Page*> free_;
};

class RateCells {
  using Page = RatePages::Page;

 public:
  static constexpr std::size_t kPageCells = RatePages::kPageCells;

  // Where the first cells of an array are, kept beside who uses them: one step through memory less. Any
  // thread; of one array as long as that lives.
  class alignas(64) Nearby {
   public:
    static constexpr std::size_t kPages = 8;

    RateCell& cell(std::size_t slot, RateCells& array) {
      RateCell* known = find(slot);
      return known != nullptr ? *known : learn(slot, array);
    }
    // Asks memory for the cell, which will be written.
    void fetch_ahead(std::size_t slot) const {
      const RateCell* known = find(slot);
      if (known != nullptr) __builtin_prefetch(known, 1);
    }

   private:
    RateCell* find(std::size_t slot) const {
      if (slot >= kPages * kPageCells) return nullptr;
      Page* page = pages_[slot / kPageCells].load(std::memory_order_acquire);
      return page != nullptr ? &page->cells[slot % kPageCells] : nullptr;
    }
    RateCell& learn(std::size_t slot, RateCells& array);

    std::atomic<Page*> pages_[kPages] = {};
  };

  explicit RateCells(std::size_t capacity, std::shared_ptr<RatePages> pages = std::make_shared<RatePages>());
  // With at least `capacity` cells, the first ones shared with `smaller`.
  RateCells(std::size_t capacity, std::shared_ptr<RateCells> smaller);
  ~RateCells();
  RateCells(const RateCells&) = delete;
  RateCells& operator=(const RateCells&) = delete;

  std::size_t capacity() const { return page_count_ * kPageCells; }

  // `slot` is below capacity(). Allocates the page on its first use.
  RateCell& cell(std::size_t slot) { return page(slot / kPageCells).cells[slot % kPageCells]; }
  // The time in the cell without making a page; 0 if it was never used.
  MonotonicNs peek(std::size_t slot) const;
  void clear(std::size_t slot);

 private:
  Page& page(std::size_t index) {
    Page* page = pages_[index].load(std::memory_order_acquire);
    return page != nullptr ? *page : *make_page(index);
  }
  Page* make_page(std::size_t index);

  std::shared_ptr<RatePages> source_;
  std::unique_ptr<std::atomic<Page*>[]> pages_;
  std::size_t page_count_;
  std::size_t shared_pages_ = 0;  // the first ones, owned by smaller_
  std::shared_ptr<RateCells> smaller_;
};

}  // namespace linkspan::gateway
