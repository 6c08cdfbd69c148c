// YAML on arbitrary bytes. Invariants: a value or errors, in order of their places and within the text; as
// deep and as many nodes as the limits allow; a value that is written reads back as itself.
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <string>
#include <string_view>

#include "data/yaml.h"
#include "data/yaml_writer.h"

namespace {

using namespace linkspan::data;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr YamlLimits kLimits{
    .max_bytes = 1 << 20, .max_depth = 32, .max_nodes = 5'000, .max_alias_nodes = 2'000};

void write(YamlWriter& yaml, const YamlNode& node) {
  switch (node.kind()) {
    case YamlNode::Kind::sequence:
      yaml.begin_sequence();
      for (const YamlNode& item : node.items()) write(yaml, item);
      return yaml.end_sequence();
    case YamlNode::Kind::mapping:
      yaml.begin_mapping();
      for (const YamlEntry& entry : node.entries()) {
        yaml.string(entry.key);
        write(yaml, entry.value);
      }
      return yaml.end_mapping();
    case YamlNode::Kind::string:
      return yaml.string(node.text());
    case YamlNode::Kind::null:
      return yaml.plain("null");
    default:
      return yaml.plain(node.text());
  }
}

bool same(const YamlNode& a, const YamlNode& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case YamlNode::Kind::null:
      return true;
    case YamlNode::Kind::boolean:
      return a.boolean() == b.boolean();
    case YamlNode::Kind::integer:
      return a.integer() == b.integer();
    case YamlNode::Kind::unsigned_integer:
      return a.unsigned_integer() == b.unsigned_integer();
    case YamlNode::Kind::real:
      return std::bit_cast<std::uint64_t>(a.real()) == std::bit_cast<std::uint64_t>(b.real());
    case YamlNode::Kind::string:
      return a.text() == b.text();
    case YamlNode::Kind::sequence:
      return std::ranges::equal(a.items(), b.items(), same);
    default:
      return std::ranges::equal(a.entries(), b.entries(), [](const YamlEntry& x, const YamlEntry& y) {
        return x.key == y.key && same(x.value, y.value);
      });
  }
}

struct Extent {
  std::uint32_t nodes = 0;
  std::uint32_t depth = 0;

  void measure(const YamlNode& node, std::uint32_t level) {
    ++nodes;
    if (!node.is_scalar()) depth = std::max(depth, level);
    for (const YamlNode& item : node.items()) measure(item, level + 1);
    for (const YamlEntry& entry : node.entries()) {
      require(entry.key_position.line > 0 && entry.key_position.column > 0);
      require(node.find(entry.key) == &entry.value);
      measure(entry.value, level + 1);
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const YamlParse parse = parse_yaml(text, {.file = 3, .limits = kLimits});
  require(std::ranges::is_sorted(parse.errors, {}, &YamlError::position));
  for (const YamlError& error : parse.errors) {
    require(error.position.file == 3 && error.position.line > 0 && error.position.column > 0);
    require(!error.message.empty());
  }
  if (!parse.errors.empty()) return 0;
  const YamlNode& root = parse.document.root();
  Extent extent;
  extent.measure(root, 1);
  require(extent.depth <= kLimits.max_depth);
  require(extent.nodes <= kLimits.max_nodes + kLimits.max_alias_nodes);

  YamlWriter yaml;
  write(yaml, root);
  const std::string written = std::move(yaml).finish();
  const YamlParse again = parse_yaml(written);
  require(again.errors.empty() && same(again.document.root(), root));
  return 0;
}
