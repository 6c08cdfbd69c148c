#include "data/in_quotes.h"

namespace linkspan::data {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMaxBytes = 60;
  std::size_t end = text.size();
  if (end > kMaxBytes) {
    end = kMaxBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  }
  std::string result = "\"";
  for (char c : text.substr(0, end)) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  result += end < text.size() ? "...\"" : "\"";
  return result;
}

}  // namespace linkspan::data
