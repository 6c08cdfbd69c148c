#include "store/wait_list.h"

#include "base/strings.h"

namespace linkspan::store {

void write_waits(const std::vector<std::string>& waits, std::string& text) {
  text.clear();
  for (const std::string& wait : waits) {
    append_u64(text, wait.size());
    text += ':';
    text += wait;
    text += ',';
  }
}

std::vector<std::string> read_waits(std::string_view text) {
  std::vector<std::string> waits;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) break;
    const auto size = parse_u64(text.substr(0, colon));
    text.remove_prefix(colon + 1);
    if (!size || *size >= text.size()) break;
    waits.emplace_back(text.substr(0, *size));
    text.remove_prefix(*size + 1);
  }
  return waits;
}

}  // namespace linkspan::store
