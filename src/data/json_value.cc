#include <algorithm>
#include <cmath>

#include "data/json.h"
#include "data/json_access.h"
#include "data/json_object_index.h"

namespace linkspan::data {

std::string_view to_string(JsonType type) {
  static constexpr std::string_view kNames[] = {"null", "boolean", "number", "string", "array", "object"};
  return kNames[static_cast<std::size_t>(type)];
}

void JsonValue::store_long_string(std::string_view text) {
  JsonTextNode* node = JsonAccess::new_text(text.size());
  std::memcpy(node->text(), text.data(), text.size());
  rep_ = Rep::heap_string;
  store(node);
}

// A string that grows alone is likely to grow again.
std::size_t JsonValue::append_bytes(std::size_t more) const {
  constexpr std::size_t kMaxBytes = 0xffffffff;
  const std::size_t total = size() + more;
  if (rep_ != Rep::heap_string) return total <= kInlineBytes ? 0 : total;
  if (!is_unique()) return total;
  if (total <= load<JsonTextNode*>()->capacity) return 0;
  return std::max(total, std::min(total + total / 2, kMaxBytes));
}

void JsonValue::append(std::string_view text) {
  require(is_string());
  if (text.empty()) return;
  const std::size_t before = size();
  const std::size_t capacity = append_bytes(text.size());
  if (capacity > 0) {
    JsonTextNode* node = JsonAccess::new_text(capacity);
    node->size = static_cast<std::uint32_t>(before);
    const std::string_view held = string();
    if (!held.empty()) std::memcpy(node->text(), held.data(), held.size());
    *this = JsonValue();
    rep_ = Rep::heap_string;
    store(node);
  }
  if (rep_ == Rep::inline_string) {
    std::memcpy(bytes_ + before, text.data(), text.size());
    inline_size_ = static_cast<std::uint8_t>(before + text.size());
    return;
  }
  auto* node = load<JsonTextNode*>();
  std::memcpy(node->text() + before, text.data(), text.size());
  node->size += static_cast<std::uint32_t>(text.size());
}

JsonValue JsonAccess::literal(std::string_view text, double number) {
  JsonTextNode* node = new_text(text.size());
  std::memcpy(node->text(), text.data(), text.size());
  node->number = number;
  JsonValue value(JsonValue::Rep::literal);
  value.store(node);
  return value;
}

JsonNumberKind JsonValue::number_kind() const {
  switch (rep_) {
    case Rep::int64:
      return JsonNumberKind::int64;
    case Rep::uint64:
      return JsonNumberKind::uint64;
    case Rep::real:
      return JsonNumberKind::real;
    case Rep::literal:
      return JsonNumberKind::literal;
    default:
      json_misuse();
  }
}

std::string_view JsonValue::literal() const {
  require(rep_ == Rep::literal);
  const auto* node = load<JsonTextNode*>();
  return {node->text(), node->size};
}

double JsonValue::as_double() const {
  switch (rep_) {
    case Rep::int64:
      return static_cast<double>(load<std::int64_t>());
    case Rep::uint64:
      return static_cast<double>(load<std::uint64_t>());
    case Rep::real:
      return load<double>();
    case Rep::literal:
      return load<JsonTextNode*>()->number;
    default:
      json_misuse();
  }
}

std::optional<std::int64_t> JsonValue::to_int64() const {
  if (rep_ == Rep::int64) return load<std::int64_t>();
  if (rep_ != Rep::real) return std::nullopt;
  const double number = load<double>();
  if (!(number >= -0x1p63 && number < 0x1p63) || number != std::trunc(number)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::size_t JsonValue::size() const {
  if (rep_ == Rep::inline_string) return inline_size_;
  if (rep_ <= Rep::literal) return 0;
  const JsonNode* node = heap_node();
  return node == nullptr ? 0 : node->size;
}

std::size_t JsonValue::node_bytes() const {
  const JsonNode* node = heap_node();
  if (node == nullptr) return 0;
  if (rep_ == Rep::array)
    return sizeof(JsonArrayNode) + static_cast<const JsonArrayNode*>(node)->capacity * sizeof(JsonValue);
  if (rep_ == Rep::object) {
    const std::size_t capacity = static_cast<const JsonObjectNode*>(node)->capacity;
    return sizeof(JsonObjectNode) + capacity * sizeof(JsonMember) +
           (capacity > kJsonScannedMembers ? JsonObjectIndex::bytes(capacity) : 0);
  }
  return sizeof(JsonTextNode) +
         (rep_ == Rep::literal ? node->size : static_cast<const JsonTextNode*>(node)->capacity);
}

}  // namespace linkspan::data
