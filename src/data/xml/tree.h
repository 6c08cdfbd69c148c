// A checked text as pugixml's tree, and its nodes as the mapping sees them. Internal; one thread at a time.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/json.h"
#include "data/xml/xml.h"

namespace pugi {
class xml_node;
struct xml_node_struct;
}  // namespace pugi

namespace linkspan::data::xml {

class Tree {
 public:
  static Result<Tree> load(std::string_view bytes, const XmlLimits& limits);
  ~Tree();
  Tree(Tree&&) noexcept;

  pugi::xml_node document() const;
  pugi::xml_node root() const;

 private:
  struct Storage;
  explicit Tree(std::unique_ptr<Storage> storage);

  std::unique_ptr<Storage> storage_;
};

enum class ChildKind : unsigned char { element, text, cdata, comment, instruction };

struct Child {
  ChildKind kind;
  std::string_view name;        // of an element or instruction; a view into the tree
  std::string text;             // of all but elements
  pugi::xml_node_struct* node;  // of an element
};

// What to keep of the content of elements.
struct Keep {
  bool layout = true;
  bool comments = true;
  bool cdata = true;
};

// The content of an element or of the document. Texts that stand side by side are one; an empty text is none.
std::vector<Child> children_of(const pugi::xml_node& node, const Keep& keep);

// Whether layout is to be kept within: what xml:space says, or `inherited` where it says nothing.
bool preserves_space(const pugi::xml_node& element, bool inherited);

}  // namespace linkspan::data::xml
