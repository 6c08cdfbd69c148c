// The files of an API description, and what `$ref` in them leads to.
//
// resolve() may load a file, through the loader that was given: paths are relative to the root folder, with
// "/" between their parts, and never lead out of it; nothing is fetched over a network. find() only looks at
// what is loaded. Loading is for one thread; afterwards any thread may call the const members. Documents stay
// where they are in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/document.h"

namespace linkspan::catalog {

// The text of a file of the root folder. Fails with errors::api_unreadable, or what else says why not.
using DocumentLoader = std::function<Result<std::string>(const std::string& path)>;

// Reads files of `folder` and below, links followed only where they stay inside.
DocumentLoader folder_loader(std::string folder, std::size_t max_bytes = DocumentLimits{}.max_bytes);

struct LoadLimits {
  DocumentLimits document;
  std::size_t max_documents = 500;
  std::size_t max_total_bytes = 128 * 1024 * 1024;
  std::size_t max_references = 500'000;
  std::size_t max_reference_hops = 64;  // references that lead to references
  std::size_t max_operations = 20'000;
  std::size_t max_parameters = 500;  // of one operation
  std::size_t max_problems = 1'000;
};

// A place in a document, and what is there.
struct Node {
  std::uint32_t document = 0;
  std::string pointer;
  const data::JsonValue* value = nullptr;  // lives in the document

  Node child(std::string_view key) const;  // `value` is nullptr if there is none
  Node child(std::size_t index) const;     // index < value->size()
};

class DocumentSet {
 public:
  DocumentSet(DocumentLoader loader, const LoadLimits& limits);

  // The first document; what is wrong with it is in problems().
  const Document* load_root(const std::string& path);

  std::size_t size() const { return documents_.size(); }
  const Document& operator[](std::uint32_t index) const { return *documents_[index]; }

  // What a reference that stands in `document` leads to, one hop. Problems inside a file that is loaded on
  // the way are in problems().
  Result<Node> resolve(std::uint32_t document, std::string_view reference);
  // The place itself; `value` is nullptr if there is nothing.
  Node at(std::uint32_t document, const std::string& pointer) const;
  // As resolve(), among what is loaded; `value` is nullptr if there is nothing.
  Node find(std::uint32_t document, std::string_view reference) const;

  std::vector<Problem>& problems() { return problems_; }

 private:
  struct Named {
    std::uint32_t document;
    std::string pointer;
  };

  Result<std::uint32_t> load(const std::string& path);
  void index_names(std::uint32_t document);
  std::optional<std::uint32_t> find_document(std::uint32_t from, std::string_view uri) const;
  Node find_in(std::uint32_t document, std::string_view fragment) const;

  DocumentLoader loader_;
  LoadLimits limits_;
  std::size_t total_bytes_ = 0;
  std::vector<std::unique_ptr<Document>> documents_;
  std::map<std::string, std::uint32_t, std::less<>> by_path_;
  std::map<std::string, std::string, std::less<>> failed_;  // by path: why
  std::map<std::string, Named, std::less<>> by_id_;         // `$self` and absolute `$id`
  std::map<std::pair<std::uint32_t, std::string>, std::string, std::less<>> anchors_;
  std::vector<Problem> problems_;
};

}  // namespace linkspan::catalog
