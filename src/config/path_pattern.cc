#include "config/path_pattern.h"

#include <algorithm>

#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan::config {
namespace {

Error invalid(std::string detail) {
  return Error(errors::config_invalid, std::move(detail));
}

bool is_unreserved(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool is_parameter_name(std::string_view name) {
  return !name.empty() && !is_digit(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; });
}

void append_encoded(std::string& out, char c) {
  constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

// One percent triplet at the start of `text`, in the normal form of RFC 3986 section 6.2.2.
Result<void> append_triplet(std::string_view text, std::string& out) {
  std::uint8_t byte[1];
  if (text.size() < 3 || !decode_hex(text.substr(1, 2), byte))
    return invalid("% must be followed by two hex digits");
  const char c = static_cast<char>(byte[0]);
  if (c == '/' || c == '\\' || byte[0] < 0x20 || byte[0] == 0x7f) {
    return invalid("\"" + std::string(text.substr(0, 3)) + "\" is refused in the paths of requests");
  }
  if (is_unreserved(c)) {
    out += c;
  } else {
    append_encoded(out, c);
  }
  return {};
}

Result<std::string> normalise_literal(std::string_view text) {
  constexpr std::string_view kAllowed = "!$&'()*+,;=:@";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (Result<void> triplet = append_triplet(text.substr(i), out); !triplet)
        return std::move(triplet).error();
      i += 2;
    } else if (is_unreserved(c) || kAllowed.find(c) != std::string_view::npos) {
      out += c;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      append_encoded(out, c);
    } else if (c == '{' || c == '}') {
      return invalid("a parameter is a whole segment, as in /{id}/ or /{path...}");
    } else if (c == '?' || c == '#') {
      return invalid(std::string("a path ends before \"") + c + "\"");
    } else {
      return invalid(std::string("\"") + c + "\" may not stand in a path");
    }
  }
  if (out == "." || out == "..") return invalid("\".\" and \"..\" are removed from the paths of requests");
  return out;
}

Result<PathSegment> parse_segment(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') {
    Result<std::string> literal = normalise_literal(text);
    if (!literal) return std::move(literal).error();
    return PathSegment{PathSegment::Kind::literal, std::move(literal).value()};
  }
  std::string_view name = text.substr(1, text.size() - 2);
  PathSegment segment{PathSegment::Kind::parameter, {}};
  if (name.ends_with("...")) {
    segment.kind = PathSegment::Kind::rest;
    name.remove_suffix(3);
  }
  if (!is_parameter_name(name)) {
    return invalid("{" + std::string(name) + "} is no parameter; names have letters, digits and _");
  }
  segment.text = name;
  return segment;
}

}  // namespace

bool PathPattern::has_parameter(std::string_view name) const {
  return std::any_of(segments.begin(), segments.end(), [&](const PathSegment& segment) {
    return segment.kind != PathSegment::Kind::literal && segment.text == name;
  });
}

Result<PathPattern> parse_path_pattern(std::string_view text) {
  if (!text.starts_with('/')) return invalid("a path begins with /");
  PathPattern pattern;
  pattern.text = text;
  if (text == "/") return pattern;
  std::size_t parameters = 0;
  bool after_rest = false;
  for (std::string_view part : split(text.substr(1), '/')) {
    if (after_rest) return invalid("{" + pattern.segments.back().text + "...} must be the last segment");
    Result<PathSegment> segment = parse_segment(part);
    if (!segment) return std::move(segment).error();
    if (segment->kind != PathSegment::Kind::literal) {
      ++parameters;
      if (pattern.has_parameter(segment->text))
        return invalid("parameter {" + segment->text + "} is used twice");
    }
    after_rest = segment->kind == PathSegment::Kind::rest;
    pattern.segments.push_back(std::move(segment).value());
    if (pattern.segments.size() > kMaxPathSegments || parameters > kMaxPathParameters) {
      return invalid("a path has at most " + std::to_string(kMaxPathSegments) + " segments and " +
                     std::to_string(kMaxPathParameters) + " parameters");
    }
  }
  // An empty segment in the middle is never what was meant; at the end it is the trailing slash.
  for (std::size_t i = 0; i + 1 < pattern.segments.size(); ++i) {
    const PathSegment& segment = pattern.segments[i];
    if (segment.kind == PathSegment::Kind::literal && segment.text.empty())
      return invalid("\"//\" in a path");
  }
  return pattern;
}

Result<std::string> parse_path_prefix(std::string_view text) {
  Result<PathPattern> pattern = parse_path_pattern(text);
  if (!pattern) return std::move(pattern).error();
  std::string result;
  for (const PathSegment& segment : pattern->segments) {
    if (segment.kind != PathSegment::Kind::literal) return invalid("parameters cannot be used here");
    result += "/" + segment.text;
  }
  if (result.empty() || result.ends_with('/')) return invalid("a slash at the end is not needed");
  return result;
}

}  // namespace linkspan::config
