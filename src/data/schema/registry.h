// The documents of a set: which schema resources they hold, under which URIs, and what a reference means. One
// thread.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/result.h"
#include "data/json_pointer.h"
#include "data/schema/node.h"

namespace linkspan::data::schema {

// A place that may be compiled.
struct Target {
  const JsonValue* value = nullptr;
  Resource* resource = nullptr;
  std::string pointer;     // within the resource
  bool by_anchor = false;  // then it has none
};

// The pointer of a value that is somewhere in `root`; looks through all of it.
std::string find_pointer(const JsonValue& wanted, const JsonValue& root);

class Registry {
 public:
  explicit Registry(Storage& storage) : storage_(storage) {}

  Result<void> add(std::string_view uri, JsonValue root, SchemaDialect dialect);

  // `reference` is absolute. The errors name it.
  Result<Target> resolve(std::string_view reference);
  Result<Target> at(std::string_view uri, const JsonPointer& pointer);

  // The resource that a subschema belongs to: `outer`, unless it begins one of its own.
  Resource* resource_of(const JsonValue& schema, Resource& outer) const;

 private:
  struct PlaceHash {
    std::size_t operator()(const std::pair<const JsonValue*, const Resource*>& place) const {
      return std::hash<const void*>()(place.first) * 31 + std::hash<const void*>()(place.second);
    }
  };

  // The resource that a URI without a fragment names, its document read first; nullptr if there is none.
  Resource* find_resource(std::string_view uri);
  void index(Document& document);
  // Reads a schema and all in it for identifiers.
  void index_schema(const JsonValue& schema, Resource& resource);
  // The same for whatever objects a document has that are not examples: OpenAPI has schemas in many places.
  void index_everything(const JsonValue& root, Resource& resource);
  // What one object says of itself; the resource that it belongs to.
  Resource* index_identifiers(const JsonValue& schema, Resource& outer);
  Resource& add_resource(const JsonValue& root, std::string uri, const Resource& outer);
  void read_dialect(Resource& resource);
  Result<Dialect> dialect_of(std::string_view metaschema, int depth);
  Result<Target> descend(Resource& resource, const JsonPointer& pointer, std::string_view reference);

  Storage& storage_;
  std::map<std::string, Document*, std::less<>> documents_;
  std::map<std::string, Resource*, std::less<>> resources_;
  std::unordered_set<std::pair<const JsonValue*, const Resource*>, PlaceHash> indexed_;
};

}  // namespace linkspan::data::schema
