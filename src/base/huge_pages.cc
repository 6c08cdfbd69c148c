#include "base/huge_pages.h"

#include <cstdint>

#include <sys/mman.h>

namespace linkspan {
namespace {

std::size_t whole_pages(std::size_t bytes) {
  return (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
}

// Of a mapping that is one huge page too long, the part that begins where a huge page may; the rest is
// unmapped.
char* trim(char* mapped, std::size_t bytes) {
  const auto misaligned = reinterpret_cast<std::uintptr_t>(mapped) % kHugePageBytes;
  const std::size_t before = misaligned == 0 ? 0 : kHugePageBytes - misaligned;
  if (before != 0) ::munmap(mapped, before);
  if (before != kHugePageBytes) ::munmap(mapped + before + bytes, kHugePageBytes - before);
  return mapped + before;
}

}  // namespace

void* allocate_table(std::size_t bytes, std::size_t alignment) {
  if (bytes < kHugePagesFrom) return ::operator new(bytes, std::align_val_t{alignment});
  if (bytes > SIZE_MAX - 2 * kHugePageBytes) throw std::bad_alloc();
  const std::size_t size = whole_pages(bytes);
  void* mapped =
      ::mmap(nullptr, size + kHugePageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* memory = trim(static_cast<char*>(mapped), size);
  ::madvise(memory, size, MADV_HUGEPAGE);
  return memory;
}

void free_table(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
  if (bytes < kHugePagesFrom) {
    ::operator delete(memory, std::align_val_t{alignment});
  } else {
    ::munmap(memory, whole_pages(bytes));
  }
}

}  // namespace linkspan
