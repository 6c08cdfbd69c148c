// What the demo systems did, and for whom: every call of an operation that may change something, by its
// Idempotency-Key. A call whose key was answered before gets that answer again and has no second effect. One
// log for all systems, so that the order of effects can be seen across them. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "systems/system.h"

namespace linkspan::systems {

class EffectLog {
 public:
  static constexpr std::size_t kDefaultMaxEntries = 200'000;

  struct Entry {
    std::uint64_t number;  // of its first attempt; entries are numbered from 1
    std::string_view system;
    std::string_view operation;
    std::string key;             // empty: the call had none, and each attempt has an entry of its own
    std::uint64_t attempts = 0;  // calls that arrived, those that met a fault included
    std::uint64_t effects = 0;
    std::uint64_t order = 0;  // place of its first effect among all effects, from 1; 0: no effect
    bool answered = false;
    std::uint64_t body_hash = 0;  // of the call that was answered
    Answer answer = {};           // the recorded one
  };

  explicit EffectLog(std::size_t max_entries = kDefaultMaxEntries) : max_entries_(max_entries) {}

  // Counts an attempt. The number stands for its entry until the entry is forgotten.
  std::uint64_t arrived(const System& system, const Operation& operation, std::string_view key);

  // Runs the operation, or repeats the recorded answer (`repeated` tells). A key that comes again with
  // another body is refused with 422. Answers of 5xx are not recorded.
  Answer perform(std::uint64_t entry_number, const System& system, const Operation& operation,
                 const Call& call, bool& repeated);

  // Forgets what one system did, or everything if `system` is empty.
  void clear(std::string_view system = {});

  // {"effects": [...], "forgotten": n}: oldest first; of one system, or of all if `system` is empty.
  std::string to_json(std::string_view system) const;

 private:
  Entry* find(std::uint64_t number);

  std::size_t max_entries_;
  std::uint64_t first_number_ = 1;  // of the oldest entry that is kept
  std::uint64_t forgotten_ = 0;
  std::uint64_t effects_ = 0;
  std::deque<Entry> entries_;
  std::unordered_map<std::string, std::uint64_t> by_key_;  // "system operation key" to number
};

}  // namespace linkspan::systems
