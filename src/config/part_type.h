// A key of a config struct whose value is no plain member of it: it lies within an optional member, in a
// base, or counts only if a flag says so. Internal to the config room.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "config/type.h"

namespace linkspan::config {

template <typename S, typename T>
class PartType final : public Type {
 public:
  using Make = T& (*)(S& object);              // makes room for the value
  using Find = const T* (*)(const S& object);  // nullptr: there is none
  PartType(std::shared_ptr<const Type> type, Make make, Find find)
      : type_(std::move(type)), make_(make), find_(find) {}

  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    return type_->decode(node, decoder, &make_(*static_cast<S*>(out)));
  }
  bool is_absent(const void* value) const override { return find_(*static_cast<const S*>(value)) == nullptr; }
  void show(const void* value, ShowWriter& writer) const override {
    type_->show(find_(*static_cast<const S*>(value)), writer);
  }
  void write_schema(JsonStringWriter& json) const override { type_->write_schema(json); }
  std::string form() const override { return type_->form(); }
  const ObjectType* object() const override { return type_->object(); }
  std::string_view object_suffix() const override { return type_->object_suffix(); }

 private:
  std::shared_ptr<const Type> type_;
  Make make_;
  Find find_;
};

// For ObjectBuilder::whole().
template <typename S, typename T>
Typed<S> part(const Typed<T>& type, T& (*make)(S&), const T* (*find)(const S&)) {
  return Typed<S>(std::make_shared<PartType<S, T>>(type.type(), make, find));
}

}  // namespace linkspan::config
