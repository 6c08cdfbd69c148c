#include "catalog/uri.h"

#include <vector>

#include "base/strings.h"

namespace linkspan::catalog {

namespace {

// Where the path begins: behind "scheme:" and "//authority".
std::size_t path_start(std::string_view uri) {
  std::size_t at = has_scheme(uri) ? uri.find(':') + 1 : 0;
  if (uri.substr(at).starts_with("//")) at = std::min(uri.find_first_of("/?", at + 2), uri.size());
  return at;
}

// RFC 3986 section 5.2.4, but ".." at the start of a relative path stays.
std::string without_dots(std::string_view path) {
  const bool is_rooted = path.starts_with('/');
  std::vector<std::string_view> kept;
  bool ends_in_slash = false;
  for (std::string_view segment : split(is_rooted ? path.substr(1) : path, '/')) {
    ends_in_slash = segment == "." || segment == "..";
    if (segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else if (!kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!is_rooted) {
      kept.push_back(segment);
    }
  }
  std::string result(is_rooted ? "/" : "");
  for (std::size_t i = 0; i < kept.size(); ++i) result.append(i == 0 ? "" : "/").append(kept[i]);
  if (ends_in_slash && !kept.empty() && kept.back() != "..") result += '/';
  return result;
}

bool is_unreserved(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool is_escape(std::string_view text, std::size_t at) {
  return text[at] == '%' && at + 2 < text.size() && parse_hex_u64(text.substr(at + 1, 2)).has_value();
}

}  // namespace

UriReference split_fragment(std::string_view reference) {
  const auto [uri, fragment] = split_once(reference, '#');
  return {uri, fragment.value_or("")};
}

bool has_scheme(std::string_view uri) {
  if (uri.empty() || !is_alpha(uri[0])) return false;
  for (char c : uri) {
    if (c == ':') return true;
    if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return false;
  }
  return false;
}

std::string resolve_uri(std::string_view base, std::string_view reference) {
  base = split_fragment(base).uri;
  if (reference.empty()) return std::string(base);
  if (has_scheme(reference)) return std::string(reference);
  const std::size_t path = path_start(base);
  if (reference.starts_with("//")) return std::string(base.substr(0, base.find("//"))).append(reference);
  const std::size_t query = std::min(reference.find('?'), reference.size());
  const std::string_view base_path = base.substr(path, base.find('?', path) - path);
  std::string joined;
  if (query == 0) {
    joined = base_path;
  } else if (reference.starts_with('/')) {
    joined = without_dots(reference.substr(0, query));
  } else {
    std::string whole(base_path.substr(0, base_path.rfind('/') + 1));
    if (whole.empty() && path > 0) whole = "/";
    joined = without_dots(whole.append(reference.substr(0, query)));
  }
  return std::string(base.substr(0, path)).append(joined).append(reference.substr(query));
}

void append_percent_encoded(std::string& out, std::string_view text, Keep keep) {
  constexpr std::string_view kReserved = ":/?#[]@!$&'()*+,;=";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_kept =
        is_unreserved(c) ||
        (keep == Keep::reserved && (kReserved.find(c) != std::string_view::npos || is_escape(text, i)));
    if (is_kept) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

std::string percent_encode(std::string_view text, Keep keep) {
  std::string out;
  append_percent_encoded(out, text, keep);
  return out;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_escape(text, i)) {
      out += static_cast<char>(*parse_hex_u64(text.substr(i + 1, 2)));
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace linkspan::catalog
