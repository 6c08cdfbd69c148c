// URIs (RFC 3986), IRIs (RFC 3987) and URI templates (RFC 6570).
#include <algorithm>

#include "base/strings.h"
#include "data/schema/formats.h"

namespace linkspan::data::schema {

namespace {

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Unreserved, sub-delims, percent escapes and what is in `also`.
bool consists_of(std::string_view text, std::string_view also, bool international) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) return false;
      i += 2;
    } else if (static_cast<unsigned char>(c) >= 128) {
      if (!international) return false;
    } else if (!is_alpha(c) && !is_digit(c) && !is_one_of(c, "-._~!$&'()*+,;=") && !is_one_of(c, also)) {
      return false;
    }
  }
  return true;
}

bool is_host(std::string_view host, bool international) {
  if (!host.starts_with('[')) return consists_of(host, "", international);
  if (!host.ends_with(']')) return false;
  host = host.substr(1, host.size() - 2);
  if (!host.starts_with('v') && !host.starts_with('V')) return is_ipv6(host);
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && dot > 1 && dot + 1 < host.size() &&
         std::all_of(host.begin() + 1, host.begin() + static_cast<std::ptrdiff_t>(dot), is_hex_digit) &&
         consists_of(host.substr(dot + 1), ":", false);
}

bool is_authority(std::string_view authority, bool international) {
  if (const std::size_t at = authority.find('@'); at != std::string_view::npos) {
    if (!consists_of(authority.substr(0, at), ":", international)) return false;
    authority.remove_prefix(at + 1);
  }
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view port = authority.substr(colon + 1);
    if (!std::all_of(port.begin(), port.end(), is_digit)) return false;
    authority = authority.substr(0, colon);
  }
  return is_host(authority, international);
}

// Of what stands behind the scheme.
bool is_rest(std::string_view text, bool international) {
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    if (!consists_of(text.substr(hash + 1), ":@/?", international)) return false;
    text = text.substr(0, hash);
  }
  if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
    if (!consists_of(text.substr(mark + 1), ":@/?", international)) return false;
    text = text.substr(0, mark);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const std::size_t slash = std::min(text.find('/'), text.size());
    if (!is_authority(text.substr(0, slash), international)) return false;
    text.remove_prefix(slash);
  }
  return consists_of(text, ":@/", international);
}

// The length of the scheme, 0 if there is none.
std::size_t scheme_bytes(std::string_view text) {
  if (text.empty() || !is_alpha(text.front())) return 0;
  std::size_t size = 1;
  while (size < text.size() && (is_alpha(text[size]) || is_digit(text[size]) || is_one_of(text[size], "+-.")))
    ++size;
  return size < text.size() && text[size] == ':' ? size : 0;
}

// One variable of an expression: a name, then ":" and a length, or "*".
bool is_variable(std::string_view text) {
  if (text.ends_with('*')) {
    text.remove_suffix(1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    const auto length = parse_u64(text.substr(colon + 1));
    if (!length || *length == 0 || *length > 9999 || text[colon + 1] == '0') return false;
    text = text.substr(0, colon);
  }
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) return false;
      i += 2;
    } else if (!is_alpha(text[i]) && !is_digit(text[i]) && text[i] != '_' && text[i] != '.') {
      return false;
    }
  }
  return true;
}

bool is_expression(std::string_view text) {
  if (!text.empty() && is_one_of(text.front(), "+#./;?&=,!@|")) text.remove_prefix(1);
  for (const std::string_view variable : split(text, ',')) {
    if (!is_variable(variable)) return false;
  }
  return true;
}

}  // namespace

bool is_uri(std::string_view text, bool international) {
  const std::size_t scheme = scheme_bytes(text);
  return scheme != 0 && is_rest(text.substr(scheme + 1), international);
}

bool is_uri_reference(std::string_view text, bool international) {
  if (is_uri(text, international)) return true;
  // A colon in the first segment would make what is before it a scheme.
  const std::size_t end = text.find_first_of("/?#");
  return text.substr(0, end).find(':') == std::string_view::npos && is_rest(text, international);
}

bool is_uri_template(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{') {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos || !is_expression(text.substr(i + 1, end - i - 1))) return false;
      i = end;
    } else if (c == '%') {
      if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) return false;
      i += 2;
    } else if (static_cast<unsigned char>(c) <= ' ' || c == 127 || is_one_of(c, "\"<>\\^`|}")) {
      return false;
    }
  }
  return true;
}

}  // namespace linkspan::data::schema
