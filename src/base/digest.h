// SHA-256 for the request path (API keys are looked up by it) and comparison in constant time.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace linkspan {

using Digest = std::array<std::uint8_t, 32>;

// SHA-256 by libcrypto, for the request path: neither allocates nor fails. Any thread; holds nothing.
class Sha256 {
 public:
  Digest digest(std::span<const std::uint8_t> bytes);
  Digest digest(std::string_view text);
};

// Equal or not, in a time that depends on the sizes alone. Different sizes are unequal.
bool constant_time_equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace linkspan
