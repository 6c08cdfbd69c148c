// Whether a text is well-formed XML 1.0 with namespaces, without a document type declaration, and within the
// limits: what pugixml, which is lenient by design, does not ask. Runs before pugixml sees the text.
//
// Does not recurse. One Checker per text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error_kinds.h"
#include "base/result.h"
#include "data/xml/encoding.h"
#include "data/xml/namespaces.h"

namespace linkspan::data::xml {

class Checker {
 public:
  // `text` must outlive the checker.
  Checker(const Text& text, const XmlLimits& limits);

  Result<void> check();

 private:
  struct Attribute {
    std::string_view name;
    std::string_view value;  // as written
    std::size_t offset;
  };
  struct ResolvedAttribute {
    std::string_view uri;
    std::string_view local;
    std::size_t offset;
  };

  // The parts return false where they failed; fault_ then says how.
  bool fail(std::size_t offset, std::string message, const ErrorKind& kind = errors::xml_invalid);
  bool expected(std::string_view what);
  bool count_node();

  bool document();
  bool prolog();
  bool markup_outside_root(bool& is_element);
  bool content();
  bool text();

  // checker_tags.cc
  bool start_tag();
  bool end_tag();
  bool attributes(bool& is_empty);
  bool attribute();
  bool declare_namespaces();
  bool resolve_prefixes(std::string_view element, std::size_t offset);
  bool resolve_attributes();

  // checker_markup.cc
  bool xml_declaration();
  bool declared_version();
  bool declared_encoding();
  bool declared_standalone();
  bool pseudo_attribute(std::string_view name, std::string_view& value);
  bool comment();
  bool cdata();
  bool instruction();
  bool reference(std::size_t& at);
  bool character_reference(std::size_t& at);
  bool delimited(std::size_t opening_bytes, std::string_view closing, std::string_view what,
                 std::string_view& inside);

  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool starts_with(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  bool skip_blanks();  // whether there were any
  std::string_view take_name(bool with_prefix);

  const Text& source_;
  std::string_view text_;
  XmlLimits limits_;
  std::size_t at_ = 0;
  std::uint64_t nodes_ = 0;
  std::vector<std::string_view> open_;  // names of the elements that are open
  std::vector<Attribute> attributes_;   // of the element being read
  std::vector<ResolvedAttribute> resolved_;
  Namespaces namespaces_;
  std::string unescaped_;

  struct Fault {
    std::size_t offset = 0;
    std::string message;
    const ErrorKind* kind = nullptr;
  };
  Fault fault_;
};

}  // namespace linkspan::data::xml
