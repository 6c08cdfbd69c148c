// What a finished handshake tells about the other side, for authentication and for logs. Loop's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

struct ssl_st;

namespace linkspan::io {

// A verified peer certificate. Names are shown as text; a name with a NUL byte or other control characters is
// left out.
struct PeerCertificate {
  std::string subject;      // RFC 2253: "CN=shop,O=Example"
  std::string common_name;  // last CN of the subject; may be empty
  std::string issuer;
  std::string serial;              // lower-case hex
  std::string sha256_fingerprint;  // of the DER form, lower-case hex
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;
  std::vector<std::string> emails;
  WallNs not_after = 0;
};

// The client certificate, or the server's for a client connection; nullopt if none was sent or it was not
// verified.
std::optional<PeerCertificate> peer_certificate(const ssl_st* ssl);

// Views live as long as the connection.
std::string_view tls_version(const ssl_st* ssl);        // "TLSv1.3"
std::string_view tls_cipher(const ssl_st* ssl);         // "TLS_AES_128_GCM_SHA256"
std::string_view tls_server_name(const ssl_st* ssl);    // SNI; empty if none
std::string_view tls_alpn_protocol(const ssl_st* ssl);  // empty if none was agreed
bool tls_resumed(const ssl_st* ssl);

}  // namespace linkspan::io
