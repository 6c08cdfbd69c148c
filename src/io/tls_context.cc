#include "io/tls_context.h"

#include <cstdlib>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/error_kinds.h"
#include "io/openssl_ptr.h"
#include "io/tls_material.h"
#include "io/tls_settings.h"

namespace linkspan::io {

namespace {

int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* slot = static_cast<TlsSessionSlot*>(SSL_get_app_data(ssl));
  if (slot == nullptr) return 0;
  slot->store(session);
  return 1;  // the reference is ours
}

Result<void> trust(SSL_CTX* context, const std::string& ca) {
  if (ca.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return {};
  }
  Result<std::vector<X509Ptr>> authorities = load_ca_bundle(ca);
  if (!authorities) return std::move(authorities).error();
  for (const X509Ptr& authority : *authorities) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
  }
  return {};
}

// Whom the certificate must be for, and SNI where that is a host name (RFC 6066 section 3).
void expect_name(SSL* ssl, std::string name) {
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1) return;
  ERR_clear_error();
  if (name.ends_with('.')) name.pop_back();
  SSL_set_tlsext_host_name(ssl, name.c_str());
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // OpenSSL takes "no name" for "any name": what is no name must match no certificate instead.
  const bool set = !name.empty() && X509_VERIFY_PARAM_set1_host(parameters, name.data(), name.size()) == 1;
  if (!set) X509_VERIFY_PARAM_set1_host(parameters, "name.invalid", 0);
}

}  // namespace

void TlsSessionSlot::store(ssl_session_st* session) {
  SSL_SESSION_free(session_);
  session_ = session;
}

Result<std::shared_ptr<const ClientTls>> ClientTls::create(const ClientTlsOptions& options, WallNs now) {
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context) std::abort();  // out of memory
  apply_common_settings(context.get(), options.min_version);
  if (options.verify) {
    Result<void> trusted = trust(context.get(), options.ca);
    if (!trusted) return std::move(trusted).error();
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  if (!options.certificate.empty()) {
    const TlsCertificateFiles files{options.certificate, options.key};
    Result<TlsMaterial> material = load_tls_material(files, now);
    if (!material) return std::move(material).error();
    Result<void> used = use_material(context.get(), *material, files);
    if (!used) return std::move(used).error();
  }
  if (!options.alpn.empty()) {
    const std::string list = alpn_wire_format(options.alpn);
    SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(list.data()),
                            static_cast<unsigned int>(list.size()));
  }
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), &keep_session);
  return std::shared_ptr<const ClientTls>(new ClientTls(context.release()));
}

ClientTls::~ClientTls() {
  SSL_CTX_free(context_);
}

ssl_st* ClientTls::connect(const std::string& server_name, TlsSessionSlot* sessions) const {
  SSL* ssl = SSL_new(context_);
  if (ssl == nullptr) std::abort();  // out of memory
  SSL_set_connect_state(ssl);
  expect_name(ssl, server_name);
  SSL_set_app_data(ssl, sessions);
  if (sessions != nullptr && sessions->get() != nullptr) {
    // A copy: OpenSSL retires a TLS 1.3 session once it was used, but connections may be opened faster than
    // servers send new tickets, and that they can be linked to each other is no harm between servers.
    SSL_SESSION* copy = SSL_SESSION_dup(sessions->get());
    SSL_set_session(ssl, copy);
    SSL_SESSION_free(copy);
  }
  return ssl;
}

}  // namespace linkspan::io
