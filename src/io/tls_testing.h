// For unit tests that speak TLS: a certificate authority that lives for one test and issues what the test
// asks for.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "io/tls_context.h"

namespace linkspan::io::testing {

// A directory that is removed with all it holds.
class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "linkspan-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

struct CertificateRequest {
  std::string common_name = "test";
  std::string alternative_names{};    // as in openssl.cnf: "DNS:a.example,DNS:*.b.example,IP:127.0.0.1"
  long valid_from_seconds = -3600;    // from now
  long valid_until_seconds = 86'400;  // from now
};

class CertificateAuthority {
 public:
  explicit CertificateAuthority(std::string name = "Test CA") : name_(std::move(name)) {
    key_ = EVP_EC_gen("P-256");
    CertificateRequest request;
    request.common_name = name_;
    certificate_ = sign(request, key_, true);
    ca_path_ = directory_ / "ca.pem";
    write_certificate(ca_path_, certificate_);
  }
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;
  ~CertificateAuthority() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }

  const std::string& ca_path() const { return ca_path_; }
  std::string path(const std::string& name) const { return directory_ / name; }

  // Writes NAME.pem and NAME.key, over what was there.
  TlsCertificateFiles issue(const std::string& name, const CertificateRequest& request) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = sign(request, key, false);
    TlsCertificateFiles files{directory_ / (name + ".pem"), directory_ / (name + ".key")};
    write_certificate(files.certificate, certificate);
    std::FILE* out = std::fopen(files.key.c_str(), "w");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return files;
  }

 private:
  X509* sign(const CertificateRequest& request, EVP_PKEY* key, bool authority) {
    X509* certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(certificate), request.valid_from_seconds);
    X509_gmtime_adj(X509_getm_notAfter(certificate), request.valid_until_seconds);
    X509_set_pubkey(certificate, key);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(request.common_name.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(certificate, authority ? subject : X509_get_subject_name(certificate_));
    add_extension(certificate, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!request.alternative_names.empty()) {
      add_extension(certificate, NID_subject_alt_name, request.alternative_names.c_str());
    }
    X509_sign(certificate, key_, EVP_sha256());
    return certificate;
  }

  static void add_extension(X509* certificate, int type, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, type, value);
    ASSERT_NE(extension, nullptr) << value;
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  static void write_certificate(const std::string& path, X509* certificate) {
    std::FILE* out = std::fopen(path.c_str(), "w");
    PEM_write_X509(out, certificate);
    std::fclose(out);
  }

  TempDirectory directory_;
  std::string name_;
  EVP_PKEY* key_ = nullptr;
  X509* certificate_ = nullptr;
  std::string ca_path_;
  long serial_ = 0;
};

}  // namespace linkspan::io::testing
