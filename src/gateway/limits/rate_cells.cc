#include "gateway/limits/rate_cells.h"

#include <utility>

namespace linkspan::gateway {

RateCells::RateCells(std::size_t capacity) : page_count_((capacity + kPageCells - 1) / kPageCells) {
  pages_ = std::make_unique<std::atomic<Page*>[]>(page_count_);
}

RateCells::RateCells(std::size_t capacity, std::shared_ptr<RateCells> smaller) : RateCells(capacity) {
  smaller_ = std::move(smaller);
  shared_pages_ = smaller_->page_count_;
  for (std::size_t i = 0; i < shared_pages_; ++i) {
    Page* page = smaller_->pages_[i].load(std::memory_order_acquire);
    if (page == nullptr) page = smaller_->make_page(i);
    pages_[i].store(page, std::memory_order_relaxed);
  }
}

RateCells::~RateCells() {
  for (std::size_t i = shared_pages_; i < page_count_; ++i) delete pages_[i].load(std::memory_order_relaxed);
}

RateCells::Page* RateCells::make_page(std::size_t index) {
  auto fresh = std::make_unique<Page>();
  Page* expected = nullptr;
  if (pages_[index].compare_exchange_strong(expected, fresh.get(), std::memory_order_acq_rel))
    return fresh.release();
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
