// What a run offers to the builtins: limits, clock, sink and caches. One per run, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "data/jq/jq.h"

namespace linkspan::data::jq {

class RegexCache;

// Levels of arrays and objects beyond which values are not compared, merged, parsed or written.
inline constexpr std::uint32_t kMaxNesting = 10'000;

class Context {
 public:
  explicit Context(JqOptions options);
  ~Context();

  void begin();

  // Counts work; false once a limit is passed, and then the run is to end.
  bool count_steps(std::uint64_t steps) {
    if (steps > steps_left_) [[unlikely]]
      return stop("max_steps", options_.limits.max_steps);
    steps_left_ -= steps;
    return true;
  }
  // Counts bytes that are about to be taken, and the work of filling them; false as above. True does not mean
  // that they fit: the machine looks at what is held every now and then (must_measure). But what one
  // instruction takes is never more than the whole limit.
  bool count_bytes(std::size_t bytes) {
    allocated_ += bytes;
    if (allocated_ - instruction_began_ > options_.limits.max_memory_bytes) [[unlikely]]
      return stop("max_memory_bytes", options_.limits.max_memory_bytes);
    return count_steps(bytes / kBytesPerStep);
  }
  // Counts looking at every byte of a string once.
  bool count_text(std::size_t bytes) { return count_steps(bytes / kBytesPerStep); }
  // Counts the copy that a change of `value` makes where others share it.
  bool count_change(const JsonValue& value) { return value.is_unique() || count_bytes(value.node_bytes()); }
  void begin_instruction() { instruction_began_ = allocated_; }
  bool must_measure() const { return allocated_ >= measure_at_; }
  // The machine has found that so much is held.
  bool measured(std::size_t held_bytes);

  // False, and the run cannot take another step.
  bool stop(std::string_view limit, std::uint64_t value);
  bool stopped() const { return !stop_reason_.empty(); }
  const std::string& stop_reason() const { return stop_reason_; }

  const JqLimits& limits() const { return options_.limits; }
  const JqOptions& options() const { return options_; }
  double now_seconds() const;
  RegexCache& regexes() { return *regexes_; }

 private:
  static constexpr std::size_t kBytesPerStep = 64;

  JqOptions options_;
  std::uint64_t steps_left_ = 0;
  std::size_t allocated_ = 0;
  std::size_t measure_at_ = 0;
  std::size_t instruction_began_ = 0;
  std::string stop_reason_;
  std::unique_ptr<RegexCache> regexes_;
};

}  // namespace linkspan::data::jq
