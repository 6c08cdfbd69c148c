// One file of an API description: its text, parsed from JSON or YAML, and where in the text its parts are.
//
// Immutable once made; any thread. `root` and all inside it stay in place as long as the document lives.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/problem.h"
#include "data/json.h"

namespace linkspan::catalog {

struct DocumentLimits {
  std::size_t max_bytes = 32 * 1024 * 1024;
  std::uint32_t max_depth = 200;
  std::uint32_t max_nodes = 4'000'000;      // of YAML
  std::uint32_t max_alias_nodes = 500'000;  // of YAML: what its aliases stand for, all together
};

struct Document {
  std::string name;  // as problems name it
  std::string base;  // what its references are relative to: `$self` resolved against the name, or the name
  std::string text;
  bool is_json = false;
  data::JsonValue root;
};

// Line and column begin at 1, columns count characters; 0 if unknown.
struct TextPosition {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

// Text that begins with "{" or "[" and is JSON is taken as that, all else as YAML. False if it is neither or
// goes past a limit, which `problems` then says.
bool parse_document(Document& document, const DocumentLimits& limits, std::vector<Problem>& problems);

// Where the pointers lead to in the text, one position each: the key of a member, the start of an item. A
// pointer to what is not there has the position of its nearest ancestor. Reads the text once for all of them.
std::vector<TextPosition> locate(const Document& document, std::span<const std::string> pointers);

}  // namespace linkspan::catalog
