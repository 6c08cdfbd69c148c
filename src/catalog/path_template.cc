#include "catalog/path_template.h"

#include <algorithm>

#include "base/error_kinds.h"

namespace linkspan::catalog {

namespace {

constexpr std::size_t kMaxNames = 100;

}  // namespace

Result<PathTemplate> PathTemplate::parse(std::string_view text) {
  PathTemplate result;
  const auto fail = [&](std::string_view why) {
    return Error(errors::api_invalid, "the path " + std::string(text) + " " + std::string(why));
  };
  result.literals_.emplace_back();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '}') return fail("has a \"}\" without \"{\"");
    if (text[at] != '{') {
      result.literals_.back() += text[at];
      continue;
    }
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) return fail("has a \"{\" without \"}\"");
    std::string name(text.substr(at + 1, end - at - 1));
    if (name.empty() || name.find_first_of("{/?#") != std::string::npos)
      return fail("has braces around no name");
    if (std::find(result.names_.begin(), result.names_.end(), name) != result.names_.end())
      return fail("has {" + name + "} twice");
    if (result.names_.size() >= kMaxNames) return fail("has too many names");
    result.names_.push_back(std::move(name));
    result.literals_.emplace_back();
    at = end;
  }
  return result;
}

std::optional<std::vector<std::string_view>> PathTemplate::match(std::string_view path) const {
  if (!path.starts_with(literals_[0])) return std::nullopt;
  std::vector<std::string_view> values;
  std::size_t at = literals_[0].size();
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::string& literal = literals_[i + 1];
    const std::size_t segment_end = std::min(path.find('/', at), path.size());
    const bool is_last = i + 1 == names_.size();
    const std::size_t slash = literal.find('/');
    std::size_t end = std::string_view::npos;
    if (slash != std::string::npos || is_last) {
      // The literal up to the slash ends the segment.
      const std::size_t in_segment = std::min(slash, literal.size());
      if (segment_end >= at + in_segment) end = segment_end - in_segment;
    } else {
      end = path.find(literal, at + 1);
    }
    if (end == std::string_view::npos || end <= at || end > segment_end) return std::nullopt;
    if (path.substr(end, literal.size()) != literal) return std::nullopt;
    values.push_back(path.substr(at, end - at));
    at = end + literal.size();
  }
  if (at != path.size()) return std::nullopt;
  return values;
}

std::string PathTemplate::expand(std::span<const std::string> values) const {
  std::string path = literals_[0];
  for (std::size_t i = 0; i < names_.size(); ++i) path.append(values[i]).append(literals_[i + 1]);
  return path;
}

bool PathTemplate::is_more_specific_than(const PathTemplate& other) const {
  for (std::size_t i = 0; i < std::min(literals_.size(), other.literals_.size()); ++i) {
    if (literals_[i] == other.literals_[i]) continue;
    // Where one goes on with a literal, the other has a name.
    if (literals_[i].starts_with(other.literals_[i])) return true;
    if (other.literals_[i].starts_with(literals_[i])) return false;
    return literals_[i].size() > other.literals_[i].size();
  }
  return names_.size() < other.names_.size();
}

}  // namespace linkspan::catalog
