// Latencies in log-linear buckets (the idea of HdrHistogram): steps of 100 ns below 12.8 us, of 1/64 above.
// One thread.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace linkspan::loadgen {

class Histogram {
 public:
  void record(std::uint64_t latency_ns) {
    ++counts_[bucket_of(latency_ns / kResolutionNs)];
    ++total_;
    sum_ns_ += latency_ns;
  }

  void clear() { *this = Histogram(); }

  double mean_us() const {
    return total_ == 0 ? 0 : static_cast<double>(sum_ns_) / static_cast<double>(total_) / 1e3;
  }

  // The latency that `fraction` of the requests did not exceed, in microseconds; 0 when nothing was recorded.
  double quantile_us(double fraction) const {
    const auto rank = static_cast<std::uint64_t>(fraction * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > rank) return static_cast<double>(upper_bound_of(i) * kResolutionNs) / 1e3;
    }
    return 0;
  }

 private:
  static constexpr std::uint64_t kResolutionNs = 100;
  static constexpr unsigned kSubBits = 6;
  static constexpr std::size_t kBuckets = 40u << kSubBits;

  static std::size_t bucket_of(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= kSubBits + 1) return static_cast<std::size_t>(value);
    const unsigned shift = width - kSubBits - 1;
    const std::size_t bucket =
        (static_cast<std::size_t>(shift) << kSubBits) + static_cast<std::size_t>(value >> shift);
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }

  static std::uint64_t upper_bound_of(std::size_t bucket) {
    if (bucket < (2u << kSubBits)) return bucket;
    const std::size_t shift = (bucket >> kSubBits) - 1;
    const std::size_t mantissa = bucket - (shift << kSubBits);
    return ((mantissa + 1) << shift) - 1;
  }

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t sum_ns_ = 0;
};

}  // namespace linkspan::loadgen
