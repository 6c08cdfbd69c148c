// The positions of pointers in a text, by one walk over it that enters only what some pointer leads into.
#include <map>
#include <memory>

#include "base/strings.h"
#include "catalog/document.h"
#include "data/json_parse.h"
#include "data/json_pointer.h"
#include "data/yaml.h"

namespace linkspan::catalog {

namespace {

// The tokens of all wanted pointers as a tree.
struct Wanted {
  std::map<std::string, std::unique_ptr<Wanted>, std::less<>> children;
  TextPosition position;

  const std::unique_ptr<Wanted>* find(std::string_view token) const {
    const auto found = children.find(token);
    return found == children.end() ? nullptr : &found->second;
  }
};

Wanted& add(Wanted& root, const std::string& pointer) {
  const auto parsed = data::JsonPointer::parse(pointer);
  Wanted* at = &root;
  if (!parsed) return root;
  for (const std::string& token : parsed->tokens()) {
    auto& next = at->children[token];
    if (!next) next = std::make_unique<Wanted>();
    at = next.get();
  }
  return *at;
}

// What was not found is where its parent is.
void fill_in(Wanted& wanted) {
  for (auto& [token, child] : wanted.children) {
    if (child->position.line == 0) child->position = wanted.position;
    fill_in(*child);
  }
}

// Over text that is known to be JSON, so nothing is checked but the end.
class JsonWalk {
 public:
  explicit JsonWalk(std::string_view text) : text_(text) {}

  void value(Wanted* wanted) {
    blanks();
    if (at_ >= text_.size()) return;
    const char c = text_[at_];
    if (wanted != nullptr && wanted->position.line == 0) wanted->position = position();
    if (wanted == nullptr || wanted->children.empty() || (c != '{' && c != '[')) return skip();
    ++at_;
    for (std::size_t index = 0; next_part(); ++index) {
      const std::unique_ptr<Wanted>* child;
      TextPosition key_position;
      if (c == '{') {
        key_position = position();
        child = wanted->find(key());
        blanks();
        ++at_;  // the colon
      } else {
        std::string token;
        append_u64(token, index);
        child = wanted->find(token);
      }
      if (child != nullptr && key_position.line != 0) (*child)->position = key_position;
      value(child == nullptr ? nullptr : child->get());
    }
  }

 private:
  void blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  // Goes to the next item or key; false, and past the bracket, if there is none.
  bool next_part() {
    blanks();
    if (at_ < text_.size() && text_[at_] == ',') {
      ++at_;
      blanks();
    }
    if (at_ >= text_.size()) return false;
    if (text_[at_] != '}' && text_[at_] != ']') return true;
    ++at_;
    return false;
  }

  std::string key() {
    const std::size_t start = at_;
    string();
    const std::string_view quoted = text_.substr(start, at_ - start);
    if (quoted.find('\\') == std::string_view::npos) return std::string(quoted.substr(1, quoted.size() - 2));
    const auto parsed = data::parse_json(quoted);
    return parsed ? std::string(parsed->string()) : std::string();
  }

  void string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    at_ = std::min(at_ + 1, text_.size());
  }

  void skip() {
    std::size_t depth = 0;
    do {
      const char c = text_[at_];
      if (c == '"') {
        string();
      } else {
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') {
          if (depth == 0) return;  // a scalar at the end of what holds it
          --depth;
        }
        if (c == ',' && depth == 0) return;
        ++at_;
      }
    } while (at_ < text_.size() &&
             (depth > 0 || (text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ']')));
  }

  TextPosition position() {
    for (; counted_ < at_; ++counted_) {
      const char c = text_[counted_];
      if (c == '\n') {
        ++line_;
        column_ = 1;
      } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
        ++column_;
      }
    }
    return {line_, column_};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1;
};

TextPosition text_position(data::YamlPosition position) {
  return {position.line, position.column};
}

void walk(const data::YamlNode& node, Wanted& wanted) {
  if (wanted.position.line == 0) wanted.position = text_position(node.position());
  if (wanted.children.empty()) return;
  for (const data::YamlEntry& entry : node.entries()) {
    const auto* child = wanted.find(entry.key);
    if (child == nullptr) continue;
    (*child)->position = text_position(entry.key_position);
    walk(entry.value, **child);
  }
  for (auto& [token, child] : wanted.children) {
    const auto index = data::parse_array_index(token);
    if (index && *index < node.items().size()) walk(node.items()[*index], *child);
  }
}

}  // namespace

std::vector<TextPosition> locate(const Document& document, std::span<const std::string> pointers) {
  Wanted root;
  std::vector<const Wanted*> places;
  for (const std::string& pointer : pointers) places.push_back(&add(root, pointer));
  if (document.is_json) {
    JsonWalk(document.text).value(&root);
  } else {
    data::YamlOptions options;
    options.limits.max_depth = 1000;  // it was within its limits when it was loaded
    const data::YamlParse parse = data::parse_yaml(document.text, options);
    walk(parse.document.root(), root);
  }
  fill_in(root);
  std::vector<TextPosition> positions;
  for (const Wanted* place : places) positions.push_back(place->position);
  return positions;
}

}  // namespace linkspan::catalog
