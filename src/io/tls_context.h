// TLS settings of a listener (ServerTls) and of an upstream (ClientTls): certificates, keys, trust and
// session reuse, read once and immutable from then on. A reload builds a new object and swaps the pointer;
// connections that began with the old one keep what they need of it alive by themselves, so the old object
// may go at any time.
//
// Both may be shared by all threads: accept() and connect() may be called concurrently. TLS 1.2 is the oldest
// version spoken, with forward-secret AEAD ciphers only; renegotiation, compression and early data are off.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/tls_tickets.h"

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace linkspan::io {

enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };
enum class ClientAuth : std::uint8_t { none, optional, required };

// Paths of PEM files: the certificate followed by its intermediates, and its private key (not encrypted).
struct TlsCertificateFiles {
  std::string certificate;
  std::string key;
};

struct ServerTlsOptions {
  // Chosen by SNI, matched against each certificate's names (exact before wildcard, RFC 6125 section 6.4.3);
  // the first serves clients that name no known host. At least one. Several keys for one name (RSA and ECDSA)
  // are not combined: the earlier entry wins.
  std::vector<TlsCertificateFiles> certificates;
  std::string client_ca{};  // PEM bundle that client certificates must chain to; empty with ClientAuth::none
  ClientAuth client_auth = ClientAuth::none;
  TlsVersion min_version = TlsVersion::tls_1_2;
  // By preference; a client that offers only others is refused (RFC 7301).
  std::vector<std::string> alpn = {"http/1.1"};
};

class ServerTls {
 public:
  // Reads and checks all files. `tickets` is shared by all listeners and workers and outlives reloads.
  // Errors: tls_material_invalid, naming the file and what is wrong with it (unreadable, not PEM, key of
  // another certificate, expired at `now`, ...).
  static Result<std::shared_ptr<const ServerTls>> create(const ServerTlsOptions& options,
                                                         std::shared_ptr<TlsTickets> tickets, WallNs now);
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;
  ~ServerTls();

  // A new connection's TLS, for Stream::start_tls. The caller owns it until then. Never null.
  ssl_st* accept() const;

 private:
  explicit ServerTls(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

struct ClientTlsOptions {
  bool verify = true;         // the server's chain and name; false trusts anyone who answers
  std::string ca;             // PEM bundle to trust instead of the system's
  std::string certificate{};  // PEM files with which we prove ourselves; both or neither
  std::string key{};
  TlsVersion min_version = TlsVersion::tls_1_2;
  std::vector<std::string> alpn = {"http/1.1"};
};

// The latest session of one upstream server, kept to resume it on the next connection. Belongs to one
// worker's pool for that server and outlives the pool's streams.
class TlsSessionSlot {
 public:
  TlsSessionSlot() = default;
  TlsSessionSlot(const TlsSessionSlot&) = delete;
  TlsSessionSlot& operator=(const TlsSessionSlot&) = delete;
  ~TlsSessionSlot() { store(nullptr); }

  ssl_session_st* get() const { return session_; }
  void store(ssl_session_st* session);  // takes over the reference

 private:
  ssl_session_st* session_ = nullptr;
};

class ClientTls {
 public:
  // Errors: tls_material_invalid, as for ServerTls.
  static Result<std::shared_ptr<const ClientTls>> create(const ClientTlsOptions& options, WallNs now);
  ClientTls(const ClientTls&) = delete;
  ClientTls& operator=(const ClientTls&) = delete;
  ~ClientTls();

  // TLS for a connection to `server_name`, a host name (sent as SNI) or an IP address; with `verify` the
  // certificate must be for it. `sessions` may be null. The caller owns the result until Stream::start_tls.
  // Never null.
  ssl_st* connect(const std::string& server_name, TlsSessionSlot* sessions) const;

 private:
  explicit ClientTls(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

}  // namespace linkspan::io
