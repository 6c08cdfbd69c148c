// Asking memory for what will be looked at soon. A hint: never wrong, at most useless; any address will do.
#pragma once

#include <cstddef>

namespace linkspan {

// All cache lines of `bytes` bytes from a line's beginning on.
inline void prefetch(const void* from, std::size_t bytes) {
  constexpr std::size_t kCacheLine = 64;
  for (std::size_t at = 0; at < bytes; at += kCacheLine)
    __builtin_prefetch(static_cast<const char*>(from) + at);
}

}  // namespace linkspan
