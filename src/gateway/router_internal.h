// The hash of the router's tables, for short texts that the config chose. Not for tables that callers can
// fill.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "gateway/router.h"
#include "http/method.h"

namespace linkspan::gateway::router_internal {

// What an endpoint without `methods` takes: all but TRACE, whose answer repeats the request as the upstream
// got it, credentials included (RFC 9110 section 9.3.8). Only an endpoint that names TRACE takes it.
inline constexpr MethodSet kAnyMethod = ~(MethodSet{1} << static_cast<unsigned>(http::Method::trace));
inline constexpr unsigned kFirstExtensionBit = 9;  // after the methods that http::Method names
inline constexpr unsigned kMaxExtensionMethods = config::kMaxExtensionMethods;
inline constexpr MethodSet kUnnamedMethod = MethodSet{1} << 31;  // one that no endpoint names
static_assert(static_cast<unsigned>(http::Method::other) == kFirstExtensionBit);
static_assert(kFirstExtensionBit + kMaxExtensionMethods == 31);

constexpr MethodSet bit_of(http::Method method) {
  return MethodSet{1} << static_cast<unsigned>(method);
}

// For short texts that the config chose; not for tables that callers can fill.
inline std::uint32_t hash_of(std::uint32_t seed, std::string_view text) {
  constexpr std::uint64_t kMultiplier = 0x9fb21c651e98df25;  // odd, with bits evenly spread
  std::uint64_t state = (seed + 1) * kMultiplier ^ text.size();
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    state = (state ^ word) * kMultiplier;
    state ^= state >> 32;
  }
  std::uint64_t word = 0;
  if (left >= 4) {  // two overlapping reads cover what is left, without a loop
    std::uint32_t low;
    std::uint32_t high;
    std::memcpy(&low, at, 4);
    std::memcpy(&high, at + left - 4, 4);
    word = low | std::uint64_t{high} << 32;
  } else if (left > 0) {
    word = static_cast<std::uint8_t>(at[0]) | std::uint64_t{static_cast<std::uint8_t>(at[left / 2])} << 8 |
           std::uint64_t{static_cast<std::uint8_t>(at[left - 1])} << 16;
  }
  state = (state ^ word) * kMultiplier;
  state ^= state >> 29;
  state *= kMultiplier;
  return static_cast<std::uint32_t>(state >> 32);
}

// What a node's edges are hashed with follows from the texts on the way to it, so that the places of edges
// can be known before the edges above them have been read: of a root its number, of a literal child its
// edge's hash, of a parameter this.
constexpr std::uint32_t param_seed(std::uint32_t parent_seed) {
  return ~parent_seed;
}

// Whether `stored` begins with `text` of at most 16 bytes. Reads those bytes and no more: what stands behind
// them is seldom in the cache.
inline bool same_short_text(const char* stored, std::string_view text) {
  const auto same = [&]<typename Word>(Word, std::size_t at) {
    Word one;
    Word other;
    std::memcpy(&one, stored + at, sizeof one);
    std::memcpy(&other, text.data() + at, sizeof other);
    return one == other;
  };
  const std::size_t size = text.size();
  if (size >= 8) return same(std::uint64_t{}, 0) && same(std::uint64_t{}, size - 8);
  if (size >= 4) return same(std::uint32_t{}, 0) && same(std::uint32_t{}, size - 4);
  for (std::size_t i = 0; i < size; ++i) {
    if (stored[i] != text[i]) return false;
  }
  return true;
}

}  // namespace linkspan::gateway::router_internal
