// Names known in advance, and what belongs to each: made once, then looked up without allocating.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace linkspan::data::schema {

// Not keyed, so no defence against names that were chosen to collide: count the probes.
inline std::uint64_t hash_name(std::string_view name) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  const std::size_t size = name.size();
  if (size >= 8) {
    std::memcpy(&first, name.data(), 8);
    std::memcpy(&last, name.data() + size - 8, 8);
    for (std::size_t at = 8; at + 8 < size; at += 8) {
      std::uint64_t word;
      std::memcpy(&word, name.data() + at, 8);
      first = std::rotl(first * 0x9e3779b97f4a7c15, 23) ^ word;
    }
  } else if (size >= 4) {
    std::uint32_t low, high;
    std::memcpy(&low, name.data(), 4);
    std::memcpy(&high, name.data() + size - 4, 4);
    first = low;
    last = high;
  } else if (size > 0) {
    first = static_cast<unsigned char>(name[0]);
    last = static_cast<std::uint64_t>(static_cast<unsigned char>(name[size / 2])) << 8 |
           static_cast<unsigned char>(name[size - 1]);
  }
  const std::uint64_t mixed = (first + size * 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93 ^ std::rotl(last, 29);
  return mixed * 0x9e3779b97f4a7c15;
}

// Names are views that must outlive the table.
template <typename T>
class NameTable {
 public:
  struct Entry {
    std::string_view name;
    T value{};
    std::uint32_t hash = 0;
  };

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  // In the order in which they were added.
  std::vector<Entry>& entries() { return entries_; }
  const std::vector<Entry>& entries() const { return entries_; }

  // What belongs to a name, added if it is new.
  T& operator[](std::string_view name) {
    std::size_t probes = 0;
    if (const Entry* found = find(name, probes))
      return entries_[static_cast<std::size_t>(found - entries_.data())].value;
    if ((entries_.size() + 1) * 2 > slots_.size()) grow();
    entries_.push_back({name, T{}, static_cast<std::uint32_t>(hash_name(name) >> 32)});
    place(entries_.size() - 1);
    return entries_.back().value;
  }

  // Adds to `probes` how many entries had to be looked at.
  const Entry* find(std::string_view name, std::size_t& probes) const {
    if (slots_.empty()) return nullptr;
    const auto hash = static_cast<std::uint32_t>(hash_name(name) >> 32);
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      ++probes;
      if (slots_[at] == kFree) return nullptr;
      const Entry& entry = entries_[slots_[at]];
      if (entry.hash == hash && entry.name == name) return &entry;
    }
  }

 private:
  static constexpr std::uint32_t kFree = 0xffffffff;

  void place(std::size_t index) {
    std::size_t at = entries_[index].hash & mask_;
    while (slots_[at] != kFree) at = (at + 1) & mask_;
    slots_[at] = static_cast<std::uint32_t>(index);
  }
  void grow() {
    slots_.assign(std::bit_ceil(entries_.size() * 4 + 8), kFree);
    mask_ = slots_.size() - 1;
    for (std::size_t i = 0; i < entries_.size(); ++i) place(i);
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;
  std::size_t mask_ = 0;
};

}  // namespace linkspan::data::schema
