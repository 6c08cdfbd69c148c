// YAML text to an immutable tree of values that know where they were written. YAML 1.2 core schema: `on`,
// `yes` and `1_000` are strings; integers may be 0o17 or 0x1f and are exact to 64 bits (larger ones become
// doubles, as in JSON). libyaml does the grammar.
//
//   YamlParse parse = parse_yaml(text, {.file = 0});
//   if (!parse.errors.empty()) report(parse.errors);      // sorted by position
//   else for (const YamlEntry& entry : parse.document.root().entries()) ...
//
// Refused, each with its position: invalid UTF-8 and control characters, duplicate keys, keys that are not
// scalars, tags outside the core schema, a second document, and whatever passes YamlLimits. Aliases are
// resolved; an alias counts as many nodes as what it stands for, so that "billion laughs" meets
// max_alias_nodes.
//
// A document owns the memory of its nodes; nodes, keys and texts are views into it. Reading is safe from any
// thread. Nothing throws except on exhausted memory.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::data {

// `file` is the caller's number for the file; line and column begin at 1, columns count characters.
struct YamlPosition {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  auto operator<=>(const YamlPosition&) const = default;
};

struct YamlEntry;

class YamlNode {
 public:
  enum class Kind : unsigned char {
    null,
    boolean,
    integer,           // fits std::int64_t
    unsigned_integer,  // above INT64_MAX, fits std::uint64_t
    real,
    string,
    sequence,
    mapping
  };

  YamlNode() = default;  // null, nowhere

  // Nodes made by hand; texts, items and entries are views that must outlive the node.
  static YamlNode string(std::string_view text, YamlPosition position);
  // What an unquoted scalar with this text is in the core schema: "8" is an integer, "on" a string.
  static YamlNode plain_scalar(std::string_view text, YamlPosition position);
  static YamlNode sequence(std::span<const YamlNode> items, YamlPosition position);
  static YamlNode mapping(std::span<const YamlEntry> entries, YamlPosition position);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_sequence() const { return kind_ == Kind::sequence; }
  bool is_mapping() const { return kind_ == Kind::mapping; }
  bool is_scalar() const { return kind_ < Kind::sequence; }
  YamlPosition position() const { return {file_, line_, column_}; }

  // Of any scalar: its text after quotes and escapes. "0x10" for an integer written so.
  std::string_view text() const;
  // Each only for a node of that kind.
  bool boolean() const { return value_.boolean; }
  std::int64_t integer() const { return value_.integer; }
  std::uint64_t unsigned_integer() const { return value_.unsigned_integer; }
  double real() const { return value_.real; }
  std::span<const YamlNode> items() const;     // empty unless a sequence
  std::span<const YamlEntry> entries() const;  // empty unless a mapping; in the order written
  // The value of a key, or nullptr. Linear.
  const YamlNode* find(std::string_view key) const;

 private:
  union Value {
    bool boolean;
    std::int64_t integer;
    std::uint64_t unsigned_integer;
    double real;
  };

  const void* data_ = nullptr;  // characters, YamlNode[] or YamlEntry[]
  std::uint32_t size_ = 0;
  std::uint32_t line_ = 0;
  std::uint32_t column_ = 0;
  std::uint16_t file_ = 0;
  Kind kind_ = Kind::null;
  Value value_{.integer = 0};
};

struct YamlEntry {
  std::string_view key;
  YamlPosition key_position;
  YamlNode value;
};

struct YamlLimits {
  std::size_t max_bytes = 64 * 1024 * 1024;
  std::uint32_t max_depth = 64;
  std::uint32_t max_nodes = 8'000'000;
  std::uint32_t max_alias_nodes = 1'000'000;  // nodes that aliases stand for, all together
};

struct YamlOptions {
  std::uint16_t file = 0;
  YamlLimits limits{};
};

struct YamlError {
  YamlPosition position;
  std::string message;
};

class YamlDocument {
 public:
  YamlDocument();
  ~YamlDocument();
  YamlDocument(YamlDocument&& other) noexcept;
  YamlDocument& operator=(YamlDocument&& other) noexcept;

  // Null for an empty text. Valid as long as the document lives, also when it is moved.
  const YamlNode& root() const;

 private:
  friend class YamlBuilder;
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

struct YamlParse {
  YamlDocument document;  // complete only if there are no errors
  std::vector<YamlError> errors;
};

YamlParse parse_yaml(std::string_view text, const YamlOptions& options = {});

}  // namespace linkspan::data
