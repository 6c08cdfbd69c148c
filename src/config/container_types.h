// Types made of other types: lists, optional values, maps of named things, maps of header fields. The work is
// in the .cc; the templates only know how to reach the elements. Internal to the config room.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/type.h"
#include "config/types.h"

namespace linkspan::config {

// Elements of a container, seen from outside without its type.
class Elements {
 public:
  virtual ~Elements() = default;
  virtual void* append(void* container) const = 0;
  virtual void clear(void* container) const = 0;
  virtual std::size_t size(const void* container) const = 0;
  virtual const void* at(const void* container, std::size_t index) const = 0;
};

template <typename T>
class VectorElements final : public Elements {
 public:
  void* append(void* container) const override {
    return &static_cast<std::vector<T>*>(container)->emplace_back();
  }
  void clear(void* container) const override { static_cast<std::vector<T>*>(container)->clear(); }
  std::size_t size(const void* container) const override {
    return static_cast<const std::vector<T>*>(container)->size();
  }
  const void* at(const void* container, std::size_t index) const override {
    return &(*static_cast<const std::vector<T>*>(container))[index];
  }
};

// How a named thing of a map knows its own name and place.
class Naming {
 public:
  virtual ~Naming() = default;
  virtual void set(void* thing, std::string_view name, const Origin& origin) const = 0;
  virtual std::string_view name(const void* thing) const = 0;
};

template <typename T>
class MemberNaming final : public Naming {
 public:
  void set(void* thing, std::string_view name, const Origin& origin) const override {
    static_cast<T*>(thing)->name = name;
    static_cast<T*>(thing)->origin = origin;
  }
  std::string_view name(const void* thing) const override { return static_cast<const T*>(thing)->name; }
};

class OptionalAccess {
 public:
  virtual ~OptionalAccess() = default;
  virtual void* emplace(void* optional) const = 0;
  virtual const void* get(const void* optional) const = 0;  // nullptr if there is none
};

template <typename T>
class StdOptionalAccess final : public OptionalAccess {
 public:
  void* emplace(void* optional) const override {
    return &static_cast<std::optional<T>*>(optional)->emplace();
  }
  const void* get(const void* optional) const override {
    const auto* typed = static_cast<const std::optional<T>*>(optional);
    return typed->has_value() ? &**typed : nullptr;
  }
};

struct ListRules {
  bool or_one = false;  // a single item may stand without a list around it
  bool flow = false;    // shown on one line
  bool add = false;     // items are added to those that are there, rather than replacing them
};

std::shared_ptr<const Type> list_type(std::shared_ptr<const Type> item,
                                      std::unique_ptr<const Elements> elements, ListRules rules);
std::shared_ptr<const Type> map_type(std::string_view kind, std::shared_ptr<const Type> item,
                                     std::unique_ptr<const Elements> elements,
                                     std::unique_ptr<const Naming> naming);
std::shared_ptr<const Type> optional_type(std::shared_ptr<const Type> item,
                                          std::unique_ptr<const OptionalAccess> access);

template <typename T>
Typed<std::vector<T>> list(const Typed<T>& item, ListRules rules = {}) {
  return Typed<std::vector<T>>(list_type(item.type(), std::make_unique<VectorElements<T>>(), rules));
}

template <typename T>
Typed<std::optional<T>> optional(const Typed<T>& item) {
  return Typed<std::optional<T>>(optional_type(item.type(), std::make_unique<StdOptionalAccess<T>>()));
}

// A mapping of names to things; T has members `name` and `origin`. `kind` is the word for one: "api".
template <typename T>
Typed<std::vector<T>> map_of(std::string_view kind, const Typed<T>& item) {
  return Typed<std::vector<T>>(map_type(kind, item.type(), std::make_unique<VectorElements<T>>(),
                                        std::make_unique<MemberNaming<T>>()));
}

}  // namespace linkspan::config
