// Where in an object's node a key stands: open addressing with linear probing over positions. The hash is
// keyed (SipHash-1-3), with a key that an outsider cannot know, so that no one can choose keys that collide.
// Nothing is ever removed: a slot may lead to a hole or to another key, so the caller compares keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace linkspan::data {

struct JsonObjectIndex {
  struct Slot {
    std::uint32_t position;
    std::uint32_t hash;
  };
  static constexpr std::uint32_t kEmpty = 0xffffffff;

  std::uint64_t seed;
  std::uint64_t mask;  // slots - 1; at least half of the slots stay empty

  Slot* slots() { return reinterpret_cast<Slot*>(this + 1); }

  // With room for `members` positions. Freed by std::free.
  static JsonObjectIndex* make(std::size_t members);
  static std::size_t bytes(std::size_t members);

  std::uint64_t hash(std::string_view key) const;
  void insert(std::uint64_t hash, std::uint32_t position);

  // The first position that was inserted with this hash and for which `is_it` holds; kEmpty if none.
  template <typename Predicate>
  std::uint32_t find(std::uint64_t hash, Predicate is_it) {
    for (std::uint64_t at = hash & mask;; at = (at + 1) & mask) {
      const Slot& slot = slots()[at];
      if (slot.position == kEmpty) return kEmpty;
      if (slot.hash == static_cast<std::uint32_t>(hash >> 32) && is_it(slot.position)) return slot.position;
    }
  }
};

}  // namespace linkspan::data
