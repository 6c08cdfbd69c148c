#include "catalog/document_set.h"

#include "base/error_kinds.h"
#include "catalog/uri.h"
#include "data/json_pointer.h"

namespace linkspan::catalog {

namespace {

using data::JsonValue;

// What a URI without scheme names in the root folder.
std::string path_of(std::string_view uri) {
  return percent_decode(uri.substr(0, uri.find('?')));
}

struct Visit {
  std::string pointer;
  const JsonValue* value;
};

}  // namespace

Node Node::child(std::string_view key) const {
  Node result{document, pointer, value->find(key)};
  data::append_pointer_token(result.pointer, key);
  return result;
}

Node Node::child(std::size_t index) const {
  Node result{document, pointer, &value->items()[index]};
  data::append_pointer_token(result.pointer, index);
  return result;
}

DocumentSet::DocumentSet(DocumentLoader loader, const LoadLimits& limits)
    : loader_(std::move(loader)), limits_(limits) {}

const Document* DocumentSet::load_root(const std::string& path) {
  const std::size_t known = problems_.size();
  const Result<std::uint32_t> loaded = load(path);
  if (loaded) return documents_[*loaded].get();
  if (problems_.size() == known) {
    Problem problem;
    problem.file = path;
    problem.message = loaded.error().detail();
    problems_.push_back(std::move(problem));
  }
  return nullptr;
}

Result<std::uint32_t> DocumentSet::load(const std::string& path) {
  if (const auto known = by_path_.find(path); known != by_path_.end()) return known->second;
  if (const auto known = failed_.find(path); known != failed_.end())
    return Error(errors::api_unreadable, known->second);
  const auto fail = [&](std::string why) {
    failed_.emplace(path, why);
    return Error(errors::api_unreadable, std::move(why));
  };
  if (path == ".." || path.starts_with("../") || path.starts_with('/'))
    return fail("the file \"" + path + "\" is outside of the folder of this description");
  if (documents_.size() >= limits_.max_documents || failed_.size() >= limits_.max_documents)
    return fail("more than " + std::to_string(limits_.max_documents) + " files");
  Result<std::string> text = loader_(path);
  if (!text) return fail(text.error().detail());
  total_bytes_ += text->size();
  if (total_bytes_ > limits_.max_total_bytes)
    return fail("the files have more than " + std::to_string(limits_.max_total_bytes) + " bytes in all");
  auto document = std::make_unique<Document>();
  document->name = path;
  document->base = path;
  document->text = *std::move(text);
  if (!parse_document(*document, limits_.document, problems_))
    return fail("the file \"" + path + "\" is neither JSON nor YAML");
  if (const JsonValue* self = document->root.find("$self"); self != nullptr && self->is_string())
    document->base = resolve_uri(path, split_fragment(self->string()).uri);
  const auto index = static_cast<std::uint32_t>(documents_.size());
  documents_.push_back(std::move(document));
  by_path_.emplace(path, index);
  if (documents_[index]->base != path) by_id_.try_emplace(documents_[index]->base, Named{index, ""});
  index_names(index);
  return index;
}

void DocumentSet::index_names(std::uint32_t document) {
  const Document& whole = *documents_[document];
  if (whole.text.find("$anchor") == std::string::npos &&
      whole.text.find("$dynamicAnchor") == std::string::npos && whole.text.find("$id") == std::string::npos)
    return;
  std::vector<Visit> open{{"", &whole.root}};
  while (!open.empty()) {
    const Visit visit = std::move(open.back());
    open.pop_back();
    for (std::size_t i = 0; i < visit.value->items().size(); ++i) {
      open.push_back({visit.pointer, &visit.value->items()[i]});
      data::append_pointer_token(open.back().pointer, i);
    }
    for (const data::JsonMember& member : visit.value->members()) {
      const std::string_view key = member.key.string();
      if (member.value.is_string()) {
        if (key == "$anchor" || key == "$dynamicAnchor")
          anchors_.try_emplace({document, std::string(member.value.string())}, visit.pointer);
        if (key == "$id" && has_scheme(member.value.string()))
          by_id_.try_emplace(std::string(split_fragment(member.value.string()).uri),
                             Named{document, visit.pointer});
      } else if (member.value.is_object() || member.value.is_array()) {
        open.push_back({visit.pointer, &member.value});
        data::append_pointer_token(open.back().pointer, key);
      }
    }
  }
}

Node DocumentSet::at(std::uint32_t document, const std::string& pointer) const {
  const Result<data::JsonPointer> parsed = data::JsonPointer::parse(pointer);
  return {document, pointer, parsed ? parsed->find(documents_[document]->root) : nullptr};
}

Node DocumentSet::find_in(std::uint32_t document, std::string_view fragment) const {
  if (fragment.empty() || fragment.starts_with('/')) return at(document, percent_decode(fragment));
  const auto found = anchors_.find(std::pair(document, percent_decode(fragment)));
  return found == anchors_.end() ? Node{} : at(document, found->second);
}

std::optional<std::uint32_t> DocumentSet::find_document(std::uint32_t from, std::string_view uri) const {
  const std::string absolute = resolve_uri(documents_[from]->base, uri);
  if (const auto known = by_id_.find(absolute); known != by_id_.end() && known->second.pointer.empty())
    return known->second.document;
  // A relative reference leads to a file beside this one also if this one calls itself by an address.
  const std::string beside =
      has_scheme(absolute) && !has_scheme(uri) ? resolve_uri(documents_[from]->name, uri) : absolute;
  const auto known = by_path_.find(path_of(beside));
  if (known == by_path_.end()) return std::nullopt;
  return known->second;
}

Node DocumentSet::find(std::uint32_t document, std::string_view reference) const {
  if (document >= documents_.size()) return {};
  const auto [uri, fragment] = split_fragment(reference);
  if (uri.empty()) return find_in(document, fragment);
  if (const auto target = find_document(document, uri)) return find_in(*target, fragment);
  const auto named = by_id_.find(resolve_uri(documents_[document]->base, uri));
  if (named == by_id_.end()) return {};
  if (!fragment.empty() && !fragment.starts_with('/')) return find_in(named->second.document, fragment);
  return at(named->second.document, named->second.pointer + percent_decode(fragment));
}

Result<Node> DocumentSet::resolve(std::uint32_t document, std::string_view reference) {
  Node node = find(document, reference);
  if (node.value != nullptr) return node;
  const auto [uri, fragment] = split_fragment(reference);
  const std::string quoted = "\"" + std::string(reference) + "\"";
  if (!uri.empty() && !find_document(document, uri)) {
    if (has_scheme(uri) || uri.starts_with("//"))
      return Error(errors::api_invalid,
                   "the reference " + quoted + " leads to another machine; nothing is fetched from there");
    const Result<std::uint32_t> loaded = load(path_of(resolve_uri(documents_[document]->name, uri)));
    if (!loaded)
      return Error(loaded.error().kind(),
                   "the reference " + quoted + " leads nowhere: " + loaded.error().detail());
    node = find_in(*loaded, fragment);
    if (node.value != nullptr) return node;
  }
  return Error(errors::api_invalid, "the reference " + quoted + " leads nowhere");
}

}  // namespace linkspan::catalog
