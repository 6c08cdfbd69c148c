// HMAC (RFC 2104, FIPS 198-1) with SHA-2: who knows the key made the message. Signatures are compared with
// constant_time_equal of digest.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace linkspan {

enum class Sha2 : std::uint8_t { sha256, sha512 };

struct HmacTag {
  std::array<std::uint8_t, 64> bytes;
  std::size_t size = 0;  // 32 or 64

  operator std::span<const std::uint8_t>() const {
    return {bytes.data(), size};
  }  // NOLINT: implicit by design
};

// Holds a key; signing neither allocates nor fails. Immutable: any thread.
class Hmac {
 public:
  // Any number of bytes; those beyond a block of the hash (64, 128) are replaced by their hash, as the RFC
  // says.
  Hmac(Sha2 hash, std::span<const std::uint8_t> key);

  // Of the parts one after the other, so that nothing need be joined.
  HmacTag sign(std::initializer_list<std::string_view> parts) const;

 private:
  static constexpr std::size_t kMaxBlockBytes = 128;

  Sha2 hash_;
  std::array<std::uint8_t, kMaxBlockBytes> key_{};  // padded with zeros
};

}  // namespace linkspan
