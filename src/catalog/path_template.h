// Templates of paths: "/orders/{id}/lines/{line}.json". Text between braces stands for one or more characters
// without "/". Immutable; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace linkspan::catalog {

class PathTemplate {
 public:
  // errors::api_invalid for braces that are not in pairs, are empty, or name something twice, and for more
  // than 100 names.
  static Result<PathTemplate> parse(std::string_view text);

  // In the order in which they stand.
  const std::vector<std::string>& names() const { return names_; }

  // What stands in `path` for each name, as it is there (percent-encoded); nullopt if it does not match.
  // `path` has no query. In linear time: each name takes as little as it can, the last in its segment what is
  // left.
  std::optional<std::vector<std::string_view>> match(std::string_view path) const;

  // The path with `values` (ready to stand there) in place of the names.
  std::string expand(std::span<const std::string> values) const;

  // Of two templates that match the same path, the one that says more is meant: with a literal where the
  // other has a name, looking from the left.
  bool is_more_specific_than(const PathTemplate& other) const;

 private:
  // literals_[0] name[0] literals_[1] name[1] ... literals_.back()
  std::vector<std::string> literals_;
  std::vector<std::string> names_;
};

}  // namespace linkspan::catalog
