// A JSON value as the whole product passes it around: 16 bytes, cheap to copy, safe to share.
//
//   JsonValue order = JsonValue::object({{"id", 7}, {"tags", JsonValue::array({"new", "paid"})}});
//   if (const JsonValue* id = order.find("id")) use(id->int64());
//   for (const JsonMember& member : order.members()) print(member.key.string(), member.value);
//
// Null, booleans, numbers and strings of up to 14 bytes live in the value itself; longer strings, literals,
// arrays and objects are counted nodes on the heap. A copy shares the node (one atomic increment). A node
// that two values share never changes: push_back, set, erase and their kin change it in place if this value
// alone owns it, and copy that one level first if not. So a loop that moves its accumulator along is linear:
//
//   JsonValue child = tree.take("items");   // moved out, so that both stay uniquely owned
//   child.push_back(1);
//   tree.set("items", std::move(child));
//
// Threads: different JsonValue objects may be used from different threads even where they share nodes; one
// JsonValue object is guarded as an int would be.
//
// Strings are UTF-8; who makes a value from bytes vouches for that (the parser checks). Objects keep the
// order in which keys came; a lookup is a short scan up to 16 members and a hash beyond, with a seed that
// differs by object. Nesting may be as deep as memory allows: nothing here recurses, destruction included.
//
// Keys and values handed to a change must not be views into the value that changes.
//
// Accessors of the wrong type are programming errors and abort. Nothing throws except on exhausted memory
// (std::bad_alloc, also past 2^32-1 bytes, items or members in one value).
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "data/json_node.h"

namespace linkspan::data {

// In the order in which jq sorts, but for booleans (false sorts before true).
enum class JsonType : unsigned char { null, boolean, number, string, array, object };

// "null", "boolean", ... as jq and JSON Schema name them.
std::string_view to_string(JsonType type);

// How a number is held. Integers are exact to 64 bits. A `literal` is a number that no 64-bit integer and no
// shortest form of a double stands for (1e1000, 100000000000000000001, 0.1000000000000000055): its text goes
// through unchanged paths, arithmetic uses the nearest double. -0 and 1.0 are `real`.
enum class JsonNumberKind : unsigned char {
  int64,
  uint64,  // above INT64_MAX only
  real,    // NaN and infinities too: no parser makes them unless asked, but computing can
  literal
};

struct JsonMember;
class JsonMembers;

class JsonValue {
 public:
  JsonValue() noexcept = default;  // null
  JsonValue(std::nullptr_t) noexcept {}
  template <std::same_as<bool> T>
  JsonValue(T truth) noexcept : rep_(Rep::boolean) {
    store<std::uint64_t>(truth ? 1 : 0);
  }
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  JsonValue(T number) noexcept : rep_(Rep::int64) {
    if constexpr (std::unsigned_integral<T> && sizeof(T) == 8) {
      if (number > static_cast<T>(INT64_MAX)) rep_ = Rep::uint64;
    }
    store(static_cast<std::int64_t>(number));
  }
  JsonValue(char) = delete;
  JsonValue(double number) noexcept : rep_(Rep::real) { store(number); }
  JsonValue(std::string_view text) {
    if (text.size() <= kInlineBytes) [[likely]] {
      rep_ = Rep::inline_string;
      inline_size_ = static_cast<std::uint8_t>(text.size());
      if (!text.empty()) std::memcpy(bytes_, text.data(), text.size());
    } else {
      store_long_string(text);
    }
  }
  JsonValue(const std::string& text) : JsonValue(std::string_view(text)) {}
  JsonValue(const char* text) : JsonValue(std::string_view(text)) {}

  JsonValue(const JsonValue& other) noexcept {
    std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof *this);
    if (JsonNode* node = heap_node()) json_retain(node);
  }
  JsonValue(JsonValue&& other) noexcept {
    std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof *this);
    other.rep_ = Rep::null;
  }
  JsonValue& operator=(const JsonValue& other) noexcept {
    JsonValue copy(other);
    swap(copy);
    return *this;
  }
  JsonValue& operator=(JsonValue&& other) noexcept {
    JsonValue moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~JsonValue() {
    if (JsonNode* node = heap_node()) release(node);
  }
  void swap(JsonValue& other) noexcept {
    alignas(8) unsigned char held[sizeof(JsonValue)];
    std::memcpy(held, static_cast<const void*>(this), sizeof *this);
    std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof *this);
    std::memcpy(static_cast<void*>(&other), held, sizeof *this);
  }

  static JsonValue empty_array() noexcept { return JsonValue(Rep::array); }
  static JsonValue empty_object() noexcept { return JsonValue(Rep::object); }
  static JsonValue array(std::initializer_list<JsonValue> items);
  // A key given twice keeps the first place and the last value.
  static JsonValue object(std::initializer_list<JsonMember> members);
  // The number that `text` (by the grammar of RFC 8259 section 6) stands for, in the smallest kind that holds
  // it exactly; nullopt if it is no number.
  static std::optional<JsonValue> number(std::string_view text);

  JsonType type() const { return kTypes[static_cast<std::size_t>(rep_)]; }
  bool is_null() const { return rep_ == Rep::null; }
  bool is_boolean() const { return rep_ == Rep::boolean; }
  bool is_number() const { return type() == JsonType::number; }
  bool is_string() const { return type() == JsonType::string; }
  bool is_array() const { return rep_ == Rep::array; }
  bool is_object() const { return rep_ == Rep::object; }
  bool is_true() const { return is_boolean() && load<std::uint64_t>() != 0; }
  bool is_false() const { return is_boolean() && load<std::uint64_t>() == 0; }
  // Neither null nor false: what counts as true in jq.
  bool is_truthy() const { return !is_null() && !is_false(); }

  bool boolean() const { return require(is_boolean()), load<std::uint64_t>() != 0; }

  JsonNumberKind number_kind() const;
  bool is_int64() const { return rep_ == Rep::int64; }
  bool is_real() const { return rep_ == Rep::real; }
  // Each for its kind only.
  std::int64_t int64() const { return require(is_int64()), load<std::int64_t>(); }
  std::uint64_t uint64() const { return require(rep_ == Rep::uint64), load<std::uint64_t>(); }
  double real() const { return require(is_real()), load<double>(); }
  std::string_view literal() const;
  // Of any number: the nearest double; infinite where a literal is past the largest.
  double as_double() const;
  // Of any number: the integer that it exactly is (7.0 is 7), nullopt for a fraction or past the range.
  std::optional<std::int64_t> to_int64() const;

  // A view into this object: valid until the object changes, moves or dies, so not offered on temporaries.
  std::string_view string() const& {
    if (rep_ == Rep::inline_string) [[likely]]
      return {reinterpret_cast<const char*>(bytes_), inline_size_};
    require(rep_ == Rep::heap_string);
    const auto* node = load<JsonTextNode*>();
    return {node->text(), node->size};
  }
  std::string_view string() && = delete;

  // Items or members; bytes of a string; 0 of all else.
  std::size_t size() const;
  bool empty() const { return size() == 0; }

  // Of an array; of anything else empty. Views end when this value changes or dies.
  std::span<const JsonValue> items() const {
    const auto* node = rep_ == Rep::array ? load<JsonArrayNode*>() : nullptr;
    if (node == nullptr) return {};
    return {node->items(), node->size};
  }
  // Of an object, in the order in which the keys came; of anything else empty.
  inline JsonMembers members() const;
  // The value of a key; nullptr if there is none or this is no object.
  const JsonValue* find(std::string_view key) const;
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  // The same by a key that is a JSON string already, which is quicker.
  const JsonValue* find_key(const JsonValue& key) const;

  // Changing. Null counts as an empty array or object, as in jq; of any other wrong type these abort.
  void reserve_items(std::size_t count);
  void push_back(JsonValue item);
  void set_item(std::size_t index, JsonValue item);     // index < size()
  void insert_item(std::size_t index, JsonValue item);  // index <= size()
  void erase_items(std::size_t first, std::size_t last);
  // The item, leaving null in its place if this value alone owns the array, else a copy of it.
  JsonValue take_item(std::size_t index);

  void reserve_members(std::size_t count);
  void set(JsonValue key, JsonValue value);  // adds at the end, or replaces in place; the key is a string
  bool erase(std::string_view key);          // amortised constant; whether it was there
  // The member's value, leaving null in its place if this value alone owns the object, else a copy of it;
  // null if there is none.
  JsonValue take(std::string_view key);

  // Adds to the end of a string: in place, in time that does not grow with what is there, if this value alone
  // owns it. `text` is no view into this value.
  void append(std::string_view text);
  // Bytes of heap that append() of so many bytes would take anew; 0 if there is room.
  std::size_t append_bytes(std::size_t more) const;

  // By value: 1 equals 1.0, the order of keys does not matter, NaN equals itself. See json_compare.h.
  friend bool operator==(const JsonValue& a, const JsonValue& b);

  // Whether changes would happen in place.
  bool is_unique() const {
    const JsonNode* node = heap_node();
    return node == nullptr || node->references.load(std::memory_order_acquire) == 1;
  }
  // The same node (or the same scalar bits): a cheap sign that two values are equal.
  bool is_identical(const JsonValue& other) const { return std::memcmp(this, &other, sizeof *this) == 0; }
  // Bytes of heap that this value's own node takes, without what it refers to; 0 if it lives in the value.
  std::size_t node_bytes() const;

 private:
  friend struct JsonAccess;  // parser and nodes

  enum class Rep : std::uint8_t {
    null,
    boolean,
    int64,
    uint64,
    real,
    inline_string,
    literal,  // from here on a node; none for an empty array or object
    heap_string,
    array,
    object
  };
  static constexpr std::size_t kInlineBytes = 14;
  static constexpr JsonType kTypes[] = {
      JsonType::null,   JsonType::boolean, JsonType::number, JsonType::number, JsonType::number,
      JsonType::string, JsonType::number,  JsonType::string, JsonType::array,  JsonType::object};

  explicit JsonValue(Rep rep) noexcept : rep_(rep) {}

  static void require(bool condition) {
    if (!condition) [[unlikely]]
      json_misuse();
  }
  template <typename T>
  T load() const {
    static_assert(sizeof(T) == 8);
    T value;
    std::memcpy(&value, bytes_, sizeof value);
    return value;
  }
  template <typename T>
  void store(T value) {
    static_assert(sizeof(T) == 8);
    std::memcpy(bytes_, &value, sizeof value);
  }
  JsonNode* heap_node() const { return rep_ >= Rep::literal ? load<JsonNode*>() : nullptr; }
  void release(JsonNode* node) noexcept {
    if (json_unreference(node)) destroy(node);
  }
  void destroy(JsonNode* node) noexcept;
  void store_long_string(std::string_view text);
  JsonArrayNode* own_array(std::size_t capacity);
  JsonObjectNode* own_object();

  alignas(8) unsigned char bytes_[kInlineBytes] = {};
  std::uint8_t inline_size_ = 0;
  Rep rep_ = Rep::null;
};

struct JsonMember {
  JsonValue key;  // a string
  JsonValue value;
};

// The members of an object, in order. Iterating is a walk over an array that skips what was erased.
class JsonMembers {
 public:
  class Iterator {
   public:
    using value_type = JsonMember;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    const JsonMember& operator*() const { return *at_; }
    const JsonMember* operator->() const { return at_; }
    Iterator& operator++() {
      ++at_;
      skip();
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    friend class JsonMembers;
    Iterator(const JsonMember* at, const JsonMember* end) : at_(at), end_(end) { skip(); }
    void skip() {
      while (at_ != end_ && at_->key.is_null()) [[unlikely]]
        ++at_;
    }

    const JsonMember* at_ = nullptr;
    const JsonMember* end_ = nullptr;
  };

  JsonMembers() = default;
  Iterator begin() const { return {first_, end_}; }
  Iterator end() const { return {end_, end_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  friend class JsonValue;
  JsonMembers(const JsonMember* first, const JsonMember* end, std::size_t size)
      : first_(first), end_(end), size_(size) {}

  const JsonMember* first_ = nullptr;
  const JsonMember* end_ = nullptr;
  std::size_t size_ = 0;
};

inline JsonMembers JsonValue::members() const {
  const auto* node = rep_ == Rep::object ? load<JsonObjectNode*>() : nullptr;
  if (node == nullptr) return {};
  return {node->members(), node->members() + node->used, node->size};
}

static_assert(sizeof(JsonValue) == 16 && sizeof(JsonMember) == 32);

// Collects an array or object from the start; build() hands it over and leaves the builder empty.
class JsonArrayBuilder {
 public:
  explicit JsonArrayBuilder(std::size_t expected_items = 0) { array_.reserve_items(expected_items); }
  JsonArrayBuilder& add(JsonValue item) {
    array_.push_back(std::move(item));
    return *this;
  }
  std::size_t size() const { return array_.size(); }
  JsonValue build() { return std::exchange(array_, JsonValue::empty_array()); }

 private:
  JsonValue array_ = JsonValue::empty_array();
};

class JsonObjectBuilder {
 public:
  explicit JsonObjectBuilder(std::size_t expected_members = 0) { object_.reserve_members(expected_members); }
  // Replaces the value of a key that is there already.
  JsonObjectBuilder& set(JsonValue key, JsonValue value) {
    object_.set(std::move(key), std::move(value));
    return *this;
  }
  std::size_t size() const { return object_.size(); }
  JsonValue build() { return std::exchange(object_, JsonValue::empty_object()); }

 private:
  JsonValue object_ = JsonValue::empty_object();
};

}  // namespace linkspan::data
