// The heap nodes behind JsonValue. Only json*.cc and the inline parts of json.h use these.
//
// A node is one block of malloc: a header, then characters, items or members. `references` counts the values
// that point to it; at 1 its owner may change it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace linkspan::data {

class JsonValue;
struct JsonMember;
struct JsonObjectIndex;

struct JsonNode {
  std::atomic<std::uint32_t> references{1};
  std::uint32_t size = 0;  // bytes, items or members
};

// A string, or the literal of a number.
struct JsonTextNode : JsonNode {
  union {
    std::uint64_t capacity = 0;  // of a string: bytes
    double number;               // of a literal: the nearest double
  };
  char* text() { return reinterpret_cast<char*>(this + 1); }
  const char* text() const { return reinterpret_cast<const char*>(this + 1); }
};

struct JsonArrayNode : JsonNode {
  union {
    std::uint64_t capacity = 0;
    JsonArrayNode* next_dead;  // while being destroyed
  };
  JsonValue* items() { return reinterpret_cast<JsonValue*>(this + 1); }
  const JsonValue* items() const { return reinterpret_cast<const JsonValue*>(this + 1); }
};

// An erased member stays as a hole (its key is null) until the node is next rebuilt.
struct JsonObjectNode : JsonNode {
  std::uint32_t used = 0;  // members and holes
  std::uint32_t capacity = 0;
  union {
    JsonObjectIndex* index = nullptr;  // present if capacity > kJsonScannedMembers
    JsonObjectNode* next_dead;         // while being destroyed
  };
  JsonMember* members() { return reinterpret_cast<JsonMember*>(this + 1); }
  const JsonMember* members() const { return reinterpret_cast<const JsonMember*>(this + 1); }
};

inline constexpr std::uint32_t kJsonScannedMembers = 16;

inline void json_retain(JsonNode* node) {
  node->references.fetch_add(1, std::memory_order_relaxed);
}

// Whether that was the last reference. A sole owner needs no locked instruction to know.
inline bool json_unreference(JsonNode* node) {
  return node->references.load(std::memory_order_acquire) == 1 ||
         node->references.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

// Ends the process: a value was used as a type that it is not.
[[noreturn]] void json_misuse();

}  // namespace linkspan::data
