// From values to XML text, by the mapping of docs/xml.md. Internal; one Writer per text. Recurses to
// max_depth, which XmlLimits::kMostDepth bounds.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "data/json.h"
#include "data/xml/namespaces.h"
#include "data/xml/shape.h"
#include "data/xml/xml.h"

namespace linkspan::data::xml {

class Writer {
 public:
  // `shapes` may be null where no shape is written.
  Writer(const XmlLimits& limits, const ShapeSet* shapes);

  // Each returns false where it failed; take_error() then says how and where.
  bool document(const JsonValue& value);
  bool element(std::string_view name, const JsonValue& value);
  bool shaped_element(std::string_view name, const JsonValue& value, const Shape& shape);
  // A start tag with these attributes (all members of `attributes`, which lives until end()), to be closed.
  bool start(std::string_view name, const JsonValue& attributes);
  bool end(std::string_view name);

  void append_raw(std::string_view markup) { out_ += markup; }
  // Where in the value errors are said to be.
  void set_pointer(std::string_view pointer) { pointer_ = pointer; }

  Error take_error() { return std::move(*error_); }
  std::string take_text() { return std::move(out_); }

 private:
  using WrittenAttributes = std::vector<std::pair<std::string, std::string>>;  // local name, namespace

  bool fail(std::string_view message);
  bool enter(const JsonValue& value);
  bool leave(std::string_view name, std::size_t tag_end);
  bool check_name(std::string_view name, bool is_attribute);

  // writer_content.cc
  bool plain_element(const std::string& name, const JsonValue& value);
  bool attributes(const JsonValue& object);
  bool attribute_member(const JsonMember& member, WrittenAttributes& written);
  bool no_attribute_twice(WrittenAttributes& written);
  bool attribute(std::string_view name, const JsonValue& value);
  void nil_attributes();
  bool content(const JsonValue& value);
  bool members(const JsonValue& object);
  bool member(std::string_view key, const JsonValue& value);
  bool named(std::string_view key, const JsonValue& value);
  bool listed(const JsonValue& list);
  bool marked(std::string_view key, const JsonValue& value);
  bool comment(std::string_view text);
  bool cdata(std::string_view text);
  bool instruction(std::string_view target, std::string_view text);
  bool text(const JsonValue& value);
  bool scalar(const JsonValue& value, std::string& text);
  bool check_characters(std::string_view text);

  // writer_shaped.cc
  std::string shaped_name(std::string_view local, const Shape& shape, bool is_attribute,
                          std::string& declarations);
  bool shaped_attributes(const JsonValue& object, const Shape& shape);
  bool shaped_content(const JsonValue& value, const Shape& shape, std::string_view local);
  bool shaped_member(const ShapeProperty& property, std::string_view name, const JsonValue& value);

  XmlLimits limits_;
  const ShapeSet* shapes_;
  std::string out_;
  std::string pointer_;
  Namespaces namespaces_;
  std::uint32_t depth_ = 0;
  std::uint32_t roots_ = 0;
  std::deque<std::string> made_prefixes_;  // views into them stay
  std::optional<Error> error_;
};

}  // namespace linkspan::data::xml
