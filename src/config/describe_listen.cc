#include <algorithm>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/container_types.h"
#include "config/describe.h"
#include "config/names.h"
#include "config/object_type.h"
#include "config/scalar_types.h"
#include "config/server_url.h"

namespace linkspan::config {
namespace {

Result<std::string> parse_network(std::string_view text) {
  const auto [address, prefix] = split_once(text, '/');
  const bool ipv4 = is_ipv4_address(address);
  if (!ipv4 && !is_ipv6_address(address)) return Error(errors::config_invalid, {});
  const std::uint64_t most = ipv4 ? 32 : 128;
  if (!prefix) return std::string(address) + "/" + std::to_string(most);
  const std::optional<std::uint64_t> bits = parse_u64(*prefix);
  if (!bits || *bits > most) return Error(errors::config_invalid, {});
  return std::string(text);
}

// "certificate" and "key" directly in a listener: one more certificate, in front of "certificates". Each key
// fills its half of the front one; the other half waits for its own key.
class CertificateShorthand final : public Type {
 public:
  CertificateShorthand(std::string CertificateConfig::*half, std::string_view kind)
      : half_(half), path_(file_path(kind)) {}

  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    auto& certificates = static_cast<ListenConfig*>(out)->certificates;
    std::string path;
    const bool good = path_.type()->decode(node, decoder, &path);
    const bool waits = !certificates.empty() && (certificates[0].*half_).empty() &&
                       !(certificates[0].certificate.empty() && certificates[0].key.empty());
    if (!waits) certificates.insert(certificates.begin(), CertificateConfig{});
    certificates[0].*half_ = std::move(path);
    return good;
  }
  bool is_absent(const void*) const override { return true; }
  void show(const void*, ShowWriter&) const override {}
  void write_schema(JsonStringWriter& json) const override { path_.type()->write_schema(json); }
  std::string form() const override { return path_.type()->form(); }

 private:
  std::string CertificateConfig::*half_;
  Typed<std::string> path_;
};

Typed<CertificateConfig> certificate_type() {
  return object<CertificateConfig>("A certificate chain and its private key, as PEM files.")
      .field("certificate", &CertificateConfig::certificate, file_path("certificate"),
             "The certificate, followed by the intermediate ones.")
      .required()
      .field("key", &CertificateConfig::key, file_path("private key"), "Its private key, not encrypted.")
      .required()
      .done();
}

void check_listen_tls(ListenConfig& listen, const ObjectView& view) {
  if (!listen.tls) {
    for (std::string_view key :
         {"certificate", "key", "certificates", "client_ca", "client_auth", "min_version"}) {
      if (view.given(key)) view.problem(key, "only a listener with an https:// URL has TLS");
    }
    return;
  }
  if (view.given("certificate") && !view.given("key")) view.problem("certificate", "needs a key beside it");
  if (view.given("key") && !view.given("certificate")) view.problem("key", "needs a certificate beside it");
  if (!view.given("certificate") && !view.given("key") && listen.certificates.empty()) {
    view.problem("needs certificate and key for its https:// URL");
  }
  if (view.given("client_auth") && !view.given("client_ca")) {
    view.problem("client_auth", "needs client_ca to say which certificates are accepted");
  }
}

bool has_tls(const ListenConfig& listen) {
  return listen.tls;
}

bool asks_for_certificates(const ListenConfig& listen) {
  return !listen.client_ca.empty();
}

void check_listen(ListenConfig& listen, const ObjectView& view) {
  if (!view.ok("url")) return;
  Result<ServerUrl> url = parse_listen_url(listen.url);
  if (!url) {
    view.problem("url", without_password(listen.url), url.error().detail());
    return;
  }
  listen.tls = url->tls;
  listen.address = std::move(url->host);
  listen.port = url->port;
  // The shorthand is shown as one of the certificates, in another place than where it was written.
  for (std::string_view key : {"certificate", "key", "certificates"}) {
    if (view.from_reference(key)) view.hide("certificates");
  }
  check_listen_tls(listen, view);
}

}  // namespace

Typed<std::string> network_type() {
  return parsed_text({.form = "network",
                      .expected = "an IP address or a network such as 10.0.0.0/8 or 2001:db8::/32",
                      .pattern = R"([0-9A-Fa-f.:]+(/\d{1,3})?)"},
                     parse_network);
}

Typed<ListenConfig> listen_type() {
  return object<ListenConfig>("An address where Linkspan listens; a URL alone will do.")
      .scalar("url")
      .positioned()
      .field("url", &ListenConfig::url, text(),
             "`http://ADDRESS:PORT` or `https://ADDRESS:PORT`; the address is an IPv4 address, an IPv6 "
             "address in "
             "brackets, or `localhost`. Port 0 lets the system choose.")
      .required()
      .whole("certificate",
             Typed<ListenConfig>(
                 std::make_shared<CertificateShorthand>(&CertificateConfig::certificate, "certificate")),
             "PEM file with the certificate chain, for an `https://` URL.")
      .whole(
          "key",
          Typed<ListenConfig>(std::make_shared<CertificateShorthand>(&CertificateConfig::key, "private key")),
          "PEM file with the private key of `certificate`.")
      .field("certificates", &ListenConfig::certificates, list(certificate_type(), {.add = true}),
             "Further certificates, chosen by the server name that a caller asks for (SNI). The first serves "
             "callers "
             "that ask for none of them.")
      .field("client_ca", &ListenConfig::client_ca, file_path("certificate"),
             "PEM file with the authorities whose client certificates are accepted.")
      .field("client_auth", &ListenConfig::client_auth,
             choice<ClientAuth>({{"required", ClientAuth::required}, {"optional", ClientAuth::optional}}),
             "With `client_ca`: whether a caller without a certificate is refused.")
      .shown_when<asks_for_certificates>()
      .field("min_version", &ListenConfig::min_version,
             choice<TlsVersion>({{"1.2", TlsVersion::tls_1_2}, {"1.3", TlsVersion::tls_1_3}}),
             "Oldest TLS version that is accepted.")
      .shown_when<has_tls>()
      .field("proxy_protocol", &ListenConfig::proxy_protocol, boolean(),
             "Whether each connection begins with a PROXY protocol header (version 1 or 2), as some load "
             "balancers "
             "send it.")
      .field("trusted_proxies", &ListenConfig::trusted_proxies,
             optional(list(network_type(), {.or_one = true, .flow = true})),
             "In place of the global `trusted_proxies`, for this listener.")
      .check<check_listen>()
      .done();
}

}  // namespace linkspan::config
