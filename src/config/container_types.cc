#include "config/container_types.h"

#include "config/names.h"
#include "config/object_type.h"
#include "config/show_writer.h"
#include "data/in_quotes.h"

namespace linkspan::config {
namespace {

// A key without a value is an empty container.
void write_type_or_null(const char* type, JsonStringWriter& json) {
  json.key("type");
  json.begin_array();
  json.value(type);
  json.value("null");
  json.end_array();
}

class ListType final : public Type {
 public:
  ListType(std::shared_ptr<const Type> item, std::unique_ptr<const Elements> elements, ListRules rules)
      : item_(std::move(item)), elements_(std::move(elements)), rules_(rules) {}

  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    if (!rules_.add) elements_->clear(out);
    if (node.is_null()) return true;
    if (!node.is_sequence()) {
      if (rules_.or_one) {
        const Decoder::Scope scope(decoder, 0, false);
        return item_->decode(node, decoder, elements_->append(out));
      }
      decoder.mismatch(node, false, "a list");
      return false;
    }
    bool good = true;
    std::size_t index = 0;
    for (const YamlNode& item : node.items()) {
      const Decoder::Scope scope(decoder, index++);
      good = item_->decode(item, decoder, elements_->append(out)) && good;
      if (decoder.full()) return false;
    }
    return good;
  }

  bool is_absent(const void* value) const override { return elements_->size(value) == 0; }

  void show(const void* value, ShowWriter& writer) const override {
    if (writer.is_secret()) return writer.secret();
    writer.begin_list(rules_.flow);
    for (std::size_t i = 0; i < elements_->size(value); ++i) {
      const ShowWriter::Item scope(writer, i);
      item_->show(elements_->at(value, i), writer);
    }
    writer.end_list();
  }

  void write_schema(JsonStringWriter& json) const override {
    if (rules_.or_one) {
      json.key("anyOf");
      json.begin_array();
      json.begin_object();
      item_->write_schema(json);
      json.end_object();
      json.begin_object();
    }
    write_type_or_null("array", json);
    json.key("items");
    json.begin_object();
    item_->write_schema(json);
    json.end_object();
    if (rules_.or_one) {
      json.end_object();
      json.end_array();
    }
  }

  std::string form() const override { return (rules_.or_one ? "one or a list: " : "list: ") + item_->form(); }
  const ObjectType* object() const override { return item_->object(); }
  std::string_view object_suffix() const override { return "[]"; }

 private:
  std::shared_ptr<const Type> item_;
  std::unique_ptr<const Elements> elements_;
  ListRules rules_;
};

class MapType final : public Type {
 public:
  MapType(std::string_view kind, std::shared_ptr<const Type> item, std::unique_ptr<const Elements> elements,
          std::unique_ptr<const Naming> naming)
      : kind_(kind), item_(std::move(item)), elements_(std::move(elements)), naming_(std::move(naming)) {}

  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    if (node.is_null()) return true;
    if (!node.is_mapping()) {
      decoder.mismatch(node, false, "a mapping of names");
      return false;
    }
    bool good = true;
    for (const YamlEntry& entry : node.entries()) {
      if (!is_name(entry.key)) {
        decoder.problem(entry.key_position,
                        data::in_quotes(entry.key) +
                            " is not a valid name; use letters, digits and _ . - @ + : /, at most 128");
        good = false;
        continue;
      }
      void* thing = elements_->append(out);
      const YamlPosition& position = entry.key_position;
      naming_->set(thing, entry.key, {position.file, position.line, position.column});
      const Decoder::Scope scope(decoder, kind_, entry.key);
      good = item_->decode(entry.value, decoder, thing) && good;
      if (decoder.full()) return false;
    }
    return good;
  }

  bool is_absent(const void* value) const override { return elements_->size(value) == 0; }

  void show(const void* value, ShowWriter& writer) const override {
    writer.begin_mapping();
    for (std::size_t i = 0; i < elements_->size(value); ++i) {
      const void* thing = elements_->at(value, i);
      const ShowWriter::Key key(writer, naming_->name(thing));
      item_->show(thing, writer);
    }
    writer.end_mapping();
  }

  void write_schema(JsonStringWriter& json) const override {
    write_type_or_null("object", json);
    json.key("propertyNames");
    json.begin_object();
    json.member("pattern", "^[A-Za-z0-9_][A-Za-z0-9_.@+:/-]{0,127}$");
    json.end_object();
    json.key("additionalProperties");
    json.begin_object();
    item_->write_schema(json);
    json.end_object();
  }

  std::string form() const override { return "mapping of names"; }
  const ObjectType* object() const override { return item_->object(); }
  std::string_view object_suffix() const override { return ".NAME"; }

 private:
  std::string_view kind_;
  std::shared_ptr<const Type> item_;
  std::unique_ptr<const Elements> elements_;
  std::unique_ptr<const Naming> naming_;
};

class OptionalType final : public Type {
 public:
  OptionalType(std::shared_ptr<const Type> item, std::unique_ptr<const OptionalAccess> access)
      : item_(std::move(item)), access_(std::move(access)) {}

  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    return item_->decode(node, decoder, access_->emplace(out));
  }
  bool is_absent(const void* value) const override { return access_->get(value) == nullptr; }
  void show(const void* value, ShowWriter& writer) const override {
    item_->show(access_->get(value), writer);
  }
  void write_schema(JsonStringWriter& json) const override { item_->write_schema(json); }
  std::string form() const override { return item_->form(); }
  const ObjectType* object() const override { return item_->object(); }
  std::string_view object_suffix() const override { return item_->object_suffix(); }

 private:
  std::shared_ptr<const Type> item_;
  std::unique_ptr<const OptionalAccess> access_;
};

}  // namespace

std::shared_ptr<const Type> list_type(std::shared_ptr<const Type> item,
                                      std::unique_ptr<const Elements> elements, ListRules rules) {
  return std::make_shared<ListType>(std::move(item), std::move(elements), rules);
}

std::shared_ptr<const Type> map_type(std::string_view kind, std::shared_ptr<const Type> item,
                                     std::unique_ptr<const Elements> elements,
                                     std::unique_ptr<const Naming> naming) {
  return std::make_shared<MapType>(kind, std::move(item), std::move(elements), std::move(naming));
}

std::shared_ptr<const Type> optional_type(std::shared_ptr<const Type> item,
                                          std::unique_ptr<const OptionalAccess> access) {
  return std::make_shared<OptionalType>(std::move(item), std::move(access));
}

}  // namespace linkspan::config
