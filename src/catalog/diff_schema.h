// Internal to diff: two schemas side by side, for one direction.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "catalog/diff.h"
#include "catalog/schema_view.h"

namespace linkspan::catalog {

enum class DiffDirection : unsigned char { request, response };

// Where a change is said to be; copied into each.
struct DiffPlace {
  std::string operation;
  std::string part;  // "body", "query limit"
};

class SchemaDiff {
 public:
  SchemaDiff(const Api& before, const Api& after, std::vector<Change>& changes)
      : before_(before), after_(after), changes_(changes) {}

  void compare(const Schema& before, const Schema& after, DiffDirection direction, const DiffPlace& place);

 private:
  // Of values that may be there: fewer than before, or more.
  enum class Move : unsigned char { narrower, wider };

  struct Pair {
    std::vector<Node> before;  // conjunctions
    std::vector<Node> after;
    std::string pointer;
  };

  void compare(const Node& before, const Node& after, const std::string& pointer, unsigned depth);
  void compare_types(const Pair& pair);
  void compare_enums(const Pair& pair);
  void compare_bounds(const Pair& pair);
  void compare_texts(const Pair& pair);
  void compare_properties(const Pair& pair, unsigned depth);
  void compare_items(const Pair& pair, unsigned depth);
  void compare_alternatives(const Pair& pair, std::string_view keyword, unsigned depth);

  void add(bool is_breaking, const std::string& pointer, std::string_view kind, std::string what);
  void add(Move move, const std::string& pointer, std::string_view kind, std::string what);

  SchemaView before_;
  SchemaView after_;
  std::vector<Change>& changes_;
  DiffDirection direction_ = DiffDirection::request;
  const DiffPlace* place_ = nullptr;
  std::set<std::string> compared_;
};

}  // namespace linkspan::catalog
