// Schemas to nodes. A node is made for each subschema that something leads to; what it says is filled in from
// a list of nodes still to do, so nothing recurses, and circles of references need no care. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "data/json.h"
#include "data/schema/node.h"
#include "data/schema/registry.h"

namespace linkspan::data::schema {

// A keyword of a schema that is being filled in.
struct Keyword {
  Node& node;
  const JsonValue& schema;  // that has the keyword
  Resource& resource;
  std::string_view name;
  const JsonValue& value;
};

class Compiler {
 public:
  Compiler() : storage_(std::make_shared<Storage>()), registry_(*storage_) {}

  Registry& registry() { return registry_; }
  const std::shared_ptr<Storage>& storage() const { return storage_; }

  // Undoes what it did if it fails.
  Result<const Node*> compile(const Target& target);

  // The keywords, in compile_*.cc; a table in compiler.cc says which drafts have them.
  Result<void> type(const Keyword& keyword);
  Result<void> nullable(const Keyword& keyword);
  Result<void> enumeration(const Keyword& keyword);
  Result<void> constant(const Keyword& keyword);
  Result<void> format(const Keyword& keyword);
  Result<void> read_only(const Keyword& keyword);
  Result<void> multiple_of(const Keyword& keyword);
  Result<void> bound(const Keyword& keyword);
  Result<void> bound_exclusive(const Keyword& keyword);
  Result<void> size(const Keyword& keyword);
  Result<void> pattern(const Keyword& keyword);
  Result<void> unique_items(const Keyword& keyword);

  Result<void> items(const Keyword& keyword);
  Result<void> items_or_tuple(const Keyword& keyword);
  Result<void> prefix_items(const Keyword& keyword);
  Result<void> additional_items(const Keyword& keyword);
  Result<void> contains(const Keyword& keyword);
  Result<void> properties(const Keyword& keyword);
  Result<void> pattern_properties(const Keyword& keyword);
  Result<void> additional_properties(const Keyword& keyword);
  Result<void> property_names(const Keyword& keyword);
  Result<void> required(const Keyword& keyword);
  Result<void> dependencies(const Keyword& keyword);
  Result<void> unevaluated(const Keyword& keyword);

  Result<void> reference(const Keyword& keyword);
  Result<void> dynamic_reference(const Keyword& keyword);
  Result<void> combination(const Keyword& keyword);
  Result<void> negation(const Keyword& keyword);
  Result<void> condition(const Keyword& keyword);

 private:
  struct PlaceHash {
    std::size_t operator()(const std::pair<const JsonValue*, const Resource*>& place) const {
      return std::hash<const void*>()(place.first) * 31 + std::hash<const void*>()(place.second);
    }
  };

  Result<const Node*> compile_all(const Target& target);
  void forget_new();
  // The node of a place, made now if there is none yet.
  Node* node_at(const Target& target);
  Node* node_of(const JsonValue& schema, Resource& resource, Location location);
  // Of a subschema below a keyword.
  Node* child(const Keyword& keyword);
  Node* child(const Keyword& keyword, std::string_view name, const JsonValue& schema);
  Node* child(const Keyword& keyword, std::size_t index, const JsonValue& schema);
  Result<void> fill(Node& node);
  Result<void> fill_keyword(Node& node, std::string_view name, const JsonValue& value);
  void compile_dynamic_anchors(Resource& resource);
  Result<const Pattern*> pattern_of(const Keyword& keyword, std::string_view source);
  Result<std::vector<std::string_view>> names_of(const Keyword& keyword, const JsonValue& list);

  NumberRules& number(Node& node);
  StringRules& string(Node& node);
  ArrayRules& array(Node& node);
  ObjectRules& object(Node& node);
  InPlace& in_place(Node& node);
  Unevaluated& unevaluated_rules(Node& node);

  std::shared_ptr<Storage> storage_;
  Registry registry_;
  std::unordered_map<std::pair<const JsonValue*, const Resource*>, Node*, PlaceHash> nodes_;
  std::unordered_map<std::string, const Pattern*> patterns_;
  // Of the compilation that is going on.
  std::vector<Node*> new_nodes_;  // filled in from `next_` on
  std::size_t next_ = 0;
  std::vector<Resource*> new_resources_;
};

// errors::schema_invalid: "URI#/pointer/keyword: must be a string, is 7".
Error invalid_keyword(const Keyword& keyword, std::string_view what);
// The same with what the value is.
Error wrong_value(const Keyword& keyword, std::string_view expected);

// In finish.cc, once all new nodes are filled in: an error if references lead in a circle at one value.
Result<void> check_circles(const std::vector<Node*>& nodes);
// Takes ways that lead on at once out of the nodes: references to references, and schemas that accept all.
void shorten(const std::vector<Node*>& nodes);

}  // namespace linkspan::data::schema
