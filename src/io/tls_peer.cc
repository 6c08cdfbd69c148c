#include "io/tls_peer.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <span>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/strings.h"

namespace linkspan::io {

namespace {

// Names go into headers, logs and policy decisions: what is not plain text there could be taken for something
// else.
bool is_plain(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string format_name(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  if (!memory || X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
    return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

std::string last_common_name(const X509_NAME* name) {
  int last = -1;
  for (int i = X509_NAME_get_index_by_NID(name, NID_commonName, -1); i >= 0;
       i = X509_NAME_get_index_by_NID(name, NID_commonName, i)) {
    last = i;
  }
  if (last < 0) return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
  if (size < 0) return {};
  std::string text(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return is_plain(text) ? text : std::string();
}

void read_alternative_names(const X509* certificate, PeerCertificate& out) {
  auto* names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    std::vector<std::string>* list = nullptr;
    switch (name->type) {
      case GEN_DNS:
        list = &out.dns_names;
        break;
      case GEN_URI:
        list = &out.uris;
        break;
      case GEN_EMAIL:
        list = &out.emails;
        break;
      default:
        continue;
    }
    const ASN1_IA5STRING* text = name->d.ia5;
    std::string value(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                      static_cast<std::size_t>(ASN1_STRING_length(text)));
    if (is_plain(value)) list->push_back(std::move(value));
  }
  GENERAL_NAMES_free(names);
}

std::string format_serial(const X509* certificate) {
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr), &BN_free);
  char* hex = number ? BN_bn2hex(number.get()) : nullptr;
  if (hex == nullptr) return {};
  std::string text = to_lower_ascii(hex);
  OPENSSL_free(hex);
  return text;
}

PeerCertificate describe(const X509* certificate) {
  PeerCertificate out;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  out.subject = format_name(subject);
  out.common_name = last_common_name(subject);
  out.issuer = format_name(X509_get_issuer_name(certificate));
  out.serial = format_serial(certificate);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest;
  unsigned int digest_bytes = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &digest_bytes) == 1) {
    out.sha256_fingerprint = encode_hex(std::span<const std::uint8_t>(digest.data(), digest_bytes));
  }
  read_alternative_names(certificate, out);
  std::tm until{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &until) == 1) {
    out.not_after = static_cast<WallNs>(::timegm(&until)) * kNsPerSecond;
  }
  return out;
}

std::string_view view(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

std::optional<PeerCertificate> peer_certificate(const ssl_st* ssl) {
  const X509* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr || SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE) return std::nullopt;
  if (SSL_get_verify_result(ssl) != X509_V_OK) return std::nullopt;
  return describe(certificate);
}

std::string_view tls_version(const ssl_st* ssl) {
  return view(SSL_get_version(ssl));
}

std::string_view tls_cipher(const ssl_st* ssl) {
  return view(SSL_get_cipher_name(ssl));
}

std::string_view tls_server_name(const ssl_st* ssl) {
  return view(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
}

std::string_view tls_alpn_protocol(const ssl_st* ssl) {
  const unsigned char* name = nullptr;
  unsigned int bytes = 0;
  SSL_get0_alpn_selected(ssl, &name, &bytes);
  return {reinterpret_cast<const char*>(name), bytes};
}

bool tls_resumed(const ssl_st* ssl) {
  return SSL_session_reused(ssl) == 1;
}

}  // namespace linkspan::io
