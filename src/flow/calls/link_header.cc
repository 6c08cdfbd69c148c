#include "flow/calls/link_header.h"

#include <algorithm>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "catalog/uri.h"
#include "http/char_class.h"
#include "http/url.h"

namespace linkspan::flow {
namespace {

struct Link {
  std::string_view target;
  bool is_next = false;
  bool has_anchor = false;
};

bool is_token_char(char c) {
  return http::is_char(c, http::kTokenChar);
}

// One Link field value, read from its front (RFC 8288 section 3 and appendix B.2).
class LinkReader {
 public:
  explicit LinkReader(std::string_view value) : rest_(value) {}

  // nullopt at the end, or where it cannot be read on: then failed().
  std::optional<Link> next() {
    skip(", \t");
    if (rest_.empty()) return std::nullopt;
    Link link;
    const std::size_t end = rest_.find('>');
    if (rest_.front() != '<' || end == std::string_view::npos) return fail();
    link.target = rest_.substr(1, end - 1);
    if (std::any_of(link.target.begin(), link.target.end(), [](char c) { return c >= 0 && c <= ' '; }))
      return fail();
    rest_.remove_prefix(end + 1);
    rel_seen_ = false;
    for (skip(" \t"); rest_.starts_with(';'); skip(" \t")) {
      skip("; \t");
      if (rest_.empty() || rest_.starts_with(',')) break;
      if (!read_parameter(link)) return fail();
    }
    if (!rest_.empty() && !rest_.starts_with(',')) return fail();
    return link;
  }

  bool failed() const { return failed_; }

 private:
  std::optional<Link> fail() {
    failed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  std::string_view token() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_char);
    const std::string_view text = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(text.size());
    return text;
  }

  bool read_parameter(Link& link) {
    const std::string_view name = token();
    if (name.empty()) return false;
    std::string value;
    skip(" \t");
    if (rest_.starts_with('=')) {
      rest_.remove_prefix(1);
      skip(" \t");
      if (!read_value(value)) return false;
    }
    if (equals_ignore_case(name, "anchor")) link.has_anchor = true;
    if (equals_ignore_case(name, "rel") && !rel_seen_) {
      rel_seen_ = true;  // those after the first do not count (RFC 8288 section 3.3)
      for (const std::string_view type : split(value, ' ')) link.is_next |= equals_ignore_case(type, "next");
    }
    return true;
  }

  // A token or a quoted string; for tokens also what servers send without the quotes that it needs.
  bool read_value(std::string& value) {
    if (!rest_.starts_with('"')) {
      const std::size_t size = std::min(rest_.find_first_of(";, \t\""), rest_.size());
      value = rest_.substr(0, size);
      rest_.remove_prefix(size);
      return true;
    }
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      value += rest_[i];
    }
    return false;
  }

  std::string_view rest_;
  bool rel_seen_ = false;
  bool failed_ = false;
};

std::optional<http::Url> origin_of(std::string_view url) {
  const std::size_t authority = url.find("://");
  if (authority == std::string_view::npos) return std::nullopt;
  Result<http::Url> origin = http::parse_url(url.substr(0, url.find_first_of("/?#", authority + 3)));
  if (!origin) return std::nullopt;
  return std::move(*origin);
}

}  // namespace

Result<std::optional<std::string>> next_page_link(std::span<const std::string_view> link_values,
                                                  std::string_view request_url) {
  for (const std::string_view value : link_values) {
    LinkReader reader(value);
    while (const std::optional<Link> link = reader.next()) {
      if (!link->is_next || link->has_anchor) continue;
      return std::optional(catalog::resolve_uri(request_url, catalog::split_fragment(link->target).uri));
    }
    if (reader.failed())
      return Error(errors::upstream_bad_response, "the Link header of the answer cannot be read (RFC 8288)");
  }
  return std::optional<std::string>();
}

bool same_origin(std::string_view a, std::string_view b) {
  const std::optional<http::Url> left = origin_of(a);
  const std::optional<http::Url> right = origin_of(b);
  return left && right && left->https == right->https && left->host == right->host &&
         left->port == right->port;
}

}  // namespace linkspan::flow
