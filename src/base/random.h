// Random numbers: a fast generator for each worker (jitter, balancing, ids) and the kernel's for secrets.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace linkspan {

// xoshiro256++, seeded from the kernel, or from a number so that a test repeats. Not for keys or tokens: its
// output can be predicted by who has seen enough of it. One object per thread; no locks.
class Random {
 public:
  // Seeds from getrandom(2); where the kernel cannot answer (before Linux 3.17) from the clock and an
  // address.
  Random();
  explicit Random(std::uint64_t seed);

  std::uint64_t next_u64() {
    const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  // Uniform in [0, bound), without modulo bias; 0 for bound 0.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [0, 1).
  double next_unit() { return static_cast<double>(next_u64() >> 11) * 0x1.0p-53; }

  // 64 and 128 random bits in lower-case hex, as request ids and span ids are written. Never all zeros.
  void fill_hex64(char (&out)[16]);
  void fill_hex128(char (&out)[32]);

 private:
  static std::uint64_t rotate(std::uint64_t value, int bits) {
    return (value << bits) | (value >> (64 - bits));
  }

  std::uint64_t state_[4];
};

// Fills with bytes fit for keys (getrandom(2)). Fails with errors::system_error only; then `out` must not be
// used.
Result<void> fill_secure(std::span<std::uint8_t> out);

}  // namespace linkspan
