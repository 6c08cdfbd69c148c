// Internal to the data room: turns libyaml events into the nodes of a YamlDocument.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <yaml.h>

#include "data/yaml.h"

namespace linkspan::data {

struct YamlDocument::Storage {
  std::pmr::monotonic_buffer_resource memory{4096};
  YamlNode root;
};

class YamlBuilder {
 public:
  YamlBuilder(YamlParse& parse, const YamlOptions& options)
      : parse_(parse), options_(options), memory_(parse.document.storage_->memory) {}

  // Takes the next event of the stream. False when there is nothing more to take: the stream ended, or an
  // error was recorded that leaves no sense in going on.
  bool take(const yaml_event_t& event);

 private:
  // What an alias stands for.
  struct Subtree {
    YamlNode node;
    std::uint32_t nodes = 1;   // in the subtree, itself included, aliases expanded
    std::uint32_t height = 1;  // levels of nesting, 1 for a scalar
  };
  // A sequence or mapping that is not complete yet; its children wait in items_ or entries_.
  struct Frame {
    bool is_mapping = false;
    bool has_key = false;  // of a mapping: the next node is the value of `key`
    std::string_view key;
    YamlPosition key_position;
    YamlPosition position;
    std::size_t first_child = 0;
    std::uint32_t nodes = 1;
    std::uint32_t height = 1;
    std::string anchor;
  };

  bool start_document(const yaml_event_t& event);
  bool take_scalar(const yaml_event_t& event);
  bool take_alias(const yaml_event_t& event);
  bool open(const yaml_event_t& event, const yaml_char_t* anchor, const yaml_char_t* tag, bool is_mapping);
  bool close();
  // `position` is where the node stands, for an alias that of the alias.
  bool place(const Subtree& subtree, YamlPosition position);
  bool place_key(const YamlNode& node, YamlPosition position);
  void check_duplicates(std::span<const YamlEntry> entries);
  YamlNode resolve_scalar(const yaml_event_t& event, YamlPosition position);

  YamlPosition position_of(const yaml_mark_t& mark) const;
  std::string_view keep(std::string_view text);
  template <typename T>
  std::span<const T> keep_from(std::vector<T>& pending, std::size_t first);
  bool fail(YamlPosition position, std::string message);
  void report(YamlPosition position, std::string message);
  bool count_node(YamlPosition position);

  YamlParse& parse_;
  const YamlOptions& options_;
  std::pmr::memory_resource& memory_;
  std::vector<Frame> frames_;
  std::vector<YamlNode> items_;
  std::vector<YamlEntry> entries_;
  std::vector<std::uint32_t> order_;  // scratch of check_duplicates
  std::unordered_map<std::string, Subtree> anchors_;
  std::uint32_t nodes_ = 0;
  std::uint64_t alias_nodes_ = 0;
  bool seen_document_ = false;
};

}  // namespace linkspan::data
