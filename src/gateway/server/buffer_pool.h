// Memory for bytes in flight on one loop: blocks of a few sizes, recycled last in first out so that they are
// warm in the cache. Used by the loop's thread. The pool outlives its buffers.
#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace linkspan::gateway {

class BufferPool;

// One block, given back to its pool when destroyed. Empty when default-constructed or moved from.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : pool_(other.pool_),
        data_(std::exchange(other.data_, nullptr)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~Buffer() { release(); }

  char* data() const { return data_; }
  std::size_t capacity() const { return capacity_; }
  bool empty() const { return data_ == nullptr; }
  void release();

 private:
  friend class BufferPool;
  Buffer(BufferPool& pool, char* data, std::size_t capacity)
      : pool_(&pool), data_(data), capacity_(capacity) {}

  BufferPool* pool_ = nullptr;
  char* data_ = nullptr;
  std::size_t capacity_ = 0;
};

class BufferPool {
 public:
  static constexpr std::size_t kSmallest = 4096;

  BufferPool() = default;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  ~BufferPool();

  // At least `min_bytes`; the content is undefined.
  Buffer acquire(std::size_t min_bytes = kSmallest);

 private:
  friend class Buffer;
  static constexpr std::size_t kClasses = 6;                  // 4 KiB to 128 KiB
  static constexpr std::size_t kKeptBytesPerClass = 1 << 20;  // beyond it blocks go back to the heap

  void give_back(char* data, std::size_t capacity);

  std::array<std::vector<char*>, kClasses> free_;
};

}  // namespace linkspan::gateway
