// The descriptor of a config struct. For example:
//
//   Typed<PoolConfig> pool_type() {
//     return object<PoolConfig>("Keep-alive connections to the servers.")
//         .field("idle_timeout", &PoolConfig::idle_timeout, duration({1s, 1h}), "An idle connection is closed
//         then.") .field("max_idle_per_worker", &PoolConfig::max_idle_per_worker, count32({0, 10'000}), "Per
//         server.") .done();
//   }
//
// Defaults are those of a default-constructed struct. Texts are Markdown of one paragraph. Internal to the
// config room.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/type.h"

namespace linkspan::config {

// An object while it is being checked: which keys were written, and where.
class ObjectView {
 public:
  ObjectView(const YamlNode& node, Decoder& decoder, const std::vector<std::string_view>& failed,
             bool has_unknown_keys)
      : node_(node), decoder_(decoder), failed_(failed), has_unknown_keys_(has_unknown_keys) {}

  bool given(std::string_view key) const { return value(key) != nullptr; }
  // Not written, or written and read without a problem.
  bool ok(std::string_view key) const;
  // Then what seems to be missing may be there under a wrong name.
  bool has_unknown_keys() const { return has_unknown_keys_; }
  // Where the key's value stands; where the object stands if the key was not written. Dots lead into nested
  // objects.
  YamlPosition position(std::string_view key) const;
  // The object in words: `api "stock"`.
  std::string subject() const { return decoder_.subject(); }
  // `KEY of SUBJECT: MESSAGE` at the key's place.
  void problem(std::string_view key, std::string_view message) const;
  // `SUBJECT MESSAGE` at the object's place.
  void problem(std::string_view message) const;
  // Whether the value, or any within it, came from a reference, so that it must not be shown.
  bool from_reference(std::string_view key) const;
  // The same, and shows the value, if it may be seen.
  void problem(std::string_view key, std::string_view shown_value, std::string_view message) const;
  // For checks that look deeper into the object.
  const YamlNode& node() const { return node_; }
  Decoder& decoder() const { return decoder_; }
  // Makes `config show` hide a key: what it holds was computed from a value that must not be seen.
  void hide(std::string_view key) const;

 private:
  const YamlNode* value(std::string_view key) const;

  const YamlNode& node_;
  Decoder& decoder_;
  const std::vector<std::string_view>& failed_;
  bool has_unknown_keys_;
};

struct Field {
  std::string name;
  std::string doc;
  std::shared_ptr<const Type> type;
  std::size_t offset = 0;
  bool required = false;
  bool (*shown)(const void* object) = nullptr;  // whether to show it; always if null
};

class ObjectType final : public Type {
 public:
  using Check = void (*)(void* object, const ObjectView& view);

  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override;
  bool is_absent(const void* value) const override;  // if all its fields are
  void show(const void* value, ShowWriter& writer) const override;
  void write_schema(JsonStringWriter& json) const override;
  std::string form() const override;
  const ObjectType* object() const override { return this; }

  const std::string& doc() const { return doc_; }
  const std::vector<Field>& fields() const { return fields_; }
  const Field* find(std::string_view name) const;
  // The field that a scalar in place of the object stands for; nullptr if there is none.
  const Field* scalar_field() const { return scalar_field_.empty() ? nullptr : find(scalar_field_); }
  const void* default_of(const Field& field) const {
    return static_cast<const char*>(defaults_.get()) + field.offset;
  }

 private:
  template <typename S>
  friend class ObjectBuilder;

  bool is_shown(const Field& field, const void* value) const;
  bool decode_mapping(const YamlNode& node, Decoder& decoder, void* out) const;
  bool decode_field(const Field& field, const YamlNode& node, Decoder& decoder, void* out) const;
  void report_unknown(const YamlEntry& entry, Decoder& decoder) const;
  void write_object_schema(JsonStringWriter& json) const;

  std::string doc_;
  std::vector<Field> fields_;
  std::string scalar_field_;
  std::vector<Check> checks_;
  std::shared_ptr<const void> defaults_;
  Origin* (*origin_)(void* object) = nullptr;
};

template <typename S>
class ObjectBuilder {
 public:
  explicit ObjectBuilder(std::string doc)
      : type_(std::make_shared<ObjectType>()), probe_(std::make_shared<S>()) {
    type_->doc_ = std::move(doc);
    type_->defaults_ = probe_;
  }

  template <typename T>
  ObjectBuilder& field(std::string name, T S::*member, const Typed<T>& type, std::string doc) {
    const auto* start = reinterpret_cast<const char*>(probe_.get());
    const auto* at = reinterpret_cast<const char*>(&(probe_.get()->*member));
    return add({std::move(name), std::move(doc), type.type(), static_cast<std::size_t>(at - start)});
  }
  // A key whose type reads and writes the whole struct, for what has no member of its own.
  ObjectBuilder& whole(std::string name, const Typed<S>& type, std::string doc) {
    return add({std::move(name), std::move(doc), type.type()});
  }
  // Of the field just added.
  ObjectBuilder& required() {
    type_->fields_.back().required = true;
    return *this;
  }
  // Of the field just added: shown only then, since it would mean nothing otherwise.
  template <bool (*when)(const S&)>
  ObjectBuilder& shown_when() {
    type_->fields_.back().shown = [](const void* value) { return when(*static_cast<const S*>(value)); };
    return *this;
  }
  // A scalar in place of the object is the value of this field.
  ObjectBuilder& scalar(std::string field) {
    type_->scalar_field_ = std::move(field);
    return *this;
  }
  // Where the object stands goes into its member `origin` (maps do that for named things).
  ObjectBuilder& positioned() {
    type_->origin_ = [](void* value) { return &static_cast<S*>(value)->origin; };
    return *this;
  }
  // Called when all fields are read, to compute what depends on several of them, and to refuse what does not
  // fit.
  template <void (*run)(S&, const ObjectView&)>
  ObjectBuilder& check() {
    type_->checks_.push_back([](void* value, const ObjectView& view) { run(*static_cast<S*>(value), view); });
    return *this;
  }

  Typed<S> done() { return Typed<S>(type_); }

 private:
  ObjectBuilder& add(Field field) {
    type_->fields_.push_back(std::move(field));
    return *this;
  }

  std::shared_ptr<ObjectType> type_;
  std::shared_ptr<const S> probe_;
};

template <typename S>
ObjectBuilder<S> object(std::string doc) {
  return ObjectBuilder<S>(std::move(doc));
}

}  // namespace linkspan::config
