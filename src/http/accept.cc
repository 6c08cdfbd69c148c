#include "http/accept.h"

#include <algorithm>

#include "base/strings.h"
#include "http/fields.h"

namespace linkspan::http {

namespace {

constexpr int kFullWeight = 1000;

// "0.8" as 800 (RFC 9110 section 12.4.2); nothing if malformed.
std::optional<int> parse_weight(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1') || text.size() > 5) return std::nullopt;
  int weight = (text[0] - '0') * kFullWeight;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int unit = 100;
  for (char c : text.substr(std::min<std::size_t>(text.size(), 2))) {
    if (!is_digit(c)) return std::nullopt;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  return weight > kFullWeight ? std::nullopt : std::optional<int>(weight);
}

// The q parameter; a malformed one counts as 0, so that nothing is preferred by mistake.
int weight_of(std::string_view parameters) {
  for (std::string_view parameter : split(parameters, ';')) {
    const auto [name, value] = split_once(parameter, '=');
    if (equals_ignore_case(trim(name), "q")) return parse_weight(trim(value.value_or(""))).value_or(0);
  }
  return kFullWeight;
}

// 0: does not match; the higher the more specific (RFC 9110 section 12.5.1).
int specificity(const MediaType& range, const MediaType& type) {
  if (range.type == "*") return range.subtype == "*" ? 1 : 0;
  if (!equals_ignore_case(range.type, type.type)) return 0;
  if (range.subtype == "*") return 2;
  return equals_ignore_case(range.subtype, type.subtype) ? 3 : 0;
}

}  // namespace

std::optional<MediaType> parse_media_type(std::string_view text) {
  const auto [name, parameters] = split_once(text, ';');
  const auto [type, subtype] = split_once(trim(name), '/');
  if (!subtype || type.empty() || subtype->empty()) return std::nullopt;
  return MediaType{type, *subtype, trim(parameters.value_or(""))};
}

int media_type_weight(std::string_view accept, std::string_view type) {
  const std::optional<MediaType> wanted = parse_media_type(type);
  if (!wanted) return 0;
  if (trim(accept).empty()) return kFullWeight;
  int best = 0;
  int weight = 0;
  std::string_view element;
  while (next_list_element(accept, element)) {
    const std::optional<MediaType> range = parse_media_type(element);
    const int match = range ? specificity(*range, *wanted) : 0;
    if (match > best) {
      best = match;
      weight = weight_of(range->parameters);
    }
  }
  return weight;
}

std::optional<std::size_t> preferred_media_type(std::string_view accept,
                                                std::span<const std::string_view> offers) {
  std::optional<std::size_t> preferred;
  int best = 0;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const int weight = media_type_weight(accept, offers[i]);
    if (weight <= best) continue;
    best = weight;
    preferred = i;
  }
  return preferred;
}

}  // namespace linkspan::http
