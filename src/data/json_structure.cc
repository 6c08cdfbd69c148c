#include "data/json_structure.h"

#include <algorithm>
#include <new>

#include <simdjson.h>

#include "data/utf8.h"

namespace linkspan::data {

namespace {

// Where no text is, there is its end.
constexpr std::uint32_t kNothing[] = {0};
// Memory for the offsets is kept between texts up to this many bytes of text.
constexpr std::size_t kKeptBytes = 1024 * 1024;

// The slow way, once something is wrong: which byte, and what.
JsonStructure::Fault find_fault(std::string_view text) {
  const std::size_t valid = valid_utf8_bytes(text);
  if (valid != text.size()) return {valid, "invalid UTF-8"};
  std::size_t opened = std::string_view::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (opened == std::string_view::npos) {
      if (c == '"') opened = i;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return {i, "control character in a string; write it as an escape"};
    } else if (c == '\\') {
      ++i;
    } else if (c == '"') {
      opened = std::string_view::npos;
    }
  }
  if (opened != std::string_view::npos) return {opened, "string without its closing quote"};
  return {0, "text without structure"};
}

}  // namespace

struct JsonStructure::Scanner {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> implementation;
};

JsonStructure::JsonStructure() : scanner_(std::make_unique<Scanner>()), starts_(kNothing) {}
JsonStructure::~JsonStructure() = default;

JsonStructure::Fault JsonStructure::scan(std::string_view text) {
  starts_ = kNothing;
  auto& implementation = scanner_->implementation;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return {0, nullptr};
  }
  if (!implementation || implementation->capacity() < text.size() ||
      (implementation->capacity() > kKeptBytes && text.size() <= kKeptBytes)) {
    const std::size_t capacity = std::max<std::size_t>(text.size(), 4096);
    implementation.reset();
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, implementation))
      throw std::bad_alloc();
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (implementation->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) return find_fault(text);
  starts_ = {implementation->structural_indexes.get(), implementation->n_structural_indexes + 1};
  return {0, nullptr};
}

}  // namespace linkspan::data
