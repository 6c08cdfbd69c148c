// JSON on arbitrary bytes. Invariants: what is read and written reads back as an equal value with an equal
// hash and the same text, in every layout; canonical forms read back as themselves; the counted size is the
// size. Text with a zero byte in it is document, patch and pointer: patches end in a value or an error, and
// leave the original as it was.
#include <cstdlib>
#include <string>
#include <string_view>

#include "data/json_canonical.h"
#include "data/json_compare.h"
#include "data/json_parse.h"
#include "data/json_patch.h"
#include "data/json_write.h"

namespace {

using namespace linkspan::data;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr JsonLimits kLimits{.max_depth = 200};

void check_text(const JsonValue& value, const JsonFormat& format) {
  const std::string text = write_json(value, format);
  require(json_bytes(value, format) == text.size());
  const auto again = parse_json(text, kLimits);
  require(again.ok() && *again == value && compare_json(*again, value) == 0);
  require(hash_json(*again) == hash_json(value));
  require(write_json(*again, format) == text);
}

void check_canonical(const JsonValue& value) {
  const auto exact = canonical_json(value, JsonCanonicalNumbers::exact);
  require(exact.ok());
  const auto again = parse_json(*exact, kLimits);
  require(again.ok() && *again == value);
  require(*canonical_json(*again, JsonCanonicalNumbers::exact) == *exact);
  const auto rounded = canonical_json(value);
  if (!rounded) return;
  const auto rounded_again = parse_json(*rounded, kLimits);
  require(rounded_again.ok() && *canonical_json(*rounded_again) == *rounded);
}

void check_stream(std::string_view text) {
  JsonParser parser({.max_depth = 200, .allow_non_finite = true});
  if (!parser.begin_stream(text)) return;
  while (true) {
    const auto value = parser.next();
    if (!value) require(parser.error_offset() <= text.size());
    if (!value || !value->has_value()) break;
    write_json(**value);
  }
}

void check_changes(const JsonValue& document, std::string_view rest) {
  const std::string before = write_json(document);
  const std::size_t end = rest.find('\0');
  if (const auto patch = parse_json(rest.substr(0, end), kLimits)) {
    if (const auto patched = apply_json_patch(document, *patch)) write_json(*patched);
    const JsonValue merged = apply_merge_patch(document, *patch);
    require(apply_merge_patch(merged, *patch) == merged);
  }
  if (end != std::string_view::npos) {
    const auto pointer = JsonPointer::parse(rest.substr(end + 1));
    if (pointer) {
      require(pointer->to_string() == rest.substr(end + 1));
      const bool found = pointer->find(document) != nullptr;
      require(replace_at(document, *pointer, 1).ok() == found);
      require(remove_at(document, *pointer).ok() == found);
      const auto added = add_at(document, *pointer, "added");
      require(added.ok() || !found);
    }
  }
  require(write_json(document) == before);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_stream(text);
  const std::size_t end = text.find('\0');
  JsonParser parser(kLimits);
  const auto value = parser.parse(text.substr(0, end));
  if (!value) {
    require(parser.error_offset() <= size);
    return 0;
  }
  check_text(*value, {});
  check_text(*value, {.indent = 2, .sort_keys = true});
  check_text(*value, {.indent = 1, .indent_with = '\t', .ascii = true, .escape_delete = true});
  check_canonical(*value);
  if (end != std::string_view::npos) check_changes(*value, text.substr(end + 1));
  return 0;
}
