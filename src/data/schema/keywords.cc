#include "data/schema/keywords.h"

namespace linkspan::data::schema {

Holds what_holds(std::string_view keyword) {
  struct Known {
    std::string_view keyword;
    Holds holds;
  };
  static constexpr Known kKnown[] = {
      {"properties", Holds::named_schemas},
      {"items", Holds::schemas},
      {"allOf", Holds::schemas},
      {"anyOf", Holds::schemas},
      {"oneOf", Holds::schemas},
      {"$defs", Holds::named_schemas},
      {"definitions", Holds::named_schemas},
      {"patternProperties", Holds::named_schemas},
      {"dependentSchemas", Holds::named_schemas},
      {"dependencies", Holds::named_schemas},
      {"prefixItems", Holds::schemas},
      {"additionalProperties", Holds::schema},
      {"additionalItems", Holds::schema},
      {"unevaluatedProperties", Holds::schema},
      {"unevaluatedItems", Holds::schema},
      {"propertyNames", Holds::schema},
      {"contains", Holds::schema},
      {"not", Holds::schema},
      {"if", Holds::schema},
      {"then", Holds::schema},
      {"else", Holds::schema},
      {"contentSchema", Holds::schema},
  };
  for (const Known& known : kKnown) {
    if (known.keyword == keyword) return known.holds;
  }
  return Holds::nothing;
}

}  // namespace linkspan::data::schema
