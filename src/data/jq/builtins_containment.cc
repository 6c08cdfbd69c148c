// The native `contains`.
#include <utility>
#include <vector>

#include "data/jq/builtins.h"
#include "data/jq/text_search.h"

namespace linkspan::data::jq {

namespace {

using Values = std::span<JsonValue>;

// Whether `a` contains `b`; both are of one type, and neither arrays nor objects.
bool contains_flat(Context& context, const JsonValue& a, const JsonValue& b) {
  if (!a.is_string()) return equals(context, a, b).value_or(false);
  context.count_text(4 * a.size());
  return find_text(a.string(), b.string()) != std::string_view::npos;
}

// Two arrays or objects, of which the second's parts before `wanted` or `member` are found in the first.
struct Search {
  const JsonValue* in;
  const JsonValue* part;
  std::size_t wanted = 0;
  std::size_t tried = 0;  // items that are not the wanted one
  JsonMembers::Iterator member;
};

// What is to be compared next, the answer to which decides how the search goes on; null if it is over.
const JsonValue* next_pair(const Search& search, bool& found, const JsonValue*& wanted) {
  found = false;
  if (search.part->is_object()) {
    found = search.member == search.part->members().end();
    if (found) return nullptr;
    wanted = &search.member->value;
    return search.in->find(search.member->key.string());
  }
  found = search.wanted == search.part->size();
  if (found || search.tried == search.in->size()) return nullptr;
  wanted = &search.part->items()[search.wanted];
  return &search.in->items()[search.tried];
}

// False if nested deeper than jq goes, or if a limit is passed.
bool contains(Context& context, const JsonValue& a, const JsonValue& b, bool& found) {
  std::vector<Search> open;
  // True if the answer is known.
  const auto begin = [&](const JsonValue& in, const JsonValue& part) {
    found = false;
    if (in.type() != part.type()) return true;
    if (in.is_array() || in.is_object()) {
      open.push_back({&in, &part, 0, 0, part.members().begin()});
      return false;
    }
    found = contains_flat(context, in, part);
    return true;
  };
  bool is_known = begin(a, b);
  while (!open.empty()) {
    if (open.size() > kMaxNesting || !context.count_steps(1)) return false;
    Search& last = open.back();
    if (std::exchange(is_known, false)) {
      if (last.part->is_object()) {
        ++last.member;
        if (!found) {
          open.pop_back();
          is_known = true;
          continue;
        }
      } else if (found) {
        ++last.wanted;
        last.tried = 0;
      } else {
        ++last.tried;
      }
    }
    const JsonValue* wanted = nullptr;
    const JsonValue* next = next_pair(last, found, wanted);
    if (next != nullptr) {
      is_known = begin(*next, *wanted);
    } else {
      open.pop_back();
      is_known = true;
    }
  }
  return true;
}

bool contains_value(Context& context, Values v) {
  if (v[0].type() != v[1].type())
    return fail(v, described(v[0]) + " and " + described(v[1]) + " cannot have their containment checked");
  bool found = false;
  if (!contains(context, v[0], v[1], found)) return fail(v, "Containment check too deep");
  v[0] = found;
  return true;
}

constexpr Native kNatives[] = {{"contains", 1, contains_value, false}};

}  // namespace

std::span<const Native> containment_natives() {
  return kNatives;
}

}  // namespace linkspan::data::jq
