#include "gateway/server/buffer_pool.h"

#include <bit>

namespace linkspan::gateway {

namespace {

std::size_t class_of(std::size_t bytes) {
  if (bytes <= BufferPool::kSmallest) return 0;
  return static_cast<std::size_t>(std::bit_width(bytes - 1) - std::bit_width(BufferPool::kSmallest - 1));
}

}  // namespace

void Buffer::release() {
  if (data_ != nullptr) pool_->give_back(std::exchange(data_, nullptr), std::exchange(capacity_, 0));
}

BufferPool::~BufferPool() {
  for (auto& blocks : free_) {
    for (char* block : blocks) delete[] block;
  }
}

Buffer BufferPool::acquire(std::size_t min_bytes) {
  const std::size_t index = class_of(min_bytes);
  if (index >= kClasses) return {*this, new char[min_bytes], min_bytes};
  const std::size_t capacity = kSmallest << index;
  auto& blocks = free_[index];
  if (blocks.empty()) return {*this, new char[capacity], capacity};
  char* data = blocks.back();
  blocks.pop_back();
  return {*this, data, capacity};
}

void BufferPool::give_back(char* data, std::size_t capacity) {
  const std::size_t index = class_of(capacity);
  if (index >= kClasses || free_[index].size() * capacity >= kKeptBytesPerClass) {
    delete[] data;
  } else {
    free_[index].push_back(data);
  }
}

}  // namespace linkspan::gateway
