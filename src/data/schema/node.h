// What schemas are compiled to: nodes with the rules that apply to each type of instance. Only the compiler
// changes them, and never once it has handed them out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/json.h"
#include "data/schema/dialect.h"
#include "data/schema/formats.h"
#include "data/schema/multiple_of.h"
#include "data/schema/name_table.h"
#include "data/schema/pattern.h"

namespace linkspan::data::schema {

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

// The types that a value may have: bits. `number` in a schema is kInteger | kFraction.
using Types = std::uint8_t;
inline constexpr Types kNull = 1;
inline constexpr Types kBoolean = 2;
inline constexpr Types kInteger = 4;
inline constexpr Types kFraction = 8;
inline constexpr Types kString = 16;
inline constexpr Types kArray = 32;
inline constexpr Types kObject = 64;
inline constexpr Types kAnyType = 127;

struct Node;

struct Bound {
  JsonValue value;
  bool is_lower = false;
  bool exclusive = false;
  std::string_view keyword;
};

struct NumberRules {
  std::vector<Bound> bounds;
  MultipleOf multiple_of;
  Format format = Format::none;
};

struct StringRules {
  std::size_t min_length = 0;
  std::size_t max_length = kNoLimit;
  const Pattern* pattern = nullptr;
  Format format = Format::none;
};

struct ArrayRules {
  std::size_t min_items = 0;
  std::size_t max_items = kNoLimit;
  bool unique = false;
  std::vector<Node*> prefix;  // null where anything goes
  Node* rest = nullptr;       // of the items behind; null if anything goes
  bool has_rest = false;
  Node* contains = nullptr;
  std::size_t min_contains = 1;
  std::size_t max_contains = kNoLimit;
  bool contains_evaluates = false;  // what it matched is no longer unevaluated (2020-12)
  std::string_view prefix_keyword;
  std::string_view rest_keyword;
};

struct Property {
  Node* node = nullptr;  // null if anything goes
  bool declared = false;
  bool required = false;
};

struct PatternProperty {
  const Pattern* pattern;
  Node* node;  // null if anything goes
};

// dependentRequired, dependentSchemas and the `dependencies` of old.
struct Dependency {
  std::string_view name;
  std::string_view keyword;
  std::vector<std::string_view> required;
  Node* node = nullptr;
};

struct ObjectRules {
  std::size_t min_properties = 0;
  std::size_t max_properties = kNoLimit;
  NameTable<Property> properties;  // declared or required
  std::vector<std::string_view> required;
  std::vector<PatternProperty> patterns;
  Node* additional = nullptr;  // null if anything goes
  bool has_additional = false;
  Node* names = nullptr;
  std::vector<Dependency> dependencies;
};

// enum, and const with its one value.
struct Choices {
  NameTable<char> strings;
  std::vector<const JsonValue*> others;
  const JsonValue* all = nullptr;  // as written
};

// Schemas for the same value.
struct InPlace {
  Node* ref = nullptr;
  Node* dynamic = nullptr;     // where $dynamicRef leads if nothing outside says otherwise
  std::string dynamic_anchor;  // empty if nothing can
  std::vector<Node*> all_of;
  std::vector<Node*> any_of;
  std::vector<Node*> one_of;
  Node* negated = nullptr;
  Node* condition = nullptr;
  Node* then_node = nullptr;
  Node* else_node = nullptr;
};

struct Unevaluated {
  Node* properties = nullptr;
  Node* items = nullptr;
};

// Where a node stands in its resource: below its parent, or at a pointer of its own.
struct Location {
  const Node* parent = nullptr;
  std::string_view keyword;
  std::string_view name;         // of what is below the keyword
  std::size_t index = kNoLimit;  // the same in an array
  std::string pointer;           // without a parent
  bool by_anchor = false;        // it was reached by an anchor: the pointer has to be looked for
};

struct Resource;

struct Node {
  Types types = kAnyType;
  bool never = false;      // the schema `false`
  bool read_only = false;  // in the dialects of OpenAPI
  bool write_only = false;
  bool exact_integers = false;  // 1.0 is no integer (draft 4)
  bool assert_formats = false;
  NumberRules* number = nullptr;
  StringRules* string = nullptr;
  ArrayRules* array = nullptr;
  ObjectRules* object = nullptr;
  Choices* enumeration = nullptr;
  Choices* constant = nullptr;
  InPlace* in_place = nullptr;
  Unevaluated* unevaluated = nullptr;
  Resource* resource = nullptr;
  const JsonValue* source = nullptr;
  Location location;

  bool accepts_everything() const {
    return types == kAnyType && !never && !read_only && !write_only && number == nullptr &&
           string == nullptr && array == nullptr && object == nullptr && enumeration == nullptr &&
           constant == nullptr && in_place == nullptr && unevaluated == nullptr;
  }
};

struct DynamicAnchor {
  const JsonValue* source = nullptr;
  const Node* node = nullptr;  // once anything of the resource is compiled
};

struct Document {
  std::string uri;
  JsonValue root;
  SchemaDialect dialect = SchemaDialect::draft2020_12;
  // Below its root, by what holds `$id`.
  std::unordered_map<const JsonValue*, Resource*> resources;
  Resource* resource = nullptr;  // of the root, once the document was read
};

// A schema with an identity: the root of a document, and whatever has `$id`.
struct Resource {
  std::string uri;
  Dialect dialect;
  Document* document = nullptr;
  const JsonValue* root = nullptr;
  std::map<std::string, const JsonValue*, std::less<>> anchors;
  std::map<std::string, DynamicAnchor, std::less<>> dynamic_anchors;
  bool compiled = false;  // its dynamic anchors are
  std::string problem;    // why nothing in it can be compiled
};

// Everything that nodes refer to. Only ever grows, and nothing in it moves.
struct Storage {
  std::deque<Document> documents;
  std::deque<Resource> resources;
  std::deque<Pattern> patterns;
  std::deque<Node> nodes;
  std::deque<NumberRules> numbers;
  std::deque<StringRules> strings;
  std::deque<ArrayRules> arrays;
  std::deque<ObjectRules> objects;
  std::deque<Choices> choices;
  std::deque<InPlace> in_places;
  std::deque<Unevaluated> unevaluated;
};

// URI "#" JSON Pointer of a node, and of a keyword in it.
std::string location_of(const Node& node, std::string_view keyword = {});

}  // namespace linkspan::data::schema
