#include "data/schema/uri.h"

#include <optional>

#include "base/strings.h"

namespace linkspan::data::schema {

namespace {

// RFC 3986 section 3; nullopt where a part is missing, which differs from empty.
struct Parts {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
};

bool is_scheme(std::string_view text) {
  if (text.empty() || !is_alpha(text.front())) return false;
  for (const char c : text) {
    if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return false;
  }
  return true;
}

Parts split(std::string_view uri) {
  Parts parts;
  uri = split_fragment(uri).first;
  if (const std::size_t colon = uri.find_first_of(":/?");
      colon != std::string_view::npos && uri[colon] == ':' && is_scheme(uri.substr(0, colon))) {
    parts.scheme = uri.substr(0, colon);
    uri.remove_prefix(colon + 1);
  }
  if (const std::size_t mark = uri.find('?'); mark != std::string_view::npos) {
    parts.query = uri.substr(mark + 1);
    uri = uri.substr(0, mark);
  }
  if (uri.starts_with("//")) {
    const std::size_t slash = uri.find('/', 2);
    parts.authority = uri.substr(2, slash == std::string_view::npos ? slash : slash - 2);
    uri = slash == std::string_view::npos ? std::string_view() : uri.substr(slash);
  }
  parts.path = uri;
  return parts;
}

// RFC 3986 section 5.2.4.
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const bool rooted = path.front() == '/';
    const std::size_t end = path.find('/', rooted ? 1 : 0);
    const std::string_view step = path.substr(0, end);
    const std::string_view name = rooted ? step.substr(1) : step;
    const bool last = end == std::string_view::npos;
    path = last ? std::string_view() : path.substr(end);
    if (name == "." || name == "..") {
      if (name == "..") out.erase(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
      if (last && rooted) out += '/';
    } else {
      out += step;
    }
  }
  return out;
}

std::string merge(const Parts& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string(path);
  const std::size_t slash = base.path.rfind('/');
  return std::string(base.path.substr(0, slash == std::string_view::npos ? 0 : slash + 1)) +
         std::string(path);
}

std::string join(const Parts& parts, std::string_view path, std::string_view fragment, bool has_fragment) {
  std::string uri;
  if (parts.scheme) uri.append(*parts.scheme).append(":");
  if (parts.authority) uri.append("//").append(*parts.authority);
  uri += path;
  if (parts.query) uri.append("?").append(*parts.query);
  if (has_fragment) uri.append("#").append(fragment);
  return uri;
}

}  // namespace

std::pair<std::string_view, std::string_view> split_fragment(std::string_view uri) {
  const std::size_t hash = uri.find('#');
  if (hash == std::string_view::npos) return {uri, {}};
  return {uri.substr(0, hash), uri.substr(hash + 1)};
}

std::string resolve_uri(std::string_view base_text, std::string_view reference) {
  const bool has_fragment = reference.find('#') != std::string_view::npos;
  const std::string_view fragment = split_fragment(reference).second;
  Parts target = split(reference);
  if (target.scheme) return join(target, without_dots(target.path), fragment, has_fragment);
  const Parts base = split(base_text);
  target.scheme = base.scheme;
  if (target.authority) return join(target, without_dots(target.path), fragment, has_fragment);
  target.authority = base.authority;
  if (target.path.empty()) {
    if (!target.query) target.query = base.query;
    return join(target, base.path, fragment, has_fragment);
  }
  if (target.path.front() == '/') return join(target, without_dots(target.path), fragment, has_fragment);
  return join(target, without_dots(merge(base, target.path)), fragment, has_fragment);
}

std::string decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte =
        text[i] == '%' && i + 2 < text.size() ? parse_hex_u64(text.substr(i + 1, 2)) : std::nullopt;
    out += byte ? static_cast<char>(*byte) : text[i];
    if (byte) i += 2;
  }
  return out;
}

}  // namespace linkspan::data::schema
