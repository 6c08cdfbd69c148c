#include "data/xml/namespaces.h"

namespace linkspan::data::xml {

std::optional<std::string_view> Namespaces::find(std::string_view prefix) const {
  for (auto binding = bindings_.rbegin(); binding != bindings_.rend(); ++binding)
    if (binding->prefix == prefix) return binding->uri;
  if (prefix.empty()) return "";
  if (prefix == "xml") return kXmlNamespace;
  return std::nullopt;
}

bool Namespaces::is_declared_here(std::string_view prefix) const {
  for (std::size_t i = elements_.back(); i < bindings_.size(); ++i)
    if (bindings_[i].prefix == prefix) return true;
  return false;
}

std::vector<std::string_view> Namespaces::prefixes() const {
  std::vector<std::string_view> prefixes;
  prefixes.reserve(bindings_.size());
  for (const Binding& binding : bindings_) prefixes.push_back(binding.prefix);
  return prefixes;
}

std::optional<std::string_view> declared_prefix(std::string_view attribute) {
  if (attribute == "xmlns") return "";
  if (attribute.starts_with("xmlns:")) return attribute.substr(6);
  return std::nullopt;
}

// Sections 2.2 and 3.
const char* declaration_fault(std::string_view prefix, std::string_view uri) {
  if (prefix == "xmlns") return "the prefix \"xmlns\" cannot be declared";
  if ((prefix == "xml") != (uri == kXmlNamespace))
    return "the prefix \"xml\" and its namespace belong together";
  if (uri == kXmlnsNamespace) return "the namespace of \"xmlns\" cannot be declared";
  if (!prefix.empty() && uri.empty()) return "a prefix cannot stand for no namespace";
  return nullptr;
}

}  // namespace linkspan::data::xml
