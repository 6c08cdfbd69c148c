// The namespace declarations in scope while a document is walked (Namespaces in XML 1.0). Belongs to one
// walk.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::data::xml {

inline constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";
inline constexpr std::string_view kXmlnsNamespace = "http://www.w3.org/2000/xmlns/";
inline constexpr std::string_view kInstanceNamespace = "http://www.w3.org/2001/XMLSchema-instance";

class Namespaces {
 public:
  // Around each element.
  void open() { elements_.push_back(bindings_.size()); }
  void close() {
    bindings_.resize(elements_.back());
    elements_.pop_back();
  }

  // Within the open element; the prefix is a view that must stay, "" for the default namespace.
  void declare(std::string_view prefix, std::string_view uri) {
    bindings_.push_back({prefix, std::string(uri)});
  }

  // The namespace of a prefix, nullopt if it is not declared; that of "" is "" where there is no default.
  std::optional<std::string_view> find(std::string_view prefix) const;

  // Whether the open element itself declares the prefix.
  bool is_declared_here(std::string_view prefix) const;

  // Of all declarations in scope, some perhaps several times.
  std::vector<std::string_view> prefixes() const;

  // Declarations in scope, hidden ones included.
  std::size_t size() const { return bindings_.size(); }

 private:
  struct Binding {
    std::string_view prefix;
    std::string uri;
  };
  std::vector<Binding> bindings_;
  std::vector<std::size_t> elements_;  // how many bindings there were before each
};

// If an attribute of this name declares a namespace: its prefix, "" for the default.
std::optional<std::string_view> declared_prefix(std::string_view attribute);

// Why a declaration is not allowed, nullptr if it is.
const char* declaration_fault(std::string_view prefix, std::string_view uri);

}  // namespace linkspan::data::xml
