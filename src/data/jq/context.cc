#include "data/jq/context.h"

#include "data/jq/regex.h"

namespace linkspan::data::jq {

Context::Context(JqOptions options)
    : options_(std::move(options)), regexes_(std::make_unique<RegexCache>()) {}

Context::~Context() = default;

void Context::begin() {
  steps_left_ = options_.limits.max_steps;
  allocated_ = instruction_began_ = 0;
  measure_at_ = options_.limits.max_memory_bytes;
  stop_reason_.clear();
}

bool Context::measured(std::size_t held_bytes) {
  const std::size_t limit = options_.limits.max_memory_bytes;
  if (held_bytes > limit) return stop("max_memory_bytes", limit);
  measure_at_ = allocated_ + std::max(limit - held_bytes, limit / 8);
  return true;
}

bool Context::stop(std::string_view limit, std::uint64_t value) {
  steps_left_ = 0;
  if (stop_reason_.empty())
    stop_reason_ = "the run went past " + std::string(limit) + " (" + std::to_string(value) + ")";
  return false;
}

double Context::now_seconds() const {
  const WallNs now = options_.clock != nullptr ? options_.clock->wall_ns() : RealClock().wall_ns();
  const WallNs microseconds = now / kNsPerUs;
  return static_cast<double>(microseconds) / 1e6;
}

}  // namespace linkspan::data::jq
