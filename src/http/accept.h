// Small content negotiation (RFC 9110 section 12.5.1): which of a few media types an Accept value prefers.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace linkspan::http {

// A media type split: "application/json; charset=utf-8". Views; no validation beyond the slash.
struct MediaType {
  std::string_view type;
  std::string_view subtype;
  std::string_view parameters;  // after the first ';', trimmed
};
std::optional<MediaType> parse_media_type(std::string_view text);

// Index of the offered type ("application/json") with the highest weight; among equals the earlier offer.
// Nothing if none is acceptable. An empty or absent Accept accepts all.
std::optional<std::size_t> preferred_media_type(std::string_view accept,
                                                std::span<const std::string_view> offers);

// Weight in thousandths (0 to 1000) that the value gives to "type/subtype": the most specific range decides.
int media_type_weight(std::string_view accept, std::string_view type);

}  // namespace linkspan::http
