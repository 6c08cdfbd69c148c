#include "io/tls_material.h"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan::io {

namespace {

Error invalid(const std::string& path, std::string_view problem) {
  ERR_clear_error();
  return {errors::tls_material_invalid, path + ": " + std::string(problem)};
}

std::string openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "unknown reason" : reason;
}

Result<BioPtr> open_file(const std::string& path) {
  errno = 0;
  BioPtr file(BIO_new_file(path.c_str(), "r"));
  if (!file) return invalid(path, std::string("cannot be read: ") + std::strerror(errno != 0 ? errno : EIO));
  return file;
}

Result<std::vector<X509Ptr>> load_certificates(const std::string& path) {
  Result<BioPtr> file = open_file(path);
  if (!file) return std::move(file).error();
  std::vector<X509Ptr> certificates;
  ERR_clear_error();
  while (X509* certificate = PEM_read_bio_X509(file->get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end) {
    return invalid(path, "certificate " + std::to_string(certificates.size() + 1) +
                             " is malformed: " + openssl_reason());
  }
  if (certificates.empty())
    return invalid(path, "holds no PEM certificate (no \"-----BEGIN CERTIFICATE-----\")");
  ERR_clear_error();
  return certificates;
}

int refuse_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<KeyPtr> load_key(const std::string& path) {
  Result<BioPtr> file = open_file(path);
  if (!file) return std::move(file).error();
  bool encrypted = false;
  KeyPtr key(PEM_read_bio_PrivateKey(file->get(), nullptr, &refuse_passphrase, &encrypted));
  if (encrypted) return invalid(path, "the private key is encrypted; store it without a passphrase");
  // The decoder's own reason ("unsupported") helps nobody.
  if (!key)
    return invalid(path, "holds no usable PEM private key (\"-----BEGIN PRIVATE KEY-----\" or the like)");
  ERR_clear_error();
  return key;
}

std::string format_time(const ASN1_TIME* time) {
  std::tm utc{};
  char text[32] = "an unknown time";
  if (ASN1_TIME_to_tm(time, &utc) == 1) std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::optional<std::string> validity_problem(const X509* certificate, WallNs now) {
  std::time_t seconds = static_cast<std::time_t>(now / kNsPerSecond);
  const ASN1_TIME* from = X509_get0_notBefore(certificate);
  const ASN1_TIME* until = X509_get0_notAfter(certificate);
  if (X509_cmp_time(until, &seconds) < 0) return "the certificate expired at " + format_time(until);
  if (X509_cmp_time(from, &seconds) > 0) return "the certificate is not valid before " + format_time(from);
  return std::nullopt;
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  auto* alternatives =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
    if (name->type == GEN_DNS) names.push_back(to_lower_ascii(text_of(name->d.dNSName)));
  }
  GENERAL_NAMES_free(alternatives);
  if (!names.empty()) return names;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index >= 0) {
    names.push_back(to_lower_ascii(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)))));
  }
  return names;
}

}  // namespace

Result<TlsMaterial> load_tls_material(const TlsCertificateFiles& files, WallNs now) {
  Result<std::vector<X509Ptr>> chain = load_certificates(files.certificate);
  if (!chain) return std::move(chain).error();
  Result<KeyPtr> key = load_key(files.key);
  if (!key) return std::move(key).error();
  TlsMaterial material;
  material.certificate = std::move(chain->front());
  for (std::size_t i = 1; i < chain->size(); ++i) material.intermediates.push_back(std::move((*chain)[i]));
  material.key = *std::move(key);
  if (X509_check_private_key(material.certificate.get(), material.key.get()) != 1) {
    return invalid(files.key,
                   "the private key does not belong to the first certificate in " + files.certificate);
  }
  if (const auto problem = validity_problem(material.certificate.get(), now)) {
    return invalid(files.certificate, *problem);
  }
  material.names = names_of(material.certificate.get());
  return material;
}

Result<std::vector<X509Ptr>> load_ca_bundle(const std::string& path) {
  return load_certificates(path);
}

}  // namespace linkspan::io
