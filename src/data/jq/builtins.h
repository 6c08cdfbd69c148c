// Builtin functions: those in C++ (natives) and those that are written in jq (the library).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "data/jq/ast.h"
#include "data/jq/context.h"
#include "data/jq/operators.h"
#include "data/jq/order.h"
#include "data/jq/value_text.h"
#include "data/json.h"

namespace linkspan::data::jq {

// values[0] is the input, then come the arguments. True: the result is in values[0]. False: values[0] is what
// to raise, or context.stopped() says that a limit is passed.
using NativeFunction = bool (*)(Context& context, std::span<JsonValue> values);

struct Native {
  std::string_view name;
  std::uint32_t arguments;
  NativeFunction function;
  // Whether the time it takes grows with the number of items that the values have, without their own items.
  // The machine counts that, and the bytes of strings, for all natives. A native counts what it does beyond:
  // looking deeper, items against items, and what it makes if that may be much longer than what it gets.
  bool looks_at_items = true;
};

// The natives of a group; each group has a file builtins_GROUP.cc.
std::span<const Native> core_natives();
std::span<const Native> containment_natives();
std::span<const Native> array_natives();
std::span<const Native> string_natives();
std::span<const Native> math_natives();
std::span<const Native> regex_natives();
std::span<const Native> date_natives();

// All groups as one list.
std::span<const Native> natives();
// Its index, or kNoNative.
inline constexpr std::uint32_t kNoNative = 0xffffffff;
std::uint32_t find_native(std::string_view name, std::size_t arguments);

// @text, @json, ...
enum class Format : std::uint8_t {
  text,
  json,
  csv,
  tsv,
  html,
  uri,
  urid,
  sh,
  base64,
  base64d,
  base32,
  base32d
};
bool find_format(std::string_view name, Format& format);
bool apply_format(Context& context, Format format, JsonValue& value);

// The builtins written in jq, parsed once.
const Function* find_library_function(std::string_view name, std::size_t arguments);

// What `builtins` says: "name/arguments" of all but those that begin with "_".
JsonValue builtin_names();

// Puts a message to raise in place of the input.
inline bool fail(std::span<JsonValue> values, std::string_view message) {
  values[0] = JsonValue(message);
  return false;
}

}  // namespace linkspan::data::jq
