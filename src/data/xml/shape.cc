#include "data/xml/shape.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/error_kinds.h"
#include "data/in_quotes.h"
#include "data/json_pointer.h"
#include "data/xml/characters.h"
#include "data/xml/namespaces.h"

namespace linkspan::data {

namespace xml {

const ShapeProperty* Shape::find_key(std::string_view key) const {
  const auto found =
      std::lower_bound(by_key.begin(), by_key.end(), key,
                       [](const ShapeProperty* p, std::string_view k) { return p->key.string() < k; });
  return found != by_key.end() && (*found)->key.string() == key ? *found : nullptr;
}

namespace {

constexpr std::size_t kMaxShapes = 100'000;
constexpr std::size_t kMaxMerges = 1'000'000;

unsigned type_bit(std::string_view name) {
  if (name == "null") return ShapeTypes::kNull;
  if (name == "boolean") return ShapeTypes::kBoolean;
  if (name == "integer") return ShapeTypes::kInteger;
  if (name == "number") return ShapeTypes::kNumber;
  if (name == "string") return ShapeTypes::kString;
  if (name == "array") return ShapeTypes::kArray;
  return name == "object" ? ShapeTypes::kObject : 0;
}

std::string_view text_of(const JsonValue* value) {
  return value != nullptr && value->is_string() ? value->string() : std::string_view();
}

bool is_set(const JsonValue* value) {
  return value != nullptr && value->is_true();
}

// The types that a single schema object speaks of.
unsigned own_types(const JsonValue& schema) {
  unsigned types = 0;
  if (const JsonValue* type = schema.find("type")) {
    types |= type_bit(text_of(type));
    for (const JsonValue& item : type->items()) types |= type_bit(text_of(&item));
  } else if (const JsonValue* constant = schema.find("const")) {
    types |= type_bit(to_string(constant->type()));
  } else if (const JsonValue* values = schema.find("enum")) {
    for (const JsonValue& value : values->items()) types |= type_bit(to_string(value.type()));
  } else if (schema.contains("properties")) {
    types |= ShapeTypes::kObject;
  } else if (schema.contains("items")) {
    types |= ShapeTypes::kArray;
  }
  if (is_set(schema.find("nullable"))) types |= ShapeTypes::kNull;
  return types;
}

const char* namespace_fault(const Shape& shape) {
  const std::string& uri = shape.namespace_uri;
  if (uri.empty()) return nullptr;
  if (character_bytes(uri) < uri.size()) return "the namespace has a character that XML does not allow";
  if (shape.prefix == "xsi" && uri != kInstanceNamespace)
    return "the prefix \"xsi\" is for XML Schema instances";
  return declaration_fault(shape.prefix, uri);
}

class Compiler {
 public:
  explicit Compiler(const XmlSchema& source) : source_(source) {}

  Result<std::shared_ptr<const ShapeSet>> compile();

 private:
  struct Work {
    const JsonValue* schema;
    std::uint32_t shape;
    std::string pointer;
  };
  // What is gathered for one shape from a schema and those that it refers to.
  struct Gathering {
    Shape shape;
    std::string pointer;
    bool has_node = false;
    bool is_none = false;  // nodeType "none"
    std::set<const JsonValue*> seen;
    std::set<std::string, std::less<>> keys;
    std::set<std::string, std::less<>> required;
  };

  bool fail(std::string_view pointer, std::string_view message);
  std::uint32_t shape_of(const JsonValue& schema, std::string pointer);
  bool fill(const Work& work);
  bool gather(const JsonValue& schema, Gathering& into);
  bool gather_xml(const JsonValue& xml, Gathering& into);
  bool gather_node(std::string_view type, Gathering& into);
  bool gather_properties(const JsonValue& schema, Gathering& into);
  void finish(Shape& shape) const;
  void finish_property(ShapeProperty& property) const;

  const XmlSchema& source_;
  ShapeSet set_;
  std::unordered_map<const JsonValue*, std::uint32_t> known_;
  std::vector<Work> work_;
  std::size_t merges_ = 0;
  std::optional<Error> error_;
};

bool Compiler::fail(std::string_view pointer, std::string_view message) {
  error_.emplace(errors::xml_schema_invalid, in_quotes(pointer) + ": " + std::string(message));
  return false;
}

std::uint32_t Compiler::shape_of(const JsonValue& schema, std::string pointer) {
  const auto [known, is_new] = known_.emplace(&schema, static_cast<std::uint32_t>(set_.shapes.size()));
  if (is_new) {
    set_.shapes.emplace_back();
    work_.push_back({&schema, known->second, std::move(pointer)});
  }
  return known->second;
}

Result<std::shared_ptr<const ShapeSet>> Compiler::compile() {
  set_.shapes.emplace_back();
  shape_of(source_.schema, "");
  while (!work_.empty()) {
    const Work work = std::move(work_.back());
    work_.pop_back();
    if (!fill(work)) return std::move(*error_);
  }
  for (Shape& shape : set_.shapes) finish(shape);
  set_.root_name = set_.root().name.empty() ? source_.name : set_.root().name;
  return std::make_shared<const ShapeSet>(std::move(set_));
}

bool Compiler::fill(const Work& work) {
  if (set_.shapes.size() > kMaxShapes) return fail(work.pointer, "more than 100000 schemas");
  Gathering gathering;
  gathering.pointer = work.pointer;
  if (!gather(*work.schema, gathering)) return false;
  Shape& shape = gathering.shape;
  for (ShapeProperty& property : shape.properties)
    property.is_required = gathering.required.contains(property.key.string());
  constexpr unsigned kContainers = ShapeTypes::kArray | ShapeTypes::kObject;
  if (shape.node != ShapeNode::element && shape.allows(kContainers))
    return fail(work.pointer, "an array or object cannot be an attribute or text");
  if (gathering.is_none && !shape.allows(ShapeTypes::kArray))
    return fail(work.pointer, "the xml object's nodeType \"none\" is for arrays only");
  if (const char* fault = namespace_fault(shape)) return fail(work.pointer, fault);
  set_.shapes[work.shape] = std::move(shape);
  return true;
}

// What comes first counts: a schema's own words before those of what it refers to.
bool Compiler::gather(const JsonValue& schema, Gathering& into) {
  if (!into.seen.insert(&schema).second) return true;
  if (++merges_ > kMaxMerges || into.seen.size() > 256) return fail(into.pointer, "too many references");
  if (const JsonValue* xml = schema.find("xml"); xml != nullptr && !gather_xml(*xml, into)) return false;
  into.shape.types |= own_types(schema);
  if (!gather_properties(schema, into)) return false;
  if (schema.contains("$ref")) {
    const JsonValue* target = source_.resolve ? source_.resolve(schema) : nullptr;
    if (target == nullptr)
      return fail(into.pointer,
                  "there is nothing at the reference " + in_quotes(text_of(schema.find("$ref"))));
    if (!gather(*target, into)) return false;
  }
  for (const char* keyword : {"allOf", "oneOf", "anyOf"}) {
    const JsonValue* parts = schema.find(keyword);
    if (parts == nullptr) continue;
    for (const JsonValue& part : parts->items())
      if (!gather(part, into)) return false;
  }
  return true;
}

bool Compiler::gather_xml(const JsonValue& xml, Gathering& into) {
  Shape& shape = into.shape;
  const auto take = [&](std::string_view key, std::string& field) {
    const std::string_view text = text_of(xml.find(key));
    if (field.empty()) field = text;
    return text.empty() || key == "namespace" || is_name(text) ||
           fail(into.pointer,
                "the xml object's " + std::string(key) + ", " + in_quotes(text) + ", is no name");
  };
  if (!take("name", shape.name) || !take("prefix", shape.prefix) || !take("namespace", shape.namespace_uri))
    return false;
  if (into.has_node) return true;
  if (is_set(xml.find("attribute"))) return gather_node("attribute", into);
  if (is_set(xml.find("wrapped"))) return gather_node("element", into);
  return gather_node(text_of(xml.find("nodeType")), into);
}

bool Compiler::gather_node(std::string_view type, Gathering& into) {
  if (type.empty()) return true;
  into.has_node = true;
  into.shape.is_wrapped = type == "element";
  into.is_none = type == "none";
  if (type == "attribute")
    into.shape.node = ShapeNode::attribute;
  else if (type == "text")
    into.shape.node = ShapeNode::text;
  else if (type == "cdata")
    into.shape.node = ShapeNode::cdata;
  else if (type != "element" && type != "none")
    return fail(into.pointer, "the xml object's nodeType " + in_quotes(type) + " is not known");
  return true;
}

bool Compiler::gather_properties(const JsonValue& schema, Gathering& into) {
  if (const JsonValue* properties = schema.find("properties")) {
    for (const JsonMember& member : properties->members()) {
      if (member.key.string().starts_with('#'))
        return fail(into.pointer,
                    "the property " + in_quotes(member.key.string()) + " has a name that the mapping uses");
      if (!into.keys.emplace(member.key.string()).second) continue;
      std::string pointer = into.pointer + "/properties";
      append_pointer_token(pointer, member.key.string());
      ShapeProperty property;
      property.key = member.key;
      property.shape = shape_of(member.value, std::move(pointer));
      into.shape.properties.push_back(std::move(property));
    }
  }
  if (const JsonValue* required = schema.find("required"))
    for (const JsonValue& key : required->items()) into.required.emplace(text_of(&key));
  const JsonValue* additional = schema.find("additionalProperties");
  if (additional != nullptr && additional->is_object() && into.shape.additional.shape == 0)
    into.shape.additional.shape = shape_of(*additional, into.pointer + "/additionalProperties");
  if (schema.contains("prefixItems")) return fail(into.pointer, "prefixItems has no form in XML");
  const JsonValue* items = schema.find("items");
  if (items != nullptr && items->is_object() && into.shape.items == 0)
    into.shape.items = shape_of(*items, into.pointer + "/items");
  return true;
}

void Compiler::finish_property(ShapeProperty& property) const {
  const Shape& shape = set_.at(property.shape);
  property.node = shape.node;
  property.is_array = shape.allows(ShapeTypes::kArray);
  property.is_repeated = property.is_array && !shape.is_wrapped;
  property.element_shape = property.is_repeated ? shape.items : property.shape;
  const std::string& name = set_.at(property.element_shape).name;
  property.name = name.empty() && property.key.is_string() ? std::string(property.key.string()) : name;
}

void Compiler::finish(Shape& shape) const {
  finish_property(shape.additional);
  shape.additional.node = ShapeNode::element;
  for (ShapeProperty& property : shape.properties) {
    finish_property(property);
    shape.by_key.push_back(&property);
    if (property.node == ShapeNode::element || property.node == ShapeNode::attribute)
      shape.by_name.push_back(&property);
    else
      shape.text = &property;
  }
  std::sort(shape.by_key.begin(), shape.by_key.end(),
            [](const auto* a, const auto* b) { return a->key.string() < b->key.string(); });
  std::stable_sort(shape.by_name.begin(), shape.by_name.end(),
                   [](const auto* a, const auto* b) { return a->name < b->name; });
}

}  // namespace

}  // namespace xml

Result<XmlShape> XmlShape::compile(const XmlSchema& schema) {
  auto shapes = xml::Compiler(schema).compile();
  if (!shapes) return std::move(shapes).error();
  return XmlShape(std::move(*shapes));
}

}  // namespace linkspan::data
