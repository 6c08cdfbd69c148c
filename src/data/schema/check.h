// Applies compiled schemas to a value. One pass knows two ways: quick (stops at the first problem, allocates
// next to nothing) and collecting. Recursion is as deep as SchemaCheck allows. One thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/json.h"
#include "data/schema/evaluated.h"
#include "data/schema/node.h"
#include "data/schema/schema.h"

namespace linkspan::data::schema {

// The resources that led to the schema at hand, innermost first: what $dynamicRef looks through.
struct Scope {
  const Scope* outer = nullptr;
  const Resource* resource = nullptr;
};

// Where in the instance, innermost first.
struct Place {
  const Place* outer = nullptr;
  std::string_view key;
  std::size_t index = kNoLimit;  // in an array; else it is a key

  static std::string pointer(const Place* place);
};

enum class Limit : unsigned char { none, steps, depth, pattern };

// What a check has left to spend, shared by all that it takes.
struct Run {
  explicit Run(const SchemaCheck& options);

  // False once a limit is passed; from then on nothing is applied any more.
  bool spend(std::uint64_t cost) {
    if (cost <= steps) [[likely]] {
      steps -= cost;
      return true;
    }
    return stop(Limit::steps);
  }
  bool stop(Limit limit) {
    if (passed == Limit::none) passed = limit;
    steps = 0;
    return false;
  }
  bool stopped() const { return passed != Limit::none; }

  const SchemaCheck& options;
  std::uint64_t steps;
  std::uint32_t depth_left;
  Limit passed = Limit::none;
  const Node* outermost = nullptr;  // of the nodes that are being applied to the current value
};

// Problems found so far, up to a limit.
struct Problems {
  std::size_t max = 0;
  std::vector<SchemaProblem> list;

  bool is_full() const { return list.size() >= max; }
};

template <bool kCollect>
class Checker {
 public:
  // `problems` only if collecting.
  Checker(Run& run, Problems* problems) : run_(run), problems_(problems) {}

  // Whether the value is valid; if the run was stopped, false. `evaluated` is for what is adjacent to
  // unevaluated..., else null.
  bool apply(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
             Evaluated* evaluated);

 private:
  template <bool>
  friend class Checker;

  bool apply_rules(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                   Evaluated* evaluated);
  bool apply_by_type(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                     Evaluated* evaluated);
  bool check_number(const Node& node, const JsonValue& value, const Place* place);
  bool check_string(const Node& node, const JsonValue& value, const Place* place);
  bool check_choice(const Node& node, const Choices& choices, std::string_view keyword,
                    const JsonValue& value, const Place* place);

  bool check_array(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                   Evaluated* evaluated);
  bool check_items(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                   Evaluated* evaluated);
  bool check_contains(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                      Evaluated* evaluated);
  bool check_unique(const Node& node, const JsonValue& value, const Place* place);

  bool check_object(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                    Evaluated* evaluated);
  bool check_members(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                     Evaluated* evaluated);
  bool check_member(const Node& node, const JsonMember& member, const Place* place, const Scope& scope,
                    bool& evaluated, std::size_t& required_seen);
  bool check_additional(const Node& node, const JsonMember& member, const Place* place, const Scope& scope);
  bool check_name(const Node& node, const JsonValue& name, const Place* place, const Scope& scope);
  bool check_required(const Node& node, const JsonValue& value, const Place* place);
  bool check_dependencies(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                          Evaluated* evaluated);
  bool check_direction(const Node& member, std::string_view key, const Place* place);

  bool check_in_place(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                      Evaluated* evaluated);
  bool check_any_of(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                    Evaluated* evaluated);
  bool check_one_of(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                    Evaluated* evaluated);
  bool check_condition(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                       Evaluated* evaluated);
  bool check_dynamic(const InPlace& rules, const JsonValue& value, const Place* place, const Scope& scope,
                     Evaluated* evaluated);
  bool check_unevaluated(const Node& node, const JsonValue& value, const Place* place, const Scope& scope,
                         const Evaluated& evaluated);

  // Applies to a value within the current one.
  bool apply_below(const Node& node, const JsonValue& value, const Place* place, std::string_view key,
                   std::size_t index, const Scope& scope);
  // The branch alone, quickly, adding to `evaluated` if it is valid.
  bool matches(const Node& node, const JsonValue& value, const Scope& scope, Evaluated* evaluated);
  // What a branch has against the value, in few words; empty if nothing.
  std::string objection(const Node& branch, const JsonValue& value, const Place* place, const Scope& scope);
  std::string nearest_branch(const std::vector<Node*>& branches, const JsonValue& value, const Place* place,
                             const Scope& scope);

  // Notes a problem; always false. `say` makes the message, and only runs if it is wanted.
  template <typename Say>
  bool fail(const Node& node, std::string_view keyword, const Place* place, Say say) {
    if constexpr (kCollect) {
      if (!problems_->is_full() && !run_.stopped())
        problems_->list.push_back(
            {Place::pointer(place), location_of(node, keyword), std::string(keyword), say()});
    }
    return false;
  }
  // Whether to go on after a rule said no.
  static constexpr bool goes_on() { return kCollect; }

  Run& run_;
  Problems* problems_;
};

// Bytes of UTF-8 to code points.
inline std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

}  // namespace linkspan::data::schema
