#include "io/tls_settings.h"

#include <cstdlib>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/error_kinds.h"

namespace linkspan::io {

namespace {

// AES-128 first: as strong as the P-256 and X25519 exchanges before it, and cheaper than AES-256. Where the
// client puts ChaCha20 first (it has no AES hardware) that is taken.
constexpr const char* kTls13Ciphers =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kTls12Ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr int kMaxChainDepth = 10;

}  // namespace

void apply_common_settings(ssl_ctx_st* context, TlsVersion min_version) {
  SSL_CTX_set_min_proto_version(context,
                                min_version == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_security_level(context, 2);
  const bool known = SSL_CTX_set_ciphersuites(context, kTls13Ciphers) == 1 &&
                     SSL_CTX_set_cipher_list(context, kTls12Ciphers) == 1 &&
                     SSL_CTX_set1_groups_list(context, kGroups) == 1;
  if (!known) std::abort();  // an OpenSSL without these cannot serve at all
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One recv takes in whatever the socket holds, head and body of a record and the records after it.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_verify_depth(context, kMaxChainDepth);
}

Result<void> use_material(ssl_ctx_st* context, const TlsMaterial& material,
                          const TlsCertificateFiles& files) {
  STACK_OF(X509)* intermediates = sk_X509_new_null();
  for (const X509Ptr& certificate : material.intermediates) sk_X509_push(intermediates, certificate.get());
  const int used = SSL_CTX_use_cert_and_key(context, material.certificate.get(), material.key.get(),
                                            intermediates, /*override=*/1);
  sk_X509_free(intermediates);
  if (used == 1) return {};
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  Error error(errors::tls_material_invalid, files.certificate + ": OpenSSL refuses the certificate: " +
                                                (reason == nullptr ? "unknown reason" : reason));
  ERR_clear_error();
  return error;
}

std::string alpn_wire_format(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) {
    list += static_cast<char>(protocol.size());
    list += protocol;
  }
  return list;
}

}  // namespace linkspan::io
