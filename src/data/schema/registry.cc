#include "data/schema/registry.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error_kinds.h"
#include "data/in_quotes.h"
#include "data/schema/keywords.h"
#include "data/schema/metaschemas.h"
#include "data/schema/uri.h"

namespace linkspan::data::schema {

namespace {

constexpr int kMaxMetaschemas = 8;

Error unresolved(std::string_view reference, std::string_view why) {
  return Error(errors::schema_reference_unresolved, in_quotes(reference) + ": " + std::string(why));
}

bool is_string(const JsonValue* value) {
  return value != nullptr && value->is_string();
}

// What a metaschema's `$schema` says; empty if nothing.
std::string_view schema_uri(const JsonValue& schema) {
  const JsonValue* uri = schema.find("$schema");
  return is_string(uri) ? uri->string() : std::string_view();
}

}  // namespace

std::string find_pointer(const JsonValue& wanted, const JsonValue& root) {
  struct Place {
    const JsonValue* value;
    std::size_t parent;
    std::string_view key;
    std::size_t index;
  };
  std::vector<Place> places{{&root, 0, {}, 0}};
  for (std::size_t at = 0; at < places.size(); ++at) {
    const JsonValue& value = *places[at].value;
    if (&value == &wanted) {
      std::vector<std::string> tokens;
      for (; at != 0; at = places[at].parent) {
        const Place& place = places[at];
        const bool in_object = places[place.parent].value->is_object();
        tokens.push_back(in_object ? std::string(place.key) : std::to_string(place.index));
      }
      std::reverse(tokens.begin(), tokens.end());
      return JsonPointer(std::move(tokens)).to_string();
    }
    for (const JsonMember& member : value.members())
      places.push_back({&member.value, at, member.key.string(), 0});
    for (std::size_t i = 0; i < value.items().size(); ++i) places.push_back({&value.items()[i], at, {}, i});
  }
  return "";
}

Result<void> Registry::add(std::string_view uri, JsonValue root, SchemaDialect dialect) {
  const std::string name(split_fragment(uri).first);
  if (documents_.contains(name) || resources_.contains(name))
    return Error(errors::schema_invalid, "there is a document of the URI " + in_quotes(name) + " already");
  Document& document = storage_.documents.emplace_back();
  document.uri = name;
  document.root = std::move(root);
  document.dialect = dialect;
  documents_.emplace(name, &document);
  return {};
}

Resource* Registry::find_resource(std::string_view uri) {
  if (const auto document = documents_.find(uri); document != documents_.end()) {
    index(*document->second);
    return document->second->resource;
  }
  if (const auto found = resources_.find(uri); found != resources_.end()) return found->second;
  if (auto known = find_metaschema(uri)) {
    return add(uri, *std::move(known), SchemaDialect::draft2020_12) ? find_resource(uri) : nullptr;
  }
  for (Document& document : storage_.documents) index(document);
  const auto found = resources_.find(uri);
  return found == resources_.end() ? nullptr : found->second;
}

void Registry::index(Document& document) {
  if (document.resource != nullptr) return;
  Resource& resource = storage_.resources.emplace_back();
  document.resource = &resource;
  resource.document = &document;
  resource.root = &document.root;
  resource.uri = document.uri;
  resource.dialect.draft = document.dialect;
  read_dialect(resource);
  const Dialect& dialect = resource.dialect;
  const JsonValue* id = dialect.id_keyword().empty() ? nullptr : document.root.find(dialect.id_keyword());
  const bool is_alone = dialect.ref_stands_alone() && document.root.contains("$ref");
  if (is_string(id) && !is_alone)
    resource.uri = split_fragment(resolve_uri(document.uri, id->string())).first;
  resources_.emplace(resource.uri, &resource);
  if (dialect.draft == SchemaDialect::openapi_3_0) return;
  if (dialect.draft == SchemaDialect::openapi_3_1) return index_everything(document.root, resource);
  index_schema(document.root, resource);
}

void Registry::read_dialect(Resource& resource) {
  const std::string_view uri = schema_uri(*resource.root);
  if (uri.empty() || resource.dialect.draft == SchemaDialect::openapi_3_0) return;
  if (auto named = dialect_of(uri, 0)) {
    resource.dialect = *named;
  } else {
    resource.problem = named.error().detail();
  }
}

Result<Dialect> Registry::dialect_of(std::string_view metaschema_uri, int depth) {
  Dialect dialect;
  if (const auto known = known_dialect(metaschema_uri)) {
    dialect.draft = *known;
    return dialect;
  }
  const auto unknown_dialect = [&] {
    return Error(errors::schema_invalid, "$schema is " + in_quotes(metaschema_uri) +
                                             ", neither a draft that is supported nor a document given");
  };
  const std::string name(split_fragment(metaschema_uri).first);
  const auto found = documents_.find(name);
  if (found == documents_.end() || depth == kMaxMetaschemas) return unknown_dialect();
  const JsonValue& metaschema = found->second->root;
  auto base = dialect_of(schema_uri(metaschema), depth + 1);
  if (!base) return unknown_dialect();
  const JsonValue* vocabularies = metaschema.find("$vocabulary");
  if (base->ref_stands_alone() || vocabularies == nullptr) return base;
  std::string_view unknown;
  dialect = with_vocabularies(*base, *vocabularies, unknown);
  if (!unknown.empty())
    return Error(errors::schema_invalid,
                 "the metaschema " + in_quotes(metaschema_uri) +
                     " requires a vocabulary that is not known: " + in_quotes(unknown));
  return dialect;
}

Resource& Registry::add_resource(const JsonValue& root, std::string uri, const Resource& outer) {
  Resource& resource = storage_.resources.emplace_back();
  resource.uri = std::move(uri);
  resource.dialect = outer.dialect;
  resource.document = outer.document;
  resource.root = &root;
  read_dialect(resource);
  outer.document->resources.emplace(&root, &resource);
  resources_.emplace(resource.uri, &resource);  // of two with one URI the first counts
  return resource;
}

Resource* Registry::resource_of(const JsonValue& schema, Resource& outer) const {
  const auto& resources = outer.document->resources;
  if (resources.empty()) return &outer;
  const auto found = resources.find(&schema);
  return found == resources.end() ? &outer : found->second;
}

Resource* Registry::index_identifiers(const JsonValue& schema, Resource& outer) {
  Resource* resource = resource_of(schema, outer);
  const std::string_view keyword = resource->dialect.id_keyword();
  if (resource->dialect.ref_stands_alone() && schema.contains("$ref")) return resource;
  const JsonValue* id = keyword.empty() ? nullptr : schema.find(keyword);
  const bool old = resource->dialect.ref_stands_alone();
  if (is_string(id) && &schema != resource->root) {
    const auto [uri, fragment] = split_fragment(id->string());
    if (!uri.empty() || (!old && fragment.empty())) {
      resource = &add_resource(schema, resolve_uri(resource->uri, uri), *resource);
    }
  }
  // Up to draft 7 an id that is only a fragment is an anchor.
  if (is_string(id) && old) {
    const std::string_view fragment = split_fragment(id->string()).second;
    if (!fragment.empty() && !fragment.starts_with('/')) resource->anchors.emplace(fragment, &schema);
  }
  if (old) return resource;
  if (const JsonValue* anchor = schema.find("$anchor"); is_string(anchor))
    resource->anchors.emplace(anchor->string(), &schema);
  if (const JsonValue* anchor = schema.find("$dynamicAnchor"); is_string(anchor)) {
    resource->anchors.emplace(anchor->string(), &schema);
    if (!resource->compiled)
      resource->dynamic_anchors.try_emplace(std::string(anchor->string()), &schema, nullptr);
  }
  return resource;
}

void Registry::index_schema(const JsonValue& root, Resource& root_resource) {
  std::vector<std::pair<const JsonValue*, Resource*>> open{{&root, &root_resource}};
  while (!open.empty()) {
    const auto [schema, outer] = open.back();
    open.pop_back();
    if (!schema->is_object() || !indexed_.emplace(schema, outer).second) continue;
    Resource* const resource = index_identifiers(*schema, *outer);
    for (const JsonMember& member : schema->members()) {
      const Holds holds = what_holds(member.key.string());
      if (holds == Holds::schema || holds == Holds::schemas) open.emplace_back(&member.value, resource);
      if (holds == Holds::schemas) {
        for (const JsonValue& item : member.value.items()) open.emplace_back(&item, resource);
      }
      if (holds == Holds::named_schemas) {
        for (const JsonMember& named : member.value.members()) open.emplace_back(&named.value, resource);
      }
    }
  }
}

void Registry::index_everything(const JsonValue& root, Resource& root_resource) {
  std::vector<std::pair<const JsonValue*, Resource*>> open{{&root, &root_resource}};
  while (!open.empty()) {
    const auto [value, outer] = open.back();
    open.pop_back();
    for (const JsonValue& item : value->items()) {
      if (item.is_object() || item.is_array()) open.emplace_back(&item, outer);
    }
    if (!value->is_object() || !indexed_.emplace(value, outer).second) continue;
    Resource* const resource = index_identifiers(*value, *outer);
    for (const JsonMember& member : value->members()) {
      const std::string_view key = member.key.string();
      const bool data =
          key == "example" || key == "examples" || key == "default" || key == "enum" || key == "const";
      if (!data && (member.value.is_object() || member.value.is_array()))
        open.emplace_back(&member.value, resource);
    }
  }
}

Result<Target> Registry::descend(Resource& root, const JsonPointer& pointer, std::string_view reference) {
  Target target{root.root, &root, {}, false};
  for (const std::string& token : pointer.tokens()) {
    const JsonValue* next = nullptr;
    if (target.value->is_object()) {
      next = target.value->find(token);
    } else if (const auto index = parse_array_index(token); index && *index < target.value->items().size()) {
      next = &target.value->items()[*index];
    }
    if (next == nullptr) return unresolved(reference, "there is nothing at this place of the document");
    target.value = next;
    append_pointer_token(target.pointer, token);
    Resource* resource = resource_of(*next, *target.resource);
    if (resource != target.resource) target.pointer.clear();
    target.resource = resource;
  }
  const SchemaDialect draft = target.resource->dialect.draft;
  if (draft == SchemaDialect::openapi_3_0 || draft == SchemaDialect::openapi_3_1) return target;
  // It may stand under a keyword that no one knows.
  index_schema(*target.value, *target.resource);
  Resource* resource = resource_of(*target.value, *target.resource);
  if (resource != target.resource) target.pointer.clear();
  target.resource = resource;
  return target;
}

Result<Target> Registry::resolve(std::string_view reference) {
  const auto [uri, fragment] = split_fragment(reference);
  Resource* const resource = find_resource(uri);
  if (resource == nullptr)
    return unresolved(reference, "no document or schema of this URI was given, and none is ever fetched");
  if (fragment.empty()) return Target{resource->root, resource, {}, false};
  if (fragment.starts_with('/')) {
    auto pointer = JsonPointer::parse_fragment(fragment);
    if (!pointer) return unresolved(reference, pointer.error().detail());
    return descend(*resource, *pointer, reference);
  }
  const std::string name = decode_percent(fragment);
  const auto anchor = resource->anchors.find(name);
  if (anchor == resource->anchors.end()) return unresolved(reference, "there is no anchor of this name");
  return Target{anchor->second, resource, {}, anchor->second != resource->root};
}

Result<Target> Registry::at(std::string_view uri, const JsonPointer& pointer) {
  Resource* const resource = find_resource(split_fragment(uri).first);
  const std::string reference = std::string(uri) + "#" + pointer.to_string();
  if (resource == nullptr) return unresolved(reference, "no document of this URI was given");
  return descend(*resource, pointer, reference);
}

}  // namespace linkspan::data::schema
