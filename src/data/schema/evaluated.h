// Which items or members of one value were looked at by a schema, for unevaluatedItems and -Properties.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace linkspan::data::schema {

class Evaluated {
 public:
  // Of a value of so many items or members; up to 64 need no memory.
  explicit Evaluated(std::size_t size) {
    if (size > 64) words_.resize((size + 63) / 64);
  }

  void set(std::size_t index) { word(index) |= std::uint64_t{1} << (index & 63); }
  void set_all() { all_ = true; }
  bool has(std::size_t index) const {
    const std::uint64_t bits = words_.empty() ? word_ : words_[index / 64];
    return all_ || (bits >> (index & 63) & 1) != 0;
  }
  void merge(const Evaluated& other) {
    all_ |= other.all_;
    word_ |= other.word_;
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }

 private:
  std::uint64_t& word(std::size_t index) { return words_.empty() ? word_ : words_[index / 64]; }

  std::uint64_t word_ = 0;
  std::vector<std::uint64_t> words_;
  bool all_ = false;
};

}  // namespace linkspan::data::schema
