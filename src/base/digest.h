// SHA-256 for the request path (API keys are looked up by it) and comparison in constant time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace linkspan {

using Digest = std::array<std::uint8_t, 32>;

// A reusable hasher over libcrypto: the algorithm is fetched once and the context is kept, so that a short
// input costs its compression only. One object per thread (each worker has one); making one allocates, using
// it does not. Making one aborts if libcrypto has no SHA-256 at all, since nothing could be authenticated
// then.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Digest digest(std::span<const std::uint8_t> bytes);
  Digest digest(std::string_view text);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// Equal or not, in a time that depends on the sizes alone. Different sizes are unequal.
bool constant_time_equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace linkspan
