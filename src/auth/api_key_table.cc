#include "auth/api_key_table.h"

#include <bit>
#include <cstring>
#include <utility>

namespace linkspan::auth {
namespace {

// The digest is uniformly distributed already: its first bytes choose the slot, others tell slots apart.
std::size_t slot_hash(const Digest& digest) {
  std::uint64_t bits;
  std::memcpy(&bits, digest.data(), sizeof bits);
  return bits;
}

std::uint32_t tag_of(const Digest& digest) {
  std::uint32_t bits;
  std::memcpy(&bits, digest.data() + 8, sizeof bits);
  return bits;
}

}  // namespace

ApiKeyTable::ApiKeyTable(std::vector<ApiKeyEntry> entries) : entries_(std::move(entries)) {
  if (entries_.empty()) return;
  slots_.resize(std::bit_ceil(entries_.size() * 2));
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t at = slot_hash(entries_[i].sha256) & mask;
    while (slots_[at].entry != 0) at = (at + 1) & mask;
    slots_[at] = {tag_of(entries_[i].sha256), static_cast<std::uint32_t>(i + 1)};
  }
}

const ApiKeyEntry* ApiKeyTable::find(std::string_view presented_key, Sha256& hasher) const {
  if (entries_.empty()) return nullptr;
  return find(hasher.digest(presented_key));
}

const ApiKeyEntry* ApiKeyTable::find(const Digest& digest) const {
  if (entries_.empty()) return nullptr;
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t tag = tag_of(digest);
  for (std::size_t at = slot_hash(digest) & mask; slots_[at].entry != 0; at = (at + 1) & mask) {
    if (slots_[at].tag != tag) continue;
    const ApiKeyEntry& entry = entries_[slots_[at].entry - 1];
    if (constant_time_equal(entry.sha256, digest)) return &entry;
  }
  return nullptr;
}

}  // namespace linkspan::auth
