#include "data/jq/source.h"

#include <algorithm>

namespace linkspan::data::jq {

namespace {

constexpr std::size_t kShownBytes = 160;

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::size_t characters(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_character));
}

}  // namespace

LineColumn line_column(std::string_view source, std::uint32_t offset) {
  const std::string_view before = source.substr(0, offset);
  LineColumn place;
  place.line += static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  place.column += static_cast<std::uint32_t>(characters(before.substr(line_start)));
  return place;
}

std::string point_at(std::string_view source, Span span, std::string_view message) {
  const auto size = static_cast<std::uint32_t>(source.size());
  span.begin = std::min(span.begin, size);
  span.end = std::clamp(span.end, span.begin, size);
  const LineColumn place = line_column(source, span.begin);
  std::size_t first = source.substr(0, span.begin).rfind('\n') + 1;
  const std::size_t line_end = std::min(source.find('\n', span.begin), source.size());
  while (span.begin - first > kShownBytes / 2 || (first < span.begin && continues_character(source[first])))
    ++first;
  std::size_t last = std::min(line_end, first + kShownBytes);
  while (last < line_end && continues_character(source[last])) ++last;

  std::string out(message);
  out += " at line " + std::to_string(place.line) + ", column " + std::to_string(place.column) + ":\n    ";
  for (const char c : source.substr(first, last - first))
    out += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? ' ' : c;
  out += "\n    ";
  out.append(characters(source.substr(first, span.begin - first)), ' ');
  const std::size_t until = std::min<std::size_t>(span.end, last);
  const std::size_t width =
      until > span.begin ? characters(source.substr(span.begin, until - span.begin)) : 0;
  out.append(std::max<std::size_t>(width, 1), '^');
  return out;
}

}  // namespace linkspan::data::jq
