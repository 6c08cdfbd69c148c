// ServerTls: certificates by SNI, ALPN, session tickets, client certificates.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <unordered_map>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/digest.h"
#include "base/error_kinds.h"
#include "base/random.h"
#include "base/strings.h"
#include "io/openssl_ptr.h"
#include "io/tls_context.h"
#include "io/tls_material.h"
#include "io/tls_settings.h"

namespace linkspan::io {

namespace {

constexpr std::size_t kTicketIvBytes = 16;  // of AES-CBC

// What the callbacks of all contexts of one ServerTls share. Owned by the context of the first certificate,
// which every SSL object made from it holds on to (even after SNI has switched it to another), so it lives as
// long as the last connection.
struct Shared {
  std::shared_ptr<TlsTickets> tickets;
  CipherPtr ticket_cipher;
  std::string alpn;
  std::vector<SslContextPtr> others;                  // of the certificates after the first
  std::unordered_map<std::string, SSL_CTX*> by_name;  // "shop.example" and "*.example"
};

void free_shared(void*, void* shared, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Shared*>(shared);
}

int owner_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_shared);
  return index;
}

Shared& shared_of(const SSL* ssl) {
  return *static_cast<Shared*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
}

int choose_certificate(SSL* ssl, int*, void*) {
  const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (asked == nullptr) return SSL_TLSEXT_ERR_OK;
  const auto& by_name = shared_of(ssl).by_name;
  const std::string name = to_lower_ascii(asked);
  auto found = by_name.find(name);
  const std::size_t dot = name.find('.');
  if (found == by_name.end() && dot != std::string::npos) found = by_name.find("*" + name.substr(dot));
  if (found != by_name.end()) SSL_set_SSL_CTX(ssl, found->second);
  return SSL_TLSEXT_ERR_OK;
}

int choose_protocol(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned int offered_bytes, void*) {
  const std::string& ours = shared_of(ssl).alpn;
  unsigned char* match = nullptr;
  const int outcome =
      SSL_select_next_proto(&match, chosen_bytes, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned int>(ours.size()), offered, offered_bytes);
  *chosen = match;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool set_mac_key(EVP_MAC_CTX* mac, TlsTickets::Key& key) {
  char digest[] = "sha256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// Returns as SSL_CTX_set_tlsext_ticket_key_evp_cb(3) says: 1 use, 2 use and renew, 0 unknown key, -1 failure.
int ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
               int encrypting) {
  Shared& shared = shared_of(ssl);
  if (encrypting == 1) {
    TlsTickets::Key key = shared.tickets->current();
    std::memcpy(name, key.name.data(), key.name.size());
    if (!fill_secure({iv, kTicketIvBytes})) return -1;
    if (EVP_EncryptInit_ex2(cipher, shared.ticket_cipher.get(), key.cipher.data(), iv, nullptr) != 1)
      return -1;
    return set_mac_key(mac, key) ? 1 : -1;
  }
  std::optional<TlsTickets::Found> found = shared.tickets->find(
      std::span<const std::uint8_t, TlsTickets::kNameBytes>(name, TlsTickets::kNameBytes));
  if (!found) return 0;
  if (!set_mac_key(mac, found->key)) return -1;
  if (EVP_DecryptInit_ex2(cipher, shared.ticket_cipher.get(), found->key.cipher.data(), iv, nullptr) != 1)
    return -1;
  // A TLS 1.3 client uses a ticket once (RFC 8446 appendix C.4), so it gets a new one each time.
  return found->current && SSL_version(ssl) != TLS1_3_VERSION ? 1 : 2;
}

// The authorities that client certificates must chain to, and what binds sessions to them: a session from a
// listener with other rules must not be resumed here, as its client was never checked by these.
struct ClientTrust {
  std::vector<X509Ptr> authorities;
  StorePtr store;
  Digest session_context;
};

Result<ClientTrust> load_client_trust(const ServerTlsOptions& options) {
  ClientTrust trust;
  std::string rules = "client auth " + std::to_string(static_cast<int>(options.client_auth));
  if (options.client_auth != ClientAuth::none) {
    Result<std::vector<X509Ptr>> authorities = load_ca_bundle(options.client_ca);
    if (!authorities) return std::move(authorities).error();
    trust.authorities = *std::move(authorities);
    trust.store.reset(X509_STORE_new());
    for (const X509Ptr& authority : trust.authorities) {
      X509_STORE_add_cert(trust.store.get(), authority.get());
      unsigned char* der = nullptr;
      const int bytes = i2d_X509(authority.get(), &der);
      if (bytes > 0) rules.append(reinterpret_cast<const char*>(der), static_cast<std::size_t>(bytes));
      OPENSSL_free(der);
    }
  }
  trust.session_context = Sha256().digest(rules);
  return trust;
}

void verify_clients(SSL_CTX* context, const ClientTrust& trust, ClientAuth auth) {
  SSL_CTX_set_session_id_context(context, trust.session_context.data(),
                                 static_cast<unsigned int>(trust.session_context.size()));
  if (auth == ClientAuth::none) return;
  SSL_CTX_set1_cert_store(context, trust.store.get());
  for (const X509Ptr& authority : trust.authorities) SSL_CTX_add_client_CA(context, authority.get());
  const int required = auth == ClientAuth::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | required, nullptr);
}

// Settings are the same for all certificates: SNI changes the certificate of a connection and nothing else.
Result<SslContextPtr> make_context(const ServerTlsOptions& options, const TlsMaterial& material,
                                   const TlsCertificateFiles& files, const ClientTrust& trust,
                                   Shared& shared) {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context) std::abort();  // out of memory
  apply_common_settings(context.get(), options.min_version);
  SSL_CTX_set_app_data(context.get(), &shared);
  Result<void> used = use_material(context.get(), material, files);
  if (!used) return std::move(used).error();
  verify_clients(context.get(), trust, options.client_auth);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // sessions live in tickets
  SSL_CTX_set_timeout(context.get(), TlsTickets::kLifetimeSeconds);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context.get(), &ticket_key);
  SSL_CTX_set_tlsext_servername_callback(context.get(), &choose_certificate);
  if (!shared.alpn.empty()) SSL_CTX_set_alpn_select_cb(context.get(), &choose_protocol, nullptr);
  return context;
}

}  // namespace

Result<std::shared_ptr<const ServerTls>> ServerTls::create(const ServerTlsOptions& options,
                                                           std::shared_ptr<TlsTickets> tickets, WallNs now) {
  if (options.certificates.empty()) return Error(errors::tls_material_invalid, "no certificate is given");
  Result<ClientTrust> trust = load_client_trust(options);
  if (!trust) return std::move(trust).error();
  auto shared = std::make_unique<Shared>();
  shared->tickets = std::move(tickets);
  shared->ticket_cipher.reset(EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr));
  shared->alpn = alpn_wire_format(options.alpn);
  SslContextPtr first;
  for (const TlsCertificateFiles& files : options.certificates) {
    Result<TlsMaterial> material = load_tls_material(files, now);
    if (!material) return std::move(material).error();
    Result<SslContextPtr> context = make_context(options, *material, files, *trust, *shared);
    if (!context) return std::move(context).error();
    for (const std::string& name : material->names) shared->by_name.try_emplace(name, context->get());
    if (!first) {
      first = *std::move(context);
    } else {
      shared->others.push_back(*std::move(context));
    }
  }
  SSL_CTX_set_ex_data(first.get(), owner_index(), shared.release());
  return std::shared_ptr<const ServerTls>(new ServerTls(first.release()));
}

ServerTls::~ServerTls() {
  SSL_CTX_free(context_);
}

ssl_st* ServerTls::accept() const {
  SSL* ssl = SSL_new(context_);
  if (ssl == nullptr) std::abort();  // out of memory
  SSL_set_accept_state(ssl);
  return ssl;
}

}  // namespace linkspan::io
