// JsonValue's objects: making them and changing them, in place where the value alone owns its node.
#include <algorithm>
#include <cstdlib>
#include <new>

#include "data/json.h"
#include "data/json_access.h"
#include "data/json_object_index.h"

namespace linkspan::data {

namespace {

constexpr std::size_t kMinCapacity = 4;
constexpr std::uint32_t kAbsent = JsonObjectIndex::kEmpty;
constexpr std::size_t kShortKeyBytes = 14;  // those that live in their value

bool key_is(const JsonMember& member, std::string_view key) {
  return !member.key.is_null() && member.key.string() == key;
}

// Strings that live in their value are equal if the 16 bytes are: unused ones are zero.
std::uint32_t scan_for_short_key(const JsonObjectNode* node, const JsonValue& key) {
  const JsonMember* members = node->members();
  std::uint32_t i = 0;
  while (i < node->used && !members[i].key.is_identical(key)) ++i;
  return i < node->used ? i : kAbsent;
}

std::uint32_t find_position(const JsonObjectNode* node, std::string_view key) {
  const JsonMember* members = node->members();
  if (node->index != nullptr)
    return node->index->find(node->index->hash(key),
                             [&](std::uint32_t i) { return key_is(members[i], key); });
  if (key.size() <= kShortKeyBytes) return scan_for_short_key(node, key);
  for (std::uint32_t i = 0; i < node->used; ++i)
    if (key_is(members[i], key)) return i;
  return kAbsent;
}

std::uint32_t find_position(const JsonObjectNode* node, const JsonValue& key) {
  const std::string_view text = key.string();
  if (node->index == nullptr && text.size() <= kShortKeyBytes) return scan_for_short_key(node, key);
  return find_position(node, text);
}

void relocate(JsonMember* to, const JsonMember* from) {
  std::memcpy(static_cast<void*>(to), static_cast<const void*>(from), sizeof(JsonMember));
}

void index_member(JsonObjectNode* node, std::uint32_t position) {
  if (node->index == nullptr) return;
  const JsonMember& member = node->members()[position];
  node->index->insert(node->index->hash(member.key.string()), position);
}

// Moves the members to a new node without the holes, and frees the old one.
JsonObjectNode* rebuild(JsonObjectNode* node, std::size_t capacity) {
  JsonObjectNode* fresh = JsonAccess::new_object(capacity);
  for (std::uint32_t i = 0; i < node->used; ++i) {
    if (node->members()[i].key.is_null()) continue;
    relocate(fresh->members() + fresh->used, node->members() + i);
    index_member(fresh, fresh->used++);
  }
  fresh->size = fresh->used;
  std::free(node->index);
  std::free(static_cast<void*>(node));
  return fresh;
}

JsonObjectNode* copy(const JsonObjectNode* node, std::size_t capacity) {
  JsonObjectNode* fresh = JsonAccess::new_object(capacity);
  for (std::uint32_t i = 0; i < node->used; ++i) {
    if (node->members()[i].key.is_null()) continue;
    new (fresh->members() + fresh->used) JsonMember(node->members()[i]);
    index_member(fresh, fresh->used++);
  }
  fresh->size = fresh->used;
  return fresh;
}

}  // namespace

JsonValue JsonAccess::adopt_members(JsonMember* members, std::size_t count, std::size_t& duplicate) {
  JsonValue value(JsonValue::Rep::object);
  if (count == 0) return value;
  JsonObjectNode* node = new_object(count);
  std::memcpy(static_cast<void*>(node->members()), static_cast<const void*>(members),
              count * sizeof(JsonMember));
  value.store(node);
  std::uint32_t first_duplicate = kAbsent;
  for (; node->used < count; ++node->used) {
    if (first_duplicate == kAbsent && find_position(node, node->members()[node->used].key) != kAbsent)
      first_duplicate = node->used;
    index_member(node, node->used);
  }
  node->size = node->used;
  if (first_duplicate == kAbsent) return value;
  duplicate = first_duplicate;
  return {};
}

JsonValue JsonValue::object(std::initializer_list<JsonMember> members) {
  JsonValue value = empty_object();
  value.reserve_members(members.size());
  for (const JsonMember& member : members) value.set(member.key, member.value);
  return value;
}

const JsonValue* JsonValue::find(std::string_view key) const {
  const auto* node = rep_ == Rep::object ? load<JsonObjectNode*>() : nullptr;
  if (node == nullptr) return nullptr;
  const std::uint32_t position = find_position(node, key);
  return position == kAbsent ? nullptr : &node->members()[position].value;
}

const JsonValue* JsonValue::find_key(const JsonValue& key) const {
  const auto* node = rep_ == Rep::object ? load<JsonObjectNode*>() : nullptr;
  if (node == nullptr) return nullptr;
  const std::uint32_t position = find_position(node, key);
  return position == kAbsent ? nullptr : &node->members()[position].value;
}

// The node, owned by this value alone; nullptr if it is empty and has none.
JsonObjectNode* JsonValue::own_object() {
  if (rep_ == Rep::null) *this = empty_object();
  require(rep_ == Rep::object);
  auto* node = load<JsonObjectNode*>();
  if (node == nullptr || is_unique()) return node;
  JsonObjectNode* own = copy(node, node->size + node->size / 4 + 1);
  release(node);
  store(own);
  return own;
}

void JsonValue::reserve_members(std::size_t count) {
  if (count == 0) return;
  JsonObjectNode* node = own_object();
  if (node == nullptr) {
    store(JsonAccess::new_object(count));
  } else if (node->used - node->size + count > node->capacity) {
    store(rebuild(node, std::max<std::size_t>(count, node->size)));
  }
}

void JsonValue::set(JsonValue key, JsonValue value) {
  require(key.is_string());
  JsonObjectNode* node = own_object();
  if (node == nullptr) {
    node = JsonAccess::new_object(kMinCapacity);
    store(node);
  }
  const std::uint32_t position = find_position(node, key);
  if (position != kAbsent) {
    node->members()[position].value = std::move(value);
    return;
  }
  if (node->used == node->capacity) {
    const std::size_t wanted = std::max<std::size_t>(kMinCapacity, std::size_t{node->size} * 2);
    node = rebuild(node, std::max<std::size_t>(wanted, node->capacity / 2));
    store(node);
  }
  new (node->members() + node->used) JsonMember{std::move(key), std::move(value)};
  index_member(node, node->used++);
  ++node->size;
}

bool JsonValue::erase(std::string_view key) {
  if (find(key) == nullptr) return false;
  JsonObjectNode* node = own_object();
  JsonMember& member = node->members()[find_position(node, key)];
  // `key` may be a view into the member's own key.
  JsonMember gone = std::move(member);
  --node->size;
  return true;
}

JsonValue JsonValue::take(std::string_view key) {
  const JsonValue* found = find(key);
  if (found == nullptr) return {};
  if (!is_unique()) return *found;
  auto* node = load<JsonObjectNode*>();
  return std::exchange(node->members()[find_position(node, key)].value, JsonValue());
}

}  // namespace linkspan::data
