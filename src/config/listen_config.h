// Where Linkspan listens, and how TLS is offered there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/types.h"

namespace linkspan::config {

// A certificate chain and its private key, both as paths of PEM files. The loader has made them relative to
// the working directory (in YAML they are relative to the file that names them) and has checked that both can
// be read.
struct CertificateConfig {
  std::string certificate;
  std::string key;

  bool operator==(const CertificateConfig&) const = default;
};

enum class ClientAuth : uint8_t { required, optional };
enum class TlsVersion : uint8_t { tls_1_2, tls_1_3 };

// One listening address. In YAML a URL alone, or an object with the keys named in quotes below.
struct ListenConfig {
  Origin origin;
  std::string url;      // "url", as written
  bool tls = false;     // scheme https
  std::string address;  // an IPv4 or IPv6 address without brackets; "localhost" has become 127.0.0.1
  uint16_t port = 0;    // 0: the system chooses a free one

  // Only with tls: "certificates", with the shorthand "certificate" and "key" in front when that is used.
  // Chosen by SNI; the first serves callers that name no known host. Never empty when tls.
  std::vector<CertificateConfig> certificates;
  std::string client_ca;  // path of a PEM bundle; empty: client certificates are not asked for
  ClientAuth client_auth = ClientAuth::required;  // means something with client_ca only
  TlsVersion min_version = TlsVersion::tls_1_2;

  bool proxy_protocol = false;  // every connection begins with a PROXY protocol header, v1 or v2
  // Replaces Config::trusted_proxies for this listener: "10.0.0.0/8", "2001:db8::/32", always with a prefix
  // length.
  std::optional<std::vector<std::string>> trusted_proxies;

  bool operator==(const ListenConfig&) const = default;
};

}  // namespace linkspan::config
