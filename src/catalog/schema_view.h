// Looking at schemas without checking anything: following references, and asking what types, properties and
// items a schema speaks of. For the decoding of text, examples, lint and diff. Answers are good guesses in
// the sense that a validator decides what is valid; nothing here recurses without a limit.
//
// Nodes point into the Api that they were made from, and live as long as it. Any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "catalog/model.h"

namespace linkspan::catalog {

// A set of JSON types; integers are numbers too, so that `number` allows both bits.
using TypeMask = std::uint8_t;
inline constexpr TypeMask kNull = 1;
inline constexpr TypeMask kBoolean = 2;
inline constexpr TypeMask kInteger = 4;
inline constexpr TypeMask kFraction = 8;
inline constexpr TypeMask kString = 16;
inline constexpr TypeMask kArray = 32;
inline constexpr TypeMask kObject = 64;
inline constexpr TypeMask kNumber = kInteger | kFraction;
inline constexpr TypeMask kAnyType = 127;

TypeMask type_of(const data::JsonValue& value);
// Of a name in `type`; 0 if there is no such type.
TypeMask type_named(std::string_view name);

class SchemaView {
 public:
  explicit SchemaView(const Api& api) : api_(api) {}

  Node node_of(const Schema& schema) const;
  // What `$ref` leads to; `value` is nullptr if nowhere. Keywords beside it are passed over.
  Node follow(Node node) const;

  // The schema and all that must hold together with it: what its `$ref` leads to, its `allOf`, and theirs.
  std::vector<Node> conjunction(const Node& node) const;
  std::vector<Node> conjunction(const std::vector<Node>& nodes) const;

  // The types that a value may have.
  TypeMask types(const Node& node) const { return types(std::vector<Node>{node}); }
  TypeMask types(const std::vector<Node>& nodes) const;

  // What schemas there are for a property: those of `properties`, else of `additionalProperties`, also within
  // alternatives (`oneOf`, `anyOf`).
  std::vector<Node> property(const Node& node, std::string_view name) const;
  // The names in `properties`, each once, those of alternatives included.
  std::vector<std::string_view> property_names(const Node& node) const;
  // Whether names beside property_names() may be there.
  bool is_open(const Node& node) const;
  std::vector<Node> items(const Node& node) const;

 private:
  // `alternatives_left` is how many may be looked at still, over all levels.
  TypeMask types(const std::vector<Node>& nodes, unsigned depth, std::size_t& alternatives_left) const;
  TypeMask own_types(const Node& node, unsigned depth, std::size_t& alternatives_left) const;
  void collect(const Node& node, std::vector<Node>& found) const;
  // The conjunction, and those of the alternatives within it.
  std::vector<Node> with_alternatives(const Node& node) const;

  const Api& api_;
};

}  // namespace linkspan::catalog
