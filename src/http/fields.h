// Header fields of a parsed message: a flat table of views into the read buffer. Nothing is copied; the table
// is valid as long as the buffer stays where it is. The memory of the table is the caller's (see
// FieldStorage) and is neither cleared nor allocated between messages. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/header_id.h"

namespace linkspan::http {

// One field line. Trivial on purpose: storage for a hundred of them costs nothing to create.
struct Field {
  const char* line;  // first byte of the field line, which is also that of the name
  std::uint32_t name_bytes;
  std::uint32_t value_offset;  // from `line`
  std::uint32_t value_bytes;   // without the optional white space around it
  HeaderId id;
  bool connection_named;  // named by a Connection field: concerns this connection alone
  bool rewrite;           // the line is not fit to be forwarded byte by byte (space before its colon)

  std::string_view name() const { return {line, name_bytes}; }
  std::string_view value() const { return {line + value_offset, value_bytes}; }
};

inline constexpr std::size_t kDefaultMaxFields = 100;

// Room for `N` fields, uninitialised until used.
template <std::size_t N = kDefaultMaxFields>
struct FieldStorage {
  Field items[N];
  operator std::span<Field>() { return items; }  // NOLINT: implicit by design
};

class Fields {
 public:
  explicit Fields(std::span<Field> storage) : items_(storage.data()), capacity_(storage.size()) {}

  std::size_t size() const { return count_; }
  std::size_t capacity() const { return capacity_; }
  const Field* begin() const { return items_; }
  const Field* end() const { return items_ + count_; }
  const Field& operator[](std::size_t index) const { return items_[index]; }

  bool contains(HeaderId id) const { return present_.contains(id); }
  bool repeated(HeaderId id) const { return repeated_.contains(id); }
  HeaderSet present() const { return present_; }

  // The first field of this id, or null. Constant time.
  const Field* find(HeaderId id) const {
    return present_.contains(id) ? &items_[first_[static_cast<std::size_t>(id)]] : nullptr;
  }
  // Value of the first field of this id; empty if there is none.
  std::string_view value(HeaderId id) const {
    const Field* field = find(id);
    return field != nullptr ? field->value() : std::string_view{};
  }
  // By name in any case: for names that have no id (a scan of the table). Null if absent.
  const Field* find(std::string_view name) const;

  // One past the last field line (before the empty line); null if there are no fields.
  const char* lines_end() const { return lines_end_; }

  // For the parsers.
  void clear() {
    count_ = 0;
    present_ = {};
    repeated_ = {};
    lines_end_ = nullptr;
  }
  bool full(std::size_t max_fields) const { return count_ >= capacity_ || count_ >= max_fields; }
  // The slot after the last field, to be filled in place, and its addition to the table; not when full().
  Field& next() { return items_[count_]; }
  void take_next() {
    const HeaderId id = items_[count_].id;
    if (present_.contains(id)) {
      repeated_.add(id);
    } else {
      present_.add(id);
      first_[static_cast<std::size_t>(id)] = static_cast<std::uint16_t>(count_);
    }
    ++count_;
  }
  Field& at(std::size_t index) { return items_[index]; }
  void set_lines_end(const char* end) { lines_end_ = end; }

 private:
  Field* items_;
  std::size_t capacity_;
  std::size_t count_ = 0;
  HeaderSet present_;  // `other` is a member of both sets like any id
  HeaderSet repeated_;
  const char* lines_end_ = nullptr;
  std::array<std::uint16_t, kHeaderIdCount> first_;  // valid where present_ says so
};

// Whether a comma-separated list (Connection, Accept-Encoding without weights, ...) has `token`, in any case.
bool list_contains(std::string_view list, std::string_view token);

// Takes the next element off the front of a comma-separated list: trimmed, empty elements skipped; commas in
// quoted strings do not separate. False at the end. Parameters come the same way with another separator.
bool next_list_element(std::string_view& list, std::string_view& element, char separator = ',');

// Whether every quoted string in `list` ends.
bool quotes_balance(std::string_view list);

}  // namespace linkspan::http
