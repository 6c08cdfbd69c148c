// Host names (RFC 1123, RFC 5890), IP addresses (RFC 2673, RFC 4291), mail addresses (RFC 5321, RFC 6531).
#include <algorithm>
#include <string>

#include "base/strings.h"
#include "data/schema/formats.h"
#include "data/schema/idn.h"
#include "data/utf8.h"

namespace linkspan::data::schema {

namespace {

bool is_letter_or_digit(char c) {
  return is_alpha(c) || is_digit(c);
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  if (starts_with_ignore_case(label, "xn--")) {
    const auto decoded = decode_punycode(label.substr(4));
    if (!decoded || !is_u_label(*decoded)) return false;
  }
  return std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_idn_label(std::string_view label) {
  if (std::all_of(label.begin(), label.end(), [](char c) { return static_cast<unsigned char>(c) < 128; }))
    return is_label(label) &&
           (label.size() < 4 || label.substr(2, 2) != "--" || starts_with_ignore_case(label, "xn"));
  std::u32string characters;
  const char* at = label.data();
  while (at != label.data() + label.size()) characters += next_code_point(at, label.data() + label.size());
  return is_u_label(characters);
}

// RFC 5322's atext, and beyond ASCII where mail is international.
bool is_atom(char c, bool international) {
  if (static_cast<unsigned char>(c) >= 128) return international;
  return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_quoted(std::string_view local, bool international) {
  if (local.size() < 2 || local.back() != '"') return false;
  local = local.substr(1, local.size() - 2);
  for (std::size_t i = 0; i < local.size(); ++i) {
    if (local[i] == '"') return false;
    if (local[i] == '\\' && ++i == local.size()) return false;
    const auto byte = static_cast<unsigned char>(local[i]);
    if (byte < ' ' || byte == 127 || (byte >= 128 && !international)) return false;
  }
  return true;
}

bool is_local_part(std::string_view local, bool international) {
  if (local.starts_with('"')) return is_quoted(local, international);
  if (local.empty() || local.size() > 64) return false;
  char before = '.';
  for (const char c : local) {
    if (c == '.' ? before == '.' : !is_atom(c, international)) return false;
    before = c;
  }
  return before != '.';
}

bool is_mail_domain(std::string_view domain, bool international) {
  if (domain.starts_with('[') && domain.ends_with(']')) {
    const std::string_view address = domain.substr(1, domain.size() - 2);
    return starts_with_ignore_case(address, "ipv6:") ? is_ipv6(address.substr(5)) : is_ipv4(address);
  }
  return international ? is_idn_hostname(domain) : is_hostname(domain);
}

}  // namespace

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (const std::string_view label : split(text, '.')) {
    if (!is_label(label)) return false;
  }
  return true;
}

bool is_idn_hostname(std::string_view text) {
  // The ideographic and half-width full stops separate labels too.
  std::size_t from = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::string_view rest = text.substr(at);
    const bool wide = rest.starts_with("\xe3\x80\x82") || rest.starts_with("\xef\xbc\x8e") ||
                      rest.starts_with("\xef\xbd\xa1");
    if (rest.empty() || rest.front() == '.' || wide) {
      if (!is_idn_label(text.substr(from, at - from))) return false;
      from = at + (wide ? 3 : 1);
    }
    at += wide ? 3 : 1;
  }
  return text.size() <= 4 * 253;
}

bool is_ipv4(std::string_view text) {
  std::size_t parts = 0;
  for (const std::string_view part : split(text, '.')) {
    if (++parts > 4 || part.empty() || part.size() > 3 || (part.size() > 1 && part[0] == '0')) return false;
    const auto value = parse_u64(part);
    if (!value || *value > 255) return false;
  }
  return parts == 4;
}

bool is_ipv6(std::string_view text) {
  std::size_t groups = 0;
  bool compressed = false;
  if (text.starts_with("::")) {
    compressed = true;
    text.remove_prefix(2);
    if (text.empty()) return true;
  }
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      if (!is_ipv4(group)) return false;
      groups += 2;
      break;
    }
    if (group.size() > 4 || !parse_hex_u64(group) || ++groups > 8) return false;
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
    if (text.starts_with(':')) {
      if (compressed) return false;
      compressed = true;
      text.remove_prefix(1);
      if (text.empty()) break;
    }
  }
  return compressed ? groups < 8 : groups == 8;
}

bool is_email(std::string_view text, bool international) {
  const std::size_t at = text.rfind('@');
  return at != std::string_view::npos && is_local_part(text.substr(0, at), international) &&
         is_mail_domain(text.substr(at + 1), international);
}

}  // namespace linkspan::data::schema
