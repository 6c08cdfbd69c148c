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

// The first and last eight bytes of a name (for shorter ones, all there is): with the size, all of a name of
// up to sixteen bytes, so that those need no comparing byte by byte.
struct NameEnds {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  bool operator==(const NameEnds&) const = default;
};
inline constexpr std::size_t kMaxWholeName = 16;

inline NameEnds ends_of(std::string_view name) {
  NameEnds ends;
  const std::size_t size = name.size();
  if (size >= 8) {
    std::memcpy(&ends.first, name.data(), 8);
    std::memcpy(&ends.last, name.data() + size - 8, 8);
  } else if (size >= 4) {
    std::uint32_t low, high;
    std::memcpy(&low, name.data(), 4);
    std::memcpy(&high, name.data() + size - 4, 4);
    ends = {low, high};
  } else if (size > 0) {
    const auto byte = [&](std::size_t at) {
      return static_cast<std::uint64_t>(static_cast<unsigned char>(name[at]));
    };
    ends = {byte(0), byte(size / 2) << 8 | byte(size - 1)};
  }
  return ends;
}

// Not keyed, so no defence against names that were chosen to collide: count the probes.
inline std::uint32_t hash_name(std::string_view name, const NameEnds& ends) {
  std::uint64_t first = ends.first;
  for (std::size_t at = 8; at + 8 < name.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, name.data() + at, 8);
    first = std::rotl(first * 0x9e3779b97f4a7c15, 23) ^ word;
  }
  const std::uint64_t mixed =
      ((first + name.size() * 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93) ^ std::rotl(ends.last, 29);
  return static_cast<std::uint32_t>((mixed * 0x9e3779b97f4a7c15) >> 32);
}

// Names are views that must outlive the table.
template <typename T>
class NameTable {
 public:
  struct Entry {
    std::string_view name;
    NameEnds ends;
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
    const NameEnds ends = ends_of(name);
    entries_.push_back({name, ends, T{}, hash_name(name, ends)});
    place(entries_.size() - 1);
    return entries_.back().value;
  }

  // Adds to `probes` how many entries had to be looked at.
  const Entry* find(std::string_view name, std::size_t& probes) const {
    if (slots_.empty()) return nullptr;
    const NameEnds ends = ends_of(name);
    const std::uint32_t hash = hash_name(name, ends);
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      ++probes;
      if (slots_[at] == kFree) return nullptr;
      const Entry& entry = entries_[slots_[at]];
      if (entry.hash == hash && entry.name.size() == name.size() && entry.ends == ends &&
          (name.size() <= kMaxWholeName || entry.name == name))
        return &entry;
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
