#include "base/digest.h"

#include <cstdlib>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/strings.h"

namespace linkspan {

struct Sha256::Context {
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  EVP_MD_CTX* state = EVP_MD_CTX_new();

  Context() {
    if (algorithm == nullptr || state == nullptr || EVP_DigestInit_ex2(state, algorithm, nullptr) != 1)
      std::abort();
  }
  ~Context() {
    EVP_MD_CTX_free(state);
    EVP_MD_free(algorithm);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Digest Sha256::digest(std::span<const std::uint8_t> bytes) {
  Digest digest;
  unsigned size = 0;
  EVP_MD_CTX* state = context_->state;
  // Without an algorithm, the one in the context starts again; nothing is looked up or allocated.
  if (EVP_DigestInit_ex2(state, nullptr, nullptr) != 1 ||
      EVP_DigestUpdate(state, bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(state, digest.data(), &size) != 1) {
    std::abort();
  }
  return digest;
}

Digest Sha256::digest(std::string_view text) {
  return digest(as_bytes(text));
}

bool constant_time_equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return constant_time_equal(as_bytes(a), as_bytes(b));
}

}  // namespace linkspan
