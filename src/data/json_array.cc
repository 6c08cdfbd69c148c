// JsonValue's arrays: making them and changing them, in place where the value alone owns its node.
#include <algorithm>
#include <cstdlib>
#include <new>

#include "data/json.h"
#include "data/json_access.h"

namespace linkspan::data {

namespace {

constexpr std::size_t kMinCapacity = 4;

// Values move between places in memory as bytes: nothing points back to where one stands.
void relocate(JsonValue* to, const JsonValue* from, std::size_t count) {
  if (count > 0)
    std::memmove(static_cast<void*>(to), static_cast<const void*>(from), count * sizeof(JsonValue));
}

JsonArrayNode* resize(JsonArrayNode* node, std::size_t capacity) {
  if (capacity > 0xffffffff) throw std::bad_alloc();
  void* memory = std::realloc(static_cast<void*>(node), sizeof(JsonArrayNode) + capacity * sizeof(JsonValue));
  if (memory == nullptr) throw std::bad_alloc();
  node = static_cast<JsonArrayNode*>(memory);
  node->capacity = capacity;
  return node;
}

}  // namespace

JsonValue JsonAccess::adopt_items(JsonValue* items, std::size_t count) {
  JsonValue value(JsonValue::Rep::array);
  if (count == 0) return value;
  JsonArrayNode* node = new_array(count);
  relocate(node->items(), items, count);
  node->size = static_cast<std::uint32_t>(count);
  value.store(node);
  return value;
}

JsonValue JsonValue::array(std::initializer_list<JsonValue> items) {
  JsonValue value = empty_array();
  value.reserve_items(items.size());
  for (const JsonValue& item : items) value.push_back(item);
  return value;
}

// The node, owned by this value alone, with room for `capacity` items.
JsonArrayNode* JsonValue::own_array(std::size_t capacity) {
  if (rep_ == Rep::null) *this = empty_array();
  require(rep_ == Rep::array);
  auto* node = load<JsonArrayNode*>();
  if (node == nullptr) {
    node = JsonAccess::new_array(std::max(capacity, kMinCapacity));
  } else if (!is_unique()) {
    JsonArrayNode* copy = JsonAccess::new_array(capacity > node->size ? capacity + capacity / 2 : capacity);
    for (std::uint32_t i = 0; i < node->size; ++i) new (copy->items() + i) JsonValue(node->items()[i]);
    copy->size = node->size;
    release(node);
    node = copy;
  } else if (capacity > node->capacity) {
    node = resize(node, std::max<std::size_t>(capacity, node->capacity * 2));
  }
  store(node);
  return node;
}

void JsonValue::reserve_items(std::size_t count) {
  if (count > 0) own_array(std::max(count, size()));
}

void JsonValue::push_back(JsonValue item) {
  JsonArrayNode* node = own_array(size() + 1);
  new (node->items() + node->size) JsonValue(std::move(item));
  ++node->size;
}

void JsonValue::set_item(std::size_t index, JsonValue item) {
  require(index < items().size());
  own_array(size())->items()[index] = std::move(item);
}

void JsonValue::insert_item(std::size_t index, JsonValue item) {
  require(index <= size());
  JsonArrayNode* node = own_array(size() + 1);
  JsonValue* place = node->items() + index;
  relocate(place + 1, place, node->size - index);
  new (place) JsonValue(std::move(item));
  ++node->size;
}

void JsonValue::erase_items(std::size_t first, std::size_t last) {
  require(first <= last && last <= items().size());
  if (first == last) return;
  JsonArrayNode* node = own_array(size());
  JsonValue* place = node->items() + first;
  std::destroy(place, place + (last - first));
  relocate(place, node->items() + last, node->size - last);
  node->size -= static_cast<std::uint32_t>(last - first);
}

JsonValue JsonValue::take_item(std::size_t index) {
  require(index < items().size());
  JsonValue& item = load<JsonArrayNode*>()->items()[index];
  return is_unique() ? std::exchange(item, JsonValue()) : item;
}

}  // namespace linkspan::data
