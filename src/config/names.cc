#include "config/names.h"

#include <algorithm>
#include <initializer_list>

#include <arpa/inet.h>

#include "base/strings.h"

namespace linkspan::config {
namespace {

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

bool is_alphanumeric(char c) {
  return is_alpha(c) || is_digit(c);
}

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || is_one_of(c, "!#$%&'*+-.^_`|~");
  });
}

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> others) {
  return std::any_of(others.begin(), others.end(),
                     [name](std::string_view other) { return equals_ignore_case(name, other); });
}

bool is_address(int family, std::string_view text) {
  unsigned char address[sizeof(in6_addr)];
  return text.find('\0') == std::string_view::npos && text.size() < INET6_ADDRSTRLEN &&
         inet_pton(family, std::string(text).c_str(), address) == 1;
}

bool is_host_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && !label.starts_with('-') && !label.ends_with('-') &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
}

}  // namespace

bool is_name(std::string_view text) {
  constexpr std::size_t kMaxBytes = 128;
  return !text.empty() && text.size() <= kMaxBytes && (is_alphanumeric(text[0]) || text[0] == '_') &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || is_one_of(c, "_.-@+:/"); });
}

bool is_header_name(std::string_view text) {
  return is_token(text);
}

bool is_connection_header(std::string_view name) {
  return is_any_of(
      name, {"Connection", "Content-Length", "Host", "HTTP2-Settings", "Keep-Alive", "Proxy-Authenticate",
             "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"});
}

bool is_own_header(std::string_view name, HeaderOf message) {
  if (is_connection_header(name) || equals_ignore_case(name, "X-Request-Id")) return true;
  if (message == HeaderOf::answer) return equals_ignore_case(name, "Date");
  return is_any_of(name, {"Expect", "traceparent", "tracestate"});
}

std::string_view forwarded_key(std::string_view name, HeaderOf message) {
  if (equals_ignore_case(name, "Via")) return "via";
  if (message == HeaderOf::answer) return {};
  if (equals_ignore_case(name, "Forwarded")) return "forwarded";
  if (is_any_of(name, {"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"})) return "x_forwarded";
  return {};
}

bool is_header_value(std::string_view text) {
  if (trim(text).size() != text.size()) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

bool is_method(std::string_view text) {
  return is_token(text);
}

bool is_standard_method(std::string_view text) {
  return std::find(std::begin(kStandardMethods), std::end(kStandardMethods), text) !=
         std::end(kStandardMethods);
}

bool is_host_name(std::string_view text) {
  constexpr std::size_t kMaxBytes = 253;
  if (text.empty() || text.size() > kMaxBytes) return false;
  for (std::string_view label : split(text, '.')) {
    if (!is_host_label(label)) return false;
  }
  return true;
}

bool is_ipv4_address(std::string_view text) {
  return is_address(AF_INET, text);
}

bool is_ipv6_address(std::string_view text) {
  return is_address(AF_INET6, text);
}

bool is_url_query(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || is_one_of(c, "/?-._~!$&'()*+,;=:@%"); });
}

}  // namespace linkspan::config
