// The parser's stack of values, of which whole runs move into nodes as bytes. Not shared between threads.
#pragma once

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "data/json.h"

namespace linkspan::data {

class JsonStack {
 public:
  JsonStack() = default;
  JsonStack(const JsonStack&) = delete;
  JsonStack& operator=(const JsonStack&) = delete;
  ~JsonStack() {
    clear();
    std::free(static_cast<void*>(values_));
  }

  std::size_t size() const { return size_; }
  void push(JsonValue value) {
    new (place()) JsonValue(std::move(value));
    added();
  }
  // Raw memory for one more value, and that it was made there.
  JsonValue* place() {
    if (size_ == capacity_) grow();
    return values_ + size_;
  }
  void added() { ++size_; }
  JsonValue pop() {
    JsonValue value = std::move(values_[--size_]);
    return value;
  }
  JsonValue* from(std::size_t index) { return values_ + index; }
  // Drops what stands from `index` on, which has been moved out as bytes.
  void forget(std::size_t index) { size_ = index; }
  void clear() {
    while (size_ > 0) values_[--size_].~JsonValue();
  }
  // Frees the memory of an empty stack if it is large.
  void trim() {
    constexpr std::size_t kKeptValues = 16 * 1024;
    if (size_ > 0 || capacity_ <= kKeptValues) return;
    std::free(static_cast<void*>(values_));
    values_ = nullptr;
    capacity_ = 0;
  }

 private:
  void grow() {
    capacity_ = capacity_ == 0 ? 64 : capacity_ * 2;
    void* memory = std::realloc(static_cast<void*>(values_), capacity_ * sizeof(JsonValue));
    if (memory == nullptr) throw std::bad_alloc();
    values_ = static_cast<JsonValue*>(memory);
  }

  JsonValue* values_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace linkspan::data
