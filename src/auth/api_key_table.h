// API keys by their SHA-256: one flat table that costs the same with one key and with 100,000.
//
// Keys are known by hash only; the plain key is hashed on arrival, and the digest both chooses the slot and
// is compared in full in constant time. Since slots follow from a SHA-256, neither an attacker's choice of
// keys nor the timing of a lookup says anything about the digests stored. A lookup touches two cache lines: a
// slot of the index and the entry. Built once, then immutable: any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "auth/consumer.h"
#include "base/digest.h"

namespace linkspan::auth {

// One cache line with what a request needs at once; the consumer is asked for only when it is logged.
struct alignas(64) ApiKeyEntry {
  Digest sha256;
  const Consumer* consumer;  // outlives the table
  std::string_view key_id;   // kept by the config
  RateKey rate;              // the consumer's
};
static_assert(sizeof(ApiKeyEntry) == 64);

class ApiKeyTable {
 public:
  ApiKeyTable() = default;
  // No two entries may have the same digest (the config loader has checked); of two, one is found.
  explicit ApiKeyTable(std::vector<ApiKeyEntry> entries);

  // The entry of a presented key, or null. `hasher` is the calling thread's.
  const ApiKeyEntry* find(std::string_view presented_key, Sha256& hasher) const;
  const ApiKeyEntry* find(const Digest& digest) const;

  std::size_t size() const { return entries_.size(); }

 private:
  struct Slot {
    std::uint32_t tag;    // bits of the digest that the slot number does not hold
    std::uint32_t entry;  // 1 + index into entries_; 0: empty
  };

  std::vector<ApiKeyEntry> entries_;
  std::vector<Slot> slots_;  // a power of two, at most half full
};

}  // namespace linkspan::auth
