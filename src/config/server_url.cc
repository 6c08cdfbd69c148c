#include "config/server_url.h"

#include <limits>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/names.h"

namespace linkspan::config {
namespace {

Error invalid(std::string detail) {
  return Error(errors::config_invalid, std::move(detail));
}

Result<void> parse_port(std::string_view text, bool tls, ServerUrl& url) {
  if (text.empty()) {
    url.port = tls ? 443 : 80;
    return {};
  }
  const std::optional<std::uint64_t> port = parse_u64(text.substr(1));
  if (!port || *port > std::numeric_limits<std::uint16_t>::max()) {
    return invalid("the port must be a number up to 65535");
  }
  url.port = static_cast<std::uint16_t>(*port);
  return {};
}

Result<ServerUrl> parse(std::string_view text) {
  ServerUrl url;
  if (starts_with_ignore_case(text, "https://")) {
    url.tls = true;
  } else if (!starts_with_ignore_case(text, "http://")) {
    return invalid("a URL begins with http:// or https://");
  }
  text.remove_prefix(url.tls ? 8 : 7);
  const std::size_t end = text.find_first_of("/?#");
  if (end != std::string_view::npos) {
    if (text.substr(end) != "/") return invalid("the URL ends after host and port");
    text.remove_suffix(1);
  }
  if (text.find('@') != std::string_view::npos) {
    return invalid("the URL holds no user and password; see credentials");
  }
  std::size_t host_end = text.find(':');
  if (text.starts_with('[')) {
    host_end = text.find(']');
    if (host_end == std::string_view::npos) return invalid("\"[\" without \"]\"");
    url.host = to_lower_ascii(text.substr(1, host_end - 1));
    if (!is_ipv6_address(url.host)) return invalid("there must be an IPv6 address in the brackets");
    url.is_ipv6 = true;
    url.is_address = true;
    ++host_end;
    if (host_end < text.size() && text[host_end] != ':') return invalid("only a port may follow the address");
  } else {
    url.host = to_lower_ascii(text.substr(0, host_end));
    url.is_address = is_ipv4_address(url.host);
    if (url.host.empty()) return invalid("the host is missing");
    if (!url.is_address && !is_host_name(url.host)) return invalid("the host is no name and no address");
  }
  const std::string_view port = host_end >= text.size() ? std::string_view() : text.substr(host_end);
  if (Result<void> result = parse_port(port, url.tls, url); !result) return std::move(result).error();
  return url;
}

}  // namespace

std::string ServerUrl::authority() const {
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string without_password(std::string_view url) {
  const std::size_t at = url.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  const std::size_t scheme = url.find("://");
  const std::string_view front = scheme < at ? url.substr(0, scheme + 3) : std::string_view();
  return std::string(front) + "..." + std::string(url.substr(at));
}

Result<ServerUrl> parse_server_url(std::string_view text) {
  Result<ServerUrl> url = parse(text);
  if (url && url->port == 0) return invalid("the port must be at least 1");
  return url;
}

Result<ServerUrl> parse_listen_url(std::string_view text) {
  Result<ServerUrl> url = parse(text);
  if (!url) return url;
  if (url->host == "localhost") {
    url->host = "127.0.0.1";
    url->is_address = true;
  }
  if (!url->is_address) return invalid("the host must be an IP address, such as 0.0.0.0, [::] or 127.0.0.1");
  return url;
}

}  // namespace linkspan::config
