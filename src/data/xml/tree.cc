#include "data/xml/tree.h"

#include <new>

#include <pugixml.hpp>

#include "base/error_kinds.h"
#include "data/xml/characters.h"
#include "data/xml/checker.h"

namespace linkspan::data::xml {

struct Tree::Storage {
  std::string text;  // pugixml works in it
  pugi::xml_document document;
};

Tree::Tree(std::unique_ptr<Storage> storage) : storage_(std::move(storage)) {}
Tree::~Tree() = default;
Tree::Tree(Tree&&) noexcept = default;

Result<Tree> Tree::load(std::string_view bytes, const XmlLimits& limits) {
  auto text = decode(bytes, limits);
  if (!text) return std::move(text).error();
  if (auto good = Checker(*text, limits).check(); !good) return std::move(good).error();
  constexpr unsigned kFlags = pugi::parse_pi | pugi::parse_comments | pugi::parse_cdata |
                              pugi::parse_ws_pcdata | pugi::parse_escapes | pugi::parse_eol |
                              pugi::parse_wconv_attribute;
  auto storage = std::make_unique<Storage>();
  storage->text = std::move(text->utf8);
  const pugi::xml_parse_result parsed = storage->document.load_buffer_inplace(
      storage->text.data(), storage->text.size(), kFlags, pugi::encoding_utf8);
  if (parsed.status == pugi::status_out_of_memory) throw std::bad_alloc();
  if (!parsed) return Error(errors::xml_invalid, parsed.description());
  return Tree(std::move(storage));
}

pugi::xml_node Tree::document() const {
  return storage_->document;
}

pugi::xml_node Tree::root() const {
  return storage_->document.document_element();
}

namespace {

// pugixml leaves the line ends of instructions as they are.
std::string instruction_text(std::string_view raw) {
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\r')
      text += raw[i];
    else if (i + 1 == raw.size() || raw[i + 1] != '\n')
      text += '\n';
  }
  return text;
}

void add_text(std::vector<Child>& children, std::string_view text, const pugi::xml_node& node) {
  if (text.empty()) return;
  if (!children.empty() && children.back().kind == ChildKind::text) {
    children.back().text += text;
  } else {
    children.push_back({ChildKind::text, {}, std::string(text), node.internal_object()});
  }
}

void drop_layout(std::vector<Child>& children) {
  bool has_elements = false;
  for (const Child& child : children) {
    if (child.kind == ChildKind::cdata || (child.kind == ChildKind::text && !is_blank(child.text))) return;
    has_elements = has_elements || child.kind == ChildKind::element;
  }
  if (has_elements) std::erase_if(children, [](const Child& child) { return child.kind == ChildKind::text; });
}

}  // namespace

std::vector<Child> children_of(const pugi::xml_node& node, const Keep& keep) {
  std::vector<Child> children;
  for (const pugi::xml_node child : node) {
    pugi::xml_node_struct* const handle = child.internal_object();
    switch (child.type()) {
      case pugi::node_element:
        children.push_back({ChildKind::element, child.name(), {}, handle});
        break;
      case pugi::node_pcdata:
        add_text(children, child.value(), child);
        break;
      case pugi::node_cdata:
        if (keep.cdata)
          children.push_back({ChildKind::cdata, {}, child.value(), handle});
        else
          add_text(children, child.value(), child);
        break;
      case pugi::node_comment:
        if (keep.comments) children.push_back({ChildKind::comment, {}, child.value(), handle});
        break;
      case pugi::node_pi:
        if (keep.comments)
          children.push_back({ChildKind::instruction, child.name(), instruction_text(child.value()), handle});
        break;
      default:
        break;
    }
  }
  if (!keep.layout) drop_layout(children);
  return children;
}

bool preserves_space(const pugi::xml_node& element, bool inherited) {
  const pugi::xml_attribute space = element.attribute("xml:space");
  if (!space) return inherited;
  return std::string_view(space.value()) == "preserve";
}

}  // namespace linkspan::data::xml
