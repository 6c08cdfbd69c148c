#include "gateway/limits/rate_cells.h"

#include <algorithm>
#include <utility>

namespace linkspan::gateway {

RatePages::Page* RatePages::take() {
  constexpr std::size_t kFirstSlab = 16;
  constexpr std::size_t kLargestSlab = 2048;  // a huge page
  const std::lock_guard lock(mutex_);
  if (!free_.empty()) {
    Page* page = free_.back();
    free_.pop_back();
    return page;
  }
  if (unused_ == 0) {
    unused_ = slabs_.empty() ? kFirstSlab : std::min(slabs_.back().size() * 2, kLargestSlab);
    slabs_.emplace_back(unused_);
  }
  Slab& slab = slabs_.back();
  return &slab[slab.size() - unused_--];
}

void RatePages::give_back(Page* page) {
  for (RateCell& cell : page->cells) cell.store(0, std::memory_order_relaxed);
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

MonotonicNs RateCells::peek(std::size_t slot) const {
  const Page* page = pages_[slot / kPageCells].load(std::memory_order_acquire);
  return page != nullptr ? page->cells[slot % kPageCells].load(std::memory_order_relaxed) : 0;
}

void RateCells::clear(std::size_t slot) {
  Page* page = pages_[slot / kPageCells].load(std::memory_order_acquire);
  if (page != nullptr) page->cells[slot % kPageCells].store(0, std::memory_order_relaxed);
}

}  // namespace linkspan::gateway
