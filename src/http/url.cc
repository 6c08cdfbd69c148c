#include "http/url.h"

#include "base/error_kinds.h"
#include "base/strings.h"
#include "http/char_class.h"
#include "http/ip_address.h"

namespace linkspan::http {

namespace {

constexpr std::size_t kMaxHostBytes = 255;

// The digits after a host's colon; none at all is valid and means the default (RFC 3986 section 3.2.3).
bool parse_port(std::string_view digits, std::uint16_t& port) {
  port = 0;
  if (digits.empty()) return true;
  const auto value = parse_u64(digits);
  if (digits.size() > 5 || !value || *value == 0 || *value > 65535) return false;
  port = static_cast<std::uint16_t>(*value);
  return true;
}

Error bad_url(std::string_view reason) {
  return Error(errors::target_invalid, std::string(reason));
}

// Lower-case host, or the canonical text of an IP address.
void set_host(const HostPort& parts, Url& url) {
  const auto address = parse_ip_address(parts.host);
  url.host_is_ip = address.has_value();
  if (address) {
    char text[kMaxIpAddressText];
    url.host = format_ip_address(*address, text);
  } else {
    url.host = to_lower_ascii(parts.host);
  }
}

Result<void> set_path_and_query(std::string_view rest, Url& url) {
  const auto [path, query] = split_once(rest, '?');
  const std::string raw(path.empty() ? "/" : path);
  std::string scratch(raw.size(), '\0');
  ProtocolError error;
  const std::string_view clean = normalize_path(raw, scratch, error);
  if (clean.empty()) return error.to_error();
  url.path = clean;
  url.has_query = query.has_value();
  if (!query) return {};
  for (char c : *query) {
    if (!is_char(c, kTargetChar)) return bad_url("the query has a character that must be percent-encoded");
  }
  url.query = *query;
  return {};
}

}  // namespace

bool parse_host_port(std::string_view text, HostPort& out) {
  std::size_t host_end = 0;
  out.is_ipv6 = !text.empty() && text.front() == '[';
  if (out.is_ipv6) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    out.host = text.substr(1, close - 1);
    if (out.host.find(':') == std::string_view::npos || !parse_ip_address(out.host)) return false;
    host_end = close + 1;
  } else {
    while (host_end < text.size() && is_char(text[host_end], kHostChar)) ++host_end;
    if (host_end == 0 || host_end > kMaxHostBytes || text.front() == '.') return false;
    out.host = text.substr(0, host_end);
  }
  out.port = 0;
  if (host_end == text.size()) return true;
  return text[host_end] == ':' && parse_port(text.substr(host_end + 1), out.port);
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  url.https = starts_with_ignore_case(text, "https://");
  if (!url.https && !starts_with_ignore_case(text, "http://"))
    return bad_url("not a URL that begins with http:// or https://");
  std::string_view rest = text.substr(url.https ? 8 : 7);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) {
    return bad_url("a URL must not carry user information (user:password@)");
  }
  if (rest.find('#') != std::string_view::npos) return bad_url("a URL here must not have a fragment (#...)");
  HostPort parts;
  if (!parse_host_port(authority, parts)) return bad_url("the URL has no valid host[:port]");
  set_host(parts, url);
  url.port = parts.port != 0 ? parts.port : (url.https ? 443 : 80);
  Result<void> path = set_path_and_query(rest, url);
  if (!path) return std::move(path).error();
  return url;
}

std::string Url::authority() const {
  const bool brackets = host.find(':') != std::string::npos;
  std::string text = brackets ? "[" + host + "]" : host;
  if (!default_port()) text += ":" + std::to_string(port);
  return text;
}

std::string Url::to_string() const {
  std::string text(scheme());
  text += "://" + authority() + path;
  if (has_query) text += "?" + query;
  return text;
}

bool percent_decode(std::string_view text, std::span<char> out, std::size_t& written, bool plus_is_space) {
  written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return false;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (plus_is_space && c == '+') {
      c = ' ';
    }
    if (written == out.size()) return false;
    out[written++] = c;
  }
  return true;
}

void percent_encode(std::string_view text, UrlPart part, std::string& out) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (char c : text) {
    const bool plain = is_char(c, kUnreservedChar) ||
                       (part == UrlPart::path_segment && (is_char(c, kSubDelimChar) || c == ':' || c == '@'));
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

bool next_query_parameter(std::string_view& query, std::string_view& name, std::string_view& value) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const auto [before, after] = split_once(pair, '=');
    name = before;
    value = after.value_or(std::string_view{});
    return true;
  }
  return false;
}

}  // namespace linkspan::http
