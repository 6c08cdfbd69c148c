#include "gateway/limits/rate_cells.h"

#include <algorithm>
#include <utility>

namespace linkspan::gateway {

RatePages::~RatePages() {
  for (const Slab& slab : slabs_) free_table(slab.pages, slab.count * sizeof(Page), alignof(Page));
}

RatePages::Page* RatePages::take_memory() {
  constexpr std::size_t kFirstSlab = 16;
  constexpr std::size_t kLargestSmallSlab = kHugePagesFrom / sizeof(Page) / 2;
  constexpr std::size_t kLargestSlab = kHugePageBytes / sizeof(Page);
  const std::lock_guard lock(mutex_);
  if (!free_.empty()) {
    Page* page = free_.back();
    free_.pop_back();
    return page;
  }
  if (unused_ == 0) {
    std::size_t count = slabs_.empty() ? kFirstSlab : slabs_.back().count * 2;
    if (count > kLargestSmallSlab) count = kLargestSlab;
    Slab& slab = slabs_.emplace_back(nullptr, 0);
    slab.pages = static_cast<Page*>(allocate_table(count * sizeof(Page), alignof(Page)));
    unused_ = slab.count = count;
  }
  const Slab& slab = slabs_.back();
  return slab.pages + (slab.count - unused_--);
}

RatePages::Page* RatePages::take() {
  return new (take_memory()) Page();
}

void RatePages::give_back(Page* page) {
  const std::lock_guard lock(mutex_);
  free_.push_back(page);
}

RateCells::RateCells(std::size_t capacity, std::shared_ptr<RatePages> pages)
    : source_(std::move(pages)), page_count_((capacity + kPageCells - 1) / kPageCells) {
  pages_ = std::make_unique<std::atomic<Page*>[]>(page_count_);
}

RateCells::RateCells(std::size_t capacity, std::shared_ptr<RateCells> smaller)
    : RateCells(capacity, smaller->source_) {
  smaller_ = std::move(smaller);
  shared_pages_ = smaller_->page_count_;
  for (std::size_t i = 0; i < shared_pages_; ++i) {
    Page* page = smaller_->pages_[i].load(std::memory_order_acquire);
    if (page == nullptr) page = smaller_->make_page(i);
    pages_[i].store(page, std::memory_order_relaxed);
  }
}

RateCells::~RateCells() {
  for (std::size_t i = shared_pages_; i < page_count_; ++i) {
    if (Page* page = pages_[i].load(std::memory_order_relaxed)) source_->give_back(page);
  }
}

RateCells::Page* RateCells::make_page(std::size_t index) {
  Page* fresh = source_->take();
  Page* expected = nullptr;
  if (pages_[index].compare_exchange_strong(expected, fresh, std::memory_order_acq_rel)) return fresh;
  source_->give_back(fresh);
  return expected;  // another thread was first
}

RateCell& RateCells::Nearby::learn(std::size_t slot, RateCells& array) {
  if (slot >= kPages * kPageCells) return array.cell(slot);
  Page& page = array.page(slot / kPageCells);
  pages_[slot / kPageCells].store(&page, std::memory_order_release);
  return page.cells[slot % kPageCells];
}

MonotonicNs RateCells::peek(std::size_t slot) const {
  const Page* page = pages_[slot / kPageCells].load(std::memory_order_acquire);
  return page != nullptr ? page->cells[slot % kPageCells].load(std::memory_order_relaxed) : 0;
}

void RateCells::clear(std::size_t slot) {
  Page* page = pages_[slot / kPageCells].load(std::memory_order_acquire);
  if (page != nullptr) page->cells[slot % kPageCells].store(0, std::memory_order_relaxed);
}

}  // namespace linkspan::gateway
