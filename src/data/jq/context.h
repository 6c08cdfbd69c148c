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
  // Counts bytes that are about to be taken. True does not mean that they fit: the machine looks at what is
  // held every now and then (must_measure). A single amount past the whole limit is refused here.
  bool count_bytes(std::size_t bytes) {
    allocated_ += bytes;
    return bytes <= options_.limits.max_memory_bytes || stop_for_memory();
  }
  bool must_measure() const { return allocated_ >= measure_at_; }
  // The machine has found that so much is held.
  bool measured(std::size_t held_bytes);

  bool stop_for_memory() { return stop("max_memory_bytes", options_.limits.max_memory_bytes); }
  bool stop(std::string_view limit, std::uint64_t value);
  bool stopped() const { return !stop_reason_.empty(); }
  const std::string& stop_reason() const { return stop_reason_; }

  const JqLimits& limits() const { return options_.limits; }
  const JqOptions& options() const { return options_; }
  double now_seconds() const;
  RegexCache& regexes() { return *regexes_; }

 private:
  JqOptions options_;
  std::uint64_t steps_left_ = 0;
  std::size_t allocated_ = 0;
  std::size_t measure_at_ = 0;
  std::string stop_reason_;
  std::unique_ptr<RegexCache> regexes_;
};

}  // namespace linkspan::data::jq
