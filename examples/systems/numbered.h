// Records in the order in which they came, with ids such as "ch-17". The oldest leave when there are too
// many, so that a system may serve a long load test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/strings.h"

namespace linkspan::systems {

template <typename Record>
class Numbered {
 public:
  static constexpr std::size_t kMaxRecords = 100'000;

  explicit Numbered(std::string_view prefix) : prefix_(prefix) {}

  // Puts the id into record.id.
  Record& add(Record record) {
    record.id = prefix_;
    append_u64(record.id, first_ + records_.size());
    records_.push_back(std::move(record));
    if (records_.size() > kMaxRecords) {
      records_.pop_front();
      ++first_;
    }
    return records_.back();
  }

  Record* find(std::string_view id) {
    if (!id.starts_with(prefix_)) return nullptr;
    const auto number = parse_u64(id.substr(prefix_.size()));
    if (!number || *number < first_ || *number - first_ >= records_.size()) return nullptr;
    Record& record = records_[static_cast<std::size_t>(*number - first_)];
    return record.id == id ? &record : nullptr;  // "ch-017" is not "ch-17"
  }

  void clear() {
    records_.clear();
    first_ = 1;
  }
  auto begin() const { return records_.begin(); }
  auto end() const { return records_.end(); }

 private:
  std::string_view prefix_;
  std::uint64_t first_ = 1;  // number of the oldest record
  std::deque<Record> records_;
};

}  // namespace linkspan::systems
