#include "data/json_node.h"

#include <cstdlib>
#include <new>

#include "data/json_access.h"
#include "data/json_object_index.h"

namespace linkspan::data {

namespace {

void* allocate(std::size_t header, std::size_t count, std::size_t each) {
  if (count > 0xffffffff) throw std::bad_alloc();
  void* memory = std::malloc(header + count * each);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void json_misuse() {
  std::abort();
}

JsonTextNode* JsonAccess::new_text(std::size_t bytes) {
  auto* node = new (allocate(sizeof(JsonTextNode), bytes, 1)) JsonTextNode;
  node->size = static_cast<std::uint32_t>(bytes);
  node->capacity = bytes;
  return node;
}

JsonArrayNode* JsonAccess::new_array(std::size_t capacity) {
  auto* node = new (allocate(sizeof(JsonArrayNode), capacity, sizeof(JsonValue))) JsonArrayNode;
  node->capacity = capacity;
  return node;
}

JsonObjectNode* JsonAccess::new_object(std::size_t capacity) {
  auto* node = new (allocate(sizeof(JsonObjectNode), capacity, sizeof(JsonMember))) JsonObjectNode;
  node->capacity = static_cast<std::uint32_t>(capacity);
  if (capacity > kJsonScannedMembers) node->index = JsonObjectIndex::make(capacity);
  return node;
}

// Nodes without references, still holding what they refer to.
struct JsonAccess::Dead {
  JsonArrayNode* arrays = nullptr;
  JsonObjectNode* objects = nullptr;
};

// Drops one reference; a node that dies by it is freed at once if it refers to nothing, else listed.
void JsonAccess::bury(JsonValue& value, Dead& dead) noexcept {
  JsonNode* node = value.heap_node();
  if (node == nullptr || !json_unreference(node)) return;
  if (value.rep_ == JsonValue::Rep::array) {
    auto* array = static_cast<JsonArrayNode*>(node);
    array->next_dead = dead.arrays;
    dead.arrays = array;
  } else if (value.rep_ == JsonValue::Rep::object) {
    auto* object = static_cast<JsonObjectNode*>(node);
    std::free(object->index);
    object->next_dead = dead.objects;
    dead.objects = object;
  } else {
    std::free(node);
  }
}

void JsonAccess::destroy_all(Dead& dead) noexcept {
  while (dead.arrays != nullptr || dead.objects != nullptr) {
    while (JsonArrayNode* array = dead.arrays) {
      dead.arrays = array->next_dead;
      for (std::uint32_t i = 0; i < array->size; ++i) bury(array->items()[i], dead);
      std::free(array);
    }
    while (JsonObjectNode* object = dead.objects) {
      dead.objects = object->next_dead;
      for (std::uint32_t i = 0; i < object->used; ++i) {
        bury(object->members()[i].key, dead);
        bury(object->members()[i].value, dead);
      }
      std::free(object);
    }
  }
}

void JsonAccess::destroy_array(JsonArrayNode* node) noexcept {
  node->next_dead = nullptr;
  Dead dead{.arrays = node};
  destroy_all(dead);
}

void JsonAccess::destroy_object(JsonObjectNode* node) noexcept {
  std::free(node->index);
  node->next_dead = nullptr;
  Dead dead{.objects = node};
  destroy_all(dead);
}

void JsonValue::destroy(JsonNode* node) noexcept {
  if (rep_ == Rep::array) {
    JsonAccess::destroy_array(static_cast<JsonArrayNode*>(node));
  } else if (rep_ == Rep::object) {
    JsonAccess::destroy_object(static_cast<JsonObjectNode*>(node));
  } else {
    std::free(node);
  }
}

}  // namespace linkspan::data
