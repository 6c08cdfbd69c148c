#include "base/huge_pages.h"

#include <algorithm>

#include <sys/mman.h>

namespace linkspan {
namespace {

constexpr std::size_t kHugePage = 2 * 1024 * 1024;

std::size_t alignment_of(std::size_t bytes, std::size_t needed) {
  return bytes >= kHugePagesFrom ? kHugePage : needed;
}

std::size_t rounded(std::size_t bytes) {
  return bytes >= kHugePagesFrom ? (bytes + kHugePage - 1) / kHugePage * kHugePage : bytes;
}

}  // namespace

void* allocate_table(std::size_t bytes, std::size_t alignment) {
  if (bytes > static_cast<std::size_t>(-1) - kHugePage) throw std::bad_alloc();
  const std::size_t size = rounded(bytes);
  void* memory = ::operator new(size, std::align_val_t{alignment_of(bytes, alignment)});
  if (bytes >= kHugePagesFrom) ::madvise(memory, size, MADV_HUGEPAGE);
  return memory;
}

void free_table(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
  ::operator delete(memory, std::align_val_t{alignment_of(bytes, alignment)});
}

}  // namespace linkspan
