#include "base/digest.h"

// The EVP interface allocates at each use of a context (OpenSSL 3.0); on the request path that costs more
// than the hash itself. The functions beneath it are deprecated, not going away within OpenSSL 3.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <cstring>

#include <openssl/sha.h>

#include "base/strings.h"

namespace linkspan {

Digest Sha256::digest(std::span<const std::uint8_t> bytes) {
  Digest digest;
  SHA256_CTX state;
  // These cannot fail: they work on memory alone.
  SHA256_Init(&state);
  SHA256_Update(&state, bytes.data(), bytes.size());
  SHA256_Final(digest.data(), &state);
  return digest;
}

Digest Sha256::digest(std::string_view text) {
  return digest(as_bytes(text));
}

bool constant_time_equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  if (a.size() != b.size()) return false;
  std::uint64_t differs = 0;
  std::size_t i = 0;
  for (; i + sizeof differs <= a.size(); i += sizeof differs) {
    std::uint64_t left;
    std::uint64_t right;
    std::memcpy(&left, a.data() + i, sizeof left);
    std::memcpy(&right, b.data() + i, sizeof right);
    differs |= left ^ right;
  }
  for (; i < a.size(); ++i) differs |= static_cast<std::uint64_t>(a[i] ^ b[i]);
  return differs == 0;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return constant_time_equal(as_bytes(a), as_bytes(b));
}

}  // namespace linkspan
