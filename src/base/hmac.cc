#include "base/hmac.h"

// As in digest.cc: the EVP interface allocates at each use.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <cstring>

#include <openssl/sha.h>

namespace linkspan {
namespace {

// None of these can fail: they work on memory alone.
struct Sha256Functions {
  using State = SHA256_CTX;
  static constexpr std::size_t kBlockBytes = SHA256_CBLOCK;
  static constexpr std::size_t kDigestBytes = SHA256_DIGEST_LENGTH;
  static void begin(State& state) { SHA256_Init(&state); }
  static void add(State& state, const void* data, std::size_t size) { SHA256_Update(&state, data, size); }
  static void end(State& state, std::uint8_t* out) { SHA256_Final(out, &state); }
};

struct Sha512Functions {
  using State = SHA512_CTX;
  static constexpr std::size_t kBlockBytes = SHA512_CBLOCK;
  static constexpr std::size_t kDigestBytes = SHA512_DIGEST_LENGTH;
  static void begin(State& state) { SHA512_Init(&state); }
  static void add(State& state, const void* data, std::size_t size) { SHA512_Update(&state, data, size); }
  static void end(State& state, std::uint8_t* out) { SHA512_Final(out, &state); }
};

constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;

template <typename Hash>
void begin_padded(typename Hash::State& state, const std::uint8_t* key, std::uint8_t pad) {
  std::uint8_t block[Hash::kBlockBytes];
  for (std::size_t i = 0; i < sizeof block; ++i) block[i] = key[i] ^ pad;
  Hash::begin(state);
  Hash::add(state, block, sizeof block);
}

template <typename Hash>
HmacTag sign_with(const std::uint8_t* key, std::initializer_list<std::string_view> parts) {
  typename Hash::State state;
  HmacTag tag;
  tag.size = Hash::kDigestBytes;
  begin_padded<Hash>(state, key, kInnerPad);
  for (const std::string_view part : parts) Hash::add(state, part.data(), part.size());
  Hash::end(state, tag.bytes.data());
  begin_padded<Hash>(state, key, kOuterPad);
  Hash::add(state, tag.bytes.data(), tag.size);
  Hash::end(state, tag.bytes.data());
  return tag;
}

// `padded` is all zeros.
template <typename Hash>
void set_key(std::span<const std::uint8_t> key, std::uint8_t* padded) {
  if (key.size() <= Hash::kBlockBytes) {
    if (!key.empty()) std::memcpy(padded, key.data(), key.size());
    return;
  }
  typename Hash::State state;
  Hash::begin(state);
  Hash::add(state, key.data(), key.size());
  Hash::end(state, padded);
}

}  // namespace

Hmac::Hmac(Sha2 hash, std::span<const std::uint8_t> key) : hash_(hash) {
  static_assert(kMaxBlockBytes >= Sha512Functions::kBlockBytes);
  if (hash == Sha2::sha256) {
    set_key<Sha256Functions>(key, key_.data());
  } else {
    set_key<Sha512Functions>(key, key_.data());
  }
}

HmacTag Hmac::sign(std::initializer_list<std::string_view> parts) const {
  if (hash_ == Sha2::sha256) return sign_with<Sha256Functions>(key_.data(), parts);
  return sign_with<Sha512Functions>(key_.data(), parts);
}

}  // namespace linkspan
