#include "catalog/reader.h"

#include <map>

#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonValue;

namespace {

std::string_view article_and_type(const JsonValue& value) {
  switch (value.type()) {
    case data::JsonType::null:
      return "null";
    case data::JsonType::boolean:
      return "a boolean";
    case data::JsonType::number:
      return "a number";
    case data::JsonType::string:
      return "a string";
    case data::JsonType::array:
      return "an array";
    case data::JsonType::object:
      return "an object";
  }
  return "something else";
}

}  // namespace

void Reader::report(Severity severity, const Node& node, std::string message) {
  if (is_full()) {
    ++problems_left_out_;
    return;
  }
  if (!reported_.emplace(node.document, node.pointer, message).second) return;
  problems_.push_back({severity, node.document, node.pointer, std::move(message)});
}

std::vector<Problem> Reader::take_problems() {
  std::vector<Problem> result = std::move(documents_.problems());
  std::map<std::uint32_t, std::vector<std::string>> pointers;
  for (const RawProblem& problem : problems_) pointers[problem.document].push_back(problem.pointer);
  std::map<std::uint32_t, std::vector<TextPosition>> positions;
  for (const auto& [document, list] : pointers) positions[document] = locate(documents_[document], list);
  std::map<std::uint32_t, std::size_t> next;
  for (RawProblem& raw : problems_) {
    const TextPosition position = positions[raw.document][next[raw.document]++];
    result.push_back({raw.severity, documents_[raw.document].name, position.line, position.column,
                      std::move(raw.pointer), "", std::move(raw.message)});
  }
  sort_by_place(result);
  if (problems_left_out_ > 0) {
    Problem more;
    more.file = documents_[0].name;
    more.message = "and " + std::to_string(problems_left_out_) + " more problems";
    result.push_back(std::move(more));
  }
  return result;
}

Node Reader::follow(Node node) {
  std::size_t hops = 0;
  while (node.value != nullptr && node.value->is_object()) {
    const JsonValue* reference = node.value->find("$ref");
    if (reference == nullptr) break;
    const Node at = node.child("$ref");
    if (!reference->is_string()) {
      error(at, "a reference must be a string, but this is " + std::string(article_and_type(*reference)));
      return {node.document, node.pointer, nullptr};
    }
    if (++hops > limits_.max_reference_hops) {
      error(at, "the references lead in a circle, or over more than " +
                    std::to_string(limits_.max_reference_hops) + " places");
      return {node.document, node.pointer, nullptr};
    }
    Result<Node> target = documents_.resolve(node.document, reference->string());
    if (!target) {
      error(at, target.error().detail());
      return {node.document, node.pointer, nullptr};
    }
    node = *std::move(target);
  }
  return node;
}

bool Reader::is_object(const Node& node, std::string_view what) {
  if (node.value == nullptr) return false;
  if (node.value->is_object()) return true;
  error(node,
        std::string(what) + " must be an object, but this is " + std::string(article_and_type(*node.value)));
  return false;
}

bool Reader::is_array(const Node& node, std::string_view what) {
  if (node.value == nullptr) return false;
  if (node.value->is_array()) return true;
  error(node,
        std::string(what) + " must be an array, but this is " + std::string(article_and_type(*node.value)));
  return false;
}

bool Reader::begin(const Node& node, ObjectKind kind) {
  const std::string_view what = to_string(kind);
  if (!is_object(node, what)) return false;
  for (const JsonMember& member : node.value->members()) {
    const std::string_view key = member.key.string();
    if (key.starts_with("x-") || is_known_field(kind, version_, key)) continue;
    std::string message = "unknown field \"" + std::string(key) + "\" in " + std::string(what) + " of " +
                          std::string(to_string(version_));
    const std::string near = is_full() ? "" : nearest_field(kind, version_, key);
    if (!near.empty()) message += "; did you mean \"" + near + "\"?";
    warn(node.child(key), std::move(message));
  }
  return true;
}

std::string Reader::string(const Node& object, std::string_view key) {
  const Node node = object.child(key);
  if (node.value == nullptr) return {};
  if (node.value->is_string()) return std::string(node.value->string());
  error(node, "\"" + std::string(key) + "\" must be a string, but this is " +
                  std::string(article_and_type(*node.value)));
  return {};
}

std::string Reader::required_string(const Node& object, std::string_view key) {
  if (object.value->find(key) == nullptr) error(object, "\"" + std::string(key) + "\" is missing");
  return string(object, key);
}

bool Reader::flag(const Node& object, std::string_view key, bool otherwise) {
  const Node node = object.child(key);
  if (node.value == nullptr) return otherwise;
  if (node.value->is_boolean()) return node.value->boolean();
  error(node, "\"" + std::string(key) + "\" must be true or false, but this is " +
                  std::string(article_and_type(*node.value)));
  return otherwise;
}

std::vector<std::string> Reader::strings(const Node& object, std::string_view key) {
  std::vector<std::string> result;
  const Node list = object.child(key);
  if (!is_array(list, "\"" + std::string(key) + "\"")) return result;
  for (std::size_t i = 0; i < list.value->size(); ++i) {
    const JsonValue& item = list.value->items()[i];
    if (item.is_string()) {
      result.emplace_back(item.string());
    } else {
      error(list.child(i), "must be a string, but this is " + std::string(article_and_type(item)));
    }
  }
  return result;
}

}  // namespace linkspan::catalog
