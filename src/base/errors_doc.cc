#include "base/errors_doc.h"

#include <algorithm>
#include <string>

namespace linkspan {

// errors_page() is generated from docs/errors.md (see src/CMakeLists.txt).
std::string_view error_doc(std::string_view slug) {
  if (slug.empty() || slug.find('\n') != std::string_view::npos) return {};
  const std::string_view page = errors_page();
  const std::string heading = "\n## " + std::string(slug) + "\n";
  std::size_t start = page.find(heading);
  if (start == std::string_view::npos) return {};
  ++start;
  // Up to the next heading of the same level or above.
  const std::size_t end = std::min({page.find("\n## ", start), page.find("\n# ", start), page.size()});
  std::string_view section = page.substr(start, end - start);
  while (section.ends_with('\n')) section.remove_suffix(1);
  return section;
}

}  // namespace linkspan
