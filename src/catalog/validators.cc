#include "catalog/validators.h"

#include "base/error_kinds.h"
#include "catalog/uri.h"
#include "data/json_pointer.h"

namespace linkspan::catalog {

namespace {

Error copy_of(const Error& error) {
  return Error(error.kind(), error.detail());
}

}  // namespace

Validators::Validators(std::shared_ptr<const DocumentSet> documents, std::vector<data::JsonValue> made,
                       data::SchemaDialect dialect)
    : documents_(std::move(documents)), made_(std::move(made)), dialect_(dialect) {}

std::string Validators::uri_of(std::uint32_t document) const {
  if (document >= kFirstMade) return "urn:linkspan:made:" + std::to_string(document - kFirstMade);
  const std::string& base = (*documents_)[document].base;
  if (has_scheme(base)) return base;
  std::string uri = "file:///";
  for (char c : base) {
    if (c == '/') {
      uri += c;
    } else {
      append_percent_encoded(uri, std::string_view(&c, 1));
    }
  }
  return uri;
}

void Validators::add_documents() {
  set_ = std::make_unique<data::SchemaSet>();
  for (std::uint32_t i = 0; i < documents_->size(); ++i) {
    // Of two that call themselves the same the first counts.
    static_cast<void>(set_->add(uri_of(i), (*documents_)[i].root, dialect_).ok());
  }
  for (std::uint32_t i = 0; i < made_.size(); ++i)
    static_cast<void>(set_->add(uri_of(kFirstMade + i), made_[i], dialect_).ok());
}

Result<data::JsonSchema> Validators::compile(const Node& node) {
  if (!set_) add_documents();
  Result<data::JsonPointer> pointer = data::JsonPointer::parse(node.pointer);
  if (!pointer) return std::move(pointer).error();
  return set_->compile(uri_of(node.document), *pointer);
}

Result<data::JsonSchema> Validators::get(const Node& node) {
  const std::lock_guard lock(mutex_);
  const std::pair key(node.document, node.pointer);
  auto found = compiled_.find(key);
  if (found == compiled_.end()) found = compiled_.emplace(key, compile(node)).first;
  if (!found->second) return copy_of(found->second.error());
  return *found->second;
}

}  // namespace linkspan::catalog
