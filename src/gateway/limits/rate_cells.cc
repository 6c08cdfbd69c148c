#include "gateway/limits/rate_cells.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace linkspan::gateway {

RatePages::~RatePages() {
  for (const Slab& slab : slabs_) free_table(slab.pages, slab.count * sizeof(Page), alignof(Page));
}

RatePages::Memory RatePages::take_memory(std::size_t count) {
  constexpr std::size_t kFirstSlab = 16;
  constexpr std::size_t kLargestSmallSlab = kHugePagesFrom / sizeof(Page) / 2;
  constexpr std::size_t kLargestSlab = kHugePageBytes / sizeof(Page);
  static_assert(RateCells::kMaxPiecePages <= kLargestSmallSlab);
  const std::lock_guard lock(mutex_);
  if (std::vector<Page*>& free = free_[count]; !free.empty()) {
    Page* pages = free.back();
    free.pop_back();
    return {pages, false};
  }
  if (unused_ < count) {
    std::size_t size = slabs_.empty() ? kFirstSlab : slabs_.back().count * 2;
    size = std::max(size, std::bit_ceil(count));
    if (size > kLargestSmallSlab) size = kLargestSlab;
    if (unused_ != 0) free_[unused_].push_back(slabs_.back().pages + (slabs_.back().count - unused_));
    unused_ = 0;
    Slab& slab = slabs_.emplace_back(nullptr, 0);
    slab.pages = static_cast<Page*>(allocate_table(size * sizeof(Page), alignof(Page)));
    unused_ = slab.count = size;
  }
  const Slab& slab = slabs_.back();
  Page* pages = slab.pages + (slab.count - unused_);
  unused_ -= count;
  return {pages, slab.count * sizeof(Page) >= kHugePagesFrom};
}

RatePages::Page* RatePages::take(std::size_t count) {
  const Memory memory = take_memory(count);
  if (!memory.is_zero) std::uninitialized_value_construct_n(memory.pages, count);
  return memory.pages;
}

void RatePages::give_back(Page* pages, std::size_t count) {
  const std::lock_guard lock(mutex_);
  free_[count].push_back(pages);
}

RateCells::RateCells(std::size_t capacity, std::shared_ptr<RatePages> pages)
    : source_(std::move(pages)), page_count_((capacity + kPageCells - 1) / kPageCells) {
  pages_ = std::make_unique<std::atomic<Page*>[]>(page_count_);
  if (page_count_ > kMaxPiecePages) return;
  Page* piece = source_->take(page_count_);
  for (std::size_t i = 0; i < page_count_; ++i) pages_[i].store(piece + i, std::memory_order_relaxed);
  piece_pages_ = page_count_;
  piece_ = Piece(piece->cells, page_count_ * kPageCells);
}

RateCells::RateCells(std::size_t capacity, std::shared_ptr<RateCells> smaller)
    : source_(smaller->source_),
      page_count_((capacity + kPageCells - 1) / kPageCells),
      piece_pages_(smaller->piece_pages_),
      piece_(smaller->piece_) {
  pages_ = std::make_unique<std::atomic<Page*>[]>(page_count_);
  smaller_ = std::move(smaller);
  shared_pages_ = smaller_->page_count_;
  for (std::size_t i = 0; i < shared_pages_; ++i) {
    Page* page = smaller_->pages_[i].load(std::memory_order_acquire);
    if (page == nullptr) page = smaller_->make_page(i);
    pages_[i].store(page, std::memory_order_relaxed);
  }
}

RateCells::~RateCells() {
  std::size_t i = shared_pages_;
  if (i == 0 && piece_pages_ != 0) {
    source_->give_back(pages_[0].load(std::memory_order_relaxed), piece_pages_);
    i = piece_pages_;
  }
  for (; i < page_count_; ++i) {
    if (Page* page = pages_[i].load(std::memory_order_relaxed)) source_->give_back(page);
  }
}

RateCell& RateCells::cell(std::size_t slot) {
  Page* page = pages_[slot / kPageCells].load(std::memory_order_acquire);
  if (page == nullptr) [[unlikely]] {
    page = make_page(slot / kPageCells);
  }
  return page->cells[slot % kPageCells];
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
