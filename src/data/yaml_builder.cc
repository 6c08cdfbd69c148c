#include "data/yaml_builder.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "data/in_quotes.h"

namespace linkspan::data {
namespace {

constexpr std::size_t kMaxErrors = 100;
constexpr std::string_view kCoreTags = "tag:yaml.org,2002:";

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

}  // namespace

bool YamlBuilder::take(const yaml_event_t& event) {
  switch (event.type) {
    case YAML_DOCUMENT_START_EVENT:
      return start_document(event);
    case YAML_SCALAR_EVENT:
      return take_scalar(event);
    case YAML_ALIAS_EVENT:
      return take_alias(event);
    case YAML_SEQUENCE_START_EVENT:
      return open(event, event.data.sequence_start.anchor, event.data.sequence_start.tag, false);
    case YAML_MAPPING_START_EVENT:
      return open(event, event.data.mapping_start.anchor, event.data.mapping_start.tag, true);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      return close();
    case YAML_NO_EVENT:
    case YAML_STREAM_END_EVENT:
      return false;
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
      return true;
  }
  return false;
}

bool YamlBuilder::start_document(const yaml_event_t& event) {
  if (seen_document_) {
    return fail(position_of(event.start_mark), "a second document begins here; one file holds one document");
  }
  seen_document_ = true;
  return true;
}

bool YamlBuilder::take_scalar(const yaml_event_t& event) {
  const YamlPosition position = position_of(event.start_mark);
  if (!count_node(position)) return false;
  const Subtree subtree{resolve_scalar(event, position)};
  if (event.data.scalar.anchor != nullptr) {
    anchors_[std::string(view(event.data.scalar.anchor))] = subtree;
  }
  return place(subtree, position);
}

YamlNode YamlBuilder::resolve_scalar(const yaml_event_t& event, YamlPosition position) {
  const auto& scalar = event.data.scalar;
  const std::string_view text = keep({reinterpret_cast<const char*>(scalar.value), scalar.length});
  std::string_view tag = view(scalar.tag);
  if (tag.empty()) {
    return scalar.plain_implicit != 0 ? YamlNode::plain_scalar(text, position)
                                      : YamlNode::string(text, position);
  }
  if (tag == "!" || tag == "tag:yaml.org,2002:str") return YamlNode::string(text, position);
  const YamlNode plain = YamlNode::plain_scalar(text, position);
  if (!tag.starts_with(kCoreTags)) {
    report(position, "tag " + in_quotes(tag) + " is not known; only the tags of the core schema may be used");
    return plain;
  }
  tag.remove_prefix(kCoreTags.size());
  using Kind = YamlNode::Kind;
  const Kind kind = plain.kind();
  const bool is_integer = kind == Kind::integer || kind == Kind::unsigned_integer;
  const bool fits = (tag == "null" && kind == Kind::null) || (tag == "bool" && kind == Kind::boolean) ||
                    (tag == "int" && is_integer) || (tag == "float" && (is_integer || kind == Kind::real));
  if (fits) return plain;
  const bool known = tag == "null" || tag == "bool" || tag == "int" || tag == "float";
  if (known) {
    report(position, in_quotes(text) + " is no value for the tag !!" + std::string(tag));
  } else {
    report(position, "tag !!" + std::string(tag) + " cannot be used here");
  }
  return plain;
}

bool YamlBuilder::take_alias(const yaml_event_t& event) {
  const YamlPosition position = position_of(event.start_mark);
  const std::string name(view(event.data.alias.anchor));
  for (const Frame& frame : frames_) {
    if (frame.anchor == name) {
      return fail(position, "alias *" + name + " stands inside of what it refers to");
    }
  }
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) return fail(position, "alias *" + name + " refers to no anchor before it");
  alias_nodes_ += found->second.nodes;
  if (alias_nodes_ > options_.limits.max_alias_nodes) {
    return fail(position, "aliases expand to more than " + std::to_string(options_.limits.max_alias_nodes) +
                              " values; write fewer of them out of aliases");
  }
  return place(found->second, position);
}

bool YamlBuilder::open(const yaml_event_t& event, const yaml_char_t* anchor, const yaml_char_t* tag,
                       bool is_mapping) {
  const YamlPosition position = position_of(event.start_mark);
  if (!count_node(position)) return false;
  if (frames_.size() >= options_.limits.max_depth) {
    return fail(position, "nested more than " + std::to_string(options_.limits.max_depth) + " levels deep");
  }
  if (!frames_.empty() && frames_.back().is_mapping && !frames_.back().has_key) {
    return fail(position, "a key must be a plain word, number or string");
  }
  const std::string_view name = view(tag);
  const std::string_view own = is_mapping ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq";
  if (!name.empty() && name != "!" && name != own) {
    report(position,
           "tag " + in_quotes(name) + " is not known; only the tags of the core schema may be used");
  }
  Frame frame;
  frame.is_mapping = is_mapping;
  frame.position = position;
  frame.first_child = is_mapping ? entries_.size() : items_.size();
  frame.anchor = view(anchor);
  if (!frame.anchor.empty()) anchors_.erase(frame.anchor);
  frames_.push_back(std::move(frame));
  return true;
}

bool YamlBuilder::close() {
  const Frame frame = std::move(frames_.back());
  frames_.pop_back();
  Subtree subtree;
  if (frame.is_mapping) {
    const std::span<const YamlEntry> entries = keep_from(entries_, frame.first_child);
    check_duplicates(entries);
    subtree.node = YamlNode::mapping(entries, frame.position);
  } else {
    subtree.node = YamlNode::sequence(keep_from(items_, frame.first_child), frame.position);
  }
  subtree.nodes = frame.nodes;
  subtree.height = frame.height;
  if (!frame.anchor.empty()) anchors_[frame.anchor] = subtree;
  return place(subtree, frame.position);
}

bool YamlBuilder::place(const Subtree& subtree, YamlPosition position) {
  if (frames_.empty()) {
    parse_.document.storage_->root = subtree.node;
    return true;
  }
  Frame& parent = frames_.back();
  if (parent.is_mapping && !parent.has_key) return place_key(subtree.node, position);
  if (frames_.size() + subtree.height - 1 > options_.limits.max_depth) {
    return fail(position, "nested more than " + std::to_string(options_.limits.max_depth) +
                              " levels deep, aliases included");
  }
  parent.nodes += subtree.nodes;
  parent.height = std::max(parent.height, subtree.height + 1);
  if (parent.is_mapping) {
    entries_.push_back({parent.key, parent.key_position, subtree.node});
    parent.has_key = false;
  } else {
    items_.push_back(subtree.node);
  }
  return true;
}

bool YamlBuilder::place_key(const YamlNode& node, YamlPosition position) {
  if (!node.is_scalar()) return fail(position, "a key must be a plain word, number or string");
  Frame& parent = frames_.back();
  parent.key = node.text();
  parent.key_position = position;
  parent.has_key = true;
  return true;
}

void YamlBuilder::check_duplicates(std::span<const YamlEntry> entries) {
  // Sorting rather than hashing, so that no choice of keys makes it slow.
  order_.resize(entries.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int order = entries[a].key.compare(entries[b].key);
    return order != 0 ? order < 0 : a < b;
  });
  for (std::size_t i = 1; i < order_.size(); ++i) {
    const YamlEntry& earlier = entries[order_[i - 1]];
    const YamlEntry& later = entries[order_[i]];
    if (earlier.key != later.key) continue;
    report(later.key_position, "key " + in_quotes(later.key) + " stands twice; first in line " +
                                   std::to_string(earlier.key_position.line));
  }
}

YamlPosition YamlBuilder::position_of(const yaml_mark_t& mark) const {
  return {options_.file, static_cast<std::uint32_t>(mark.line + 1),
          static_cast<std::uint32_t>(mark.column + 1)};
}

std::string_view YamlBuilder::keep(std::string_view text) {
  if (text.empty()) return {};
  char* copy = static_cast<char*>(memory_.allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

template <typename T>
std::span<const T> YamlBuilder::keep_from(std::vector<T>& pending, std::size_t first) {
  const std::size_t count = pending.size() - first;
  if (count == 0) return {};
  T* copy = static_cast<T*>(memory_.allocate(count * sizeof(T), alignof(T)));
  std::uninitialized_copy(pending.begin() + static_cast<std::ptrdiff_t>(first), pending.end(), copy);
  pending.resize(first);
  return {copy, count};
}

bool YamlBuilder::count_node(YamlPosition position) {
  if (++nodes_ <= options_.limits.max_nodes) return true;
  return fail(position, "more than " + std::to_string(options_.limits.max_nodes) + " values in one file");
}

void YamlBuilder::report(YamlPosition position, std::string message) {
  if (parse_.errors.size() < kMaxErrors) parse_.errors.push_back({position, std::move(message)});
}

bool YamlBuilder::fail(YamlPosition position, std::string message) {
  parse_.errors.push_back({position, std::move(message)});
  return false;
}

}  // namespace linkspan::data
