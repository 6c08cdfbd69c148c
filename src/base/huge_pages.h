// Memory for tables that each request looks into at another place. Where they are large the processor would
// have to find out for nearly every look where in memory its page lies; in huge pages (2 MiB) it knows. An
// allocator for standard containers; any thread.
#pragma once

#include <cstddef>
#include <new>

namespace linkspan {

inline constexpr std::size_t kHugePageBytes = 2 * 1024 * 1024;
// From this size on memory is asked for in huge pages, whole ones, and goes back to the system when it is
// freed. The kernel may say no (it has none to give, or transparent huge pages are off); then it is memory as
// any other.
inline constexpr std::size_t kHugePagesFrom = 512 * 1024;

// `alignment` as the type needs it. Of kHugePagesFrom bytes and more all are zero and none is touched yet.
// Throws std::bad_alloc.
void* allocate_table(std::size_t bytes, std::size_t alignment);
// With the same numbers.
void free_table(void* memory, std::size_t bytes, std::size_t alignment) noexcept;

template <typename T>
struct HugePageAllocator {
  using value_type = T;
  HugePageAllocator() = default;
  template <typename U>
  HugePageAllocator(const HugePageAllocator<U>&) {}
  T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
    return static_cast<T*>(allocate_table(count * sizeof(T), alignof(T)));
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    free_table(memory, count * sizeof(T), alignof(T));
  }
  friend bool operator==(HugePageAllocator, HugePageAllocator) { return true; }
};

}  // namespace linkspan
