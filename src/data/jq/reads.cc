#include "data/jq/reads.h"

#include <algorithm>

#include "data/jq/ast.h"
#include "data/jq/parser.h"

namespace linkspan::data {

namespace {

using jq::Node;
using jq::NodeKind;

// Where a value comes from.
struct Source {
  std::string variable;
  std::vector<std::optional<std::string>> path;
};
using MaybeSource = std::optional<Source>;

// Parsing has bounded the nesting, so walking the tree may recurse.
class Reads {
 public:
  MaybeSource walk(const Node* node, const MaybeSource& in) {
    if (node == nullptr) return std::nullopt;
    switch (node->kind) {
      case NodeKind::identity:
        return in;
      case NodeKind::variable:
        return variable(*node);
      case NodeKind::index:
        return index(*node, in);
      case NodeKind::iterate:
        return item_of(walk(node->children[0], in));
      case NodeKind::slice:
        for (std::size_t i = 1; i < node->children.size(); ++i) walk(node->children[i], in);
        return walk(node->children[0], in);
      case NodeKind::pipe:
        return walk(node->children[1], walk(node->children[0], in));
      case NodeKind::call:
        return call(*node, in);
      case NodeKind::assign:  // what is assigned to need not be there
        walk(node->children[1], in);
        return std::nullopt;
      case NodeKind::update:
      case NodeKind::update_with:
        return std::nullopt;
      case NodeKind::reduce:
      case NodeKind::foreach:
        return loop(*node, in);
      case NodeKind::bind: {
        walk(node->children[0], in);
        const std::size_t hidden = hide(*node);
        MaybeSource result = walk(node->children[1], in);
        hidden_.resize(hidden);
        return result;
      }
      case NodeKind::define:
        return walk(node->children[0], in);
      case NodeKind::label:
        return walk(node->children[0], in);
      default:
        for (const Node* child : node->children) walk(child, in);
        return std::nullopt;
    }
  }

  std::vector<JqRead> take() { return std::move(reads_); }

 private:
  MaybeSource variable(const Node& node) const {
    if (std::find(hidden_.begin(), hidden_.end(), node.name) != hidden_.end()) return std::nullopt;
    return Source{.variable = node.name, .path = {}};
  }

  static MaybeSource item_of(MaybeSource source) {
    if (source) source->path.emplace_back(std::nullopt);
    return source;
  }

  MaybeSource index(const Node& node, const MaybeSource& in) {
    MaybeSource term = walk(node.children[0], in);
    const Node& key = *node.children[1];
    if (key.kind == NodeKind::constant && key.value.is_number()) return item_of(std::move(term));
    if (key.kind != NodeKind::constant || !key.value.is_string()) {
      walk(&key, in);
      return std::nullopt;
    }
    if (!term) return term;
    term->path.emplace_back(std::string(key.value.string()));
    if (node.optional) return std::nullopt;
    reads_.push_back({.variable = term->variable, .path = term->path});
    return term;
  }

  MaybeSource call(const Node& node, const MaybeSource& in) {
    if (node.name == "select" && node.children.size() == 1) {
      walk(node.children[0], in);
      return in;
    }
    const bool items = node.name == "map" && node.children.size() == 1;
    for (const Node* argument : node.children) walk(argument, items ? item_of(in) : MaybeSource());
    return std::nullopt;
  }

  MaybeSource loop(const Node& node, const MaybeSource& in) {
    walk(node.children[0], in);
    walk(node.children[1], in);
    const std::size_t hidden = hide(node);
    for (std::size_t i = 2; i < node.children.size(); ++i) walk(node.children[i], std::nullopt);
    hidden_.resize(hidden);
    return std::nullopt;
  }

  // The variables that the node's patterns bind are others from here on; returns how many were hidden before.
  std::size_t hide(const Node& node) {
    const std::size_t before = hidden_.size();
    for (const jq::Pattern* pattern : node.patterns) hide(*pattern);
    return before;
  }
  void hide(const jq::Pattern& pattern) {
    if (!pattern.variable.empty()) hidden_.push_back(pattern.variable);
    for (const jq::Pattern* item : pattern.items) hide(*item);
    for (const jq::Pattern::Member& member : pattern.members) {
      if (!member.variable.empty()) hidden_.push_back(member.variable);
      if (member.value != nullptr) hide(*member.value);
    }
  }

  std::vector<std::string> hidden_;
  std::vector<JqRead> reads_;
};

}  // namespace

Result<std::vector<JqRead>> jq_reads(std::string_view program) {
  Result<jq::Ast> ast = jq::parse_program(program);
  if (!ast) return std::move(ast).error();
  Reads reads;
  reads.walk(ast->root, Source{});
  return reads.take();
}

}  // namespace linkspan::data
