#include "config/header_types.h"

#include "config/names.h"
#include "config/scalar_types.h"
#include "config/show_writer.h"
#include "data/in_quotes.h"

namespace linkspan::config {
namespace {

struct HeaderMapRules {
  bool secret = false;    // values are never shown
  bool any_name = false;  // also names that Linkspan sets itself
};

// The entries of a mapping of header fields, one by one, checked. F(name, value).
template <typename F>
bool decode_fields(const YamlNode& node, Decoder& decoder, HeaderMapRules rules, F take) {
  const bool secret = rules.secret;
  if (node.is_null()) return true;
  if (!node.is_mapping()) {
    decoder.mismatch(node, secret && node.is_scalar(), "a mapping of header names to values");
    return false;
  }
  const std::size_t before = decoder.problem_count();
  for (const YamlEntry& entry : node.entries()) {
    const Decoder::Scope scope(decoder, entry.key);
    if (!is_header_name(entry.key) || (!rules.any_name && is_connection_header(entry.key))) {
      decoder.problem(entry.key_position,
                      data::in_quotes(entry.key) + (is_header_name(entry.key)
                                                        ? " is a header that Linkspan sets by itself"
                                                        : " is no header name (RFC 9110 section 5.1)"));
      continue;
    }
    if (!entry.value.is_scalar() || entry.value.is_null()) {
      decoder.mismatch(entry.value, false, "the header's value");
      continue;
    }
    const Scalar scalar = decoder.resolve(entry.value);
    if (scalar.failed) continue;
    if (is_header_value(scalar.node.text())) {
      take(entry.key, scalar.node.text());
    } else {
      decoder.mismatch(scalar.node, secret || scalar.from_reference,
                       "a header value, without line breaks and without space around it");
    }
  }
  return decoder.problem_count() == before;
}

void write_header_map_schema(JsonStringWriter& json) {
  json.member("type", "object");
  json.key("propertyNames");
  json.begin_object();
  json.member("pattern", "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$");
  json.end_object();
  json.key("additionalProperties");
  json.begin_object();
  json.key("type");
  json.begin_array();
  for (const char* type : {"string", "number", "boolean"}) json.value(type);
  json.end_array();
  json.end_object();
}

class HeaderMapType final : public Type {
 public:
  using Fields = std::vector<HeaderField>;
  explicit HeaderMapType(bool any_name) : any_name_(any_name) {}

  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    return decode_fields(node, decoder, {.any_name = any_name_},
                         [&](std::string_view name, std::string_view value) {
                           static_cast<Fields*>(out)->push_back({std::string(name), std::string(value)});
                         });
  }
  bool is_absent(const void* value) const override { return static_cast<const Fields*>(value)->empty(); }
  void show(const void* value, ShowWriter& writer) const override {
    writer.begin_mapping();
    for (const HeaderField& field : *static_cast<const Fields*>(value)) {
      const ShowWriter::Key key(writer, field.name);
      writer.text(field.value);
    }
    writer.end_mapping();
  }
  void write_schema(JsonStringWriter& json) const override { write_header_map_schema(json); }
  std::string form() const override { return "mapping of header names to values"; }

 private:
  bool any_name_;
};

class SecretHeaderMapType final : public Type {
 public:
  using Fields = std::vector<SecretHeader>;

  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    return decode_fields(node, decoder, {.secret = true}, [&](std::string_view name, std::string_view value) {
      static_cast<Fields*>(out)->push_back({std::string(name), Secret(std::string(value))});
    });
  }
  bool is_absent(const void* value) const override { return static_cast<const Fields*>(value)->empty(); }
  void show(const void* value, ShowWriter& writer) const override {
    writer.begin_mapping();
    for (const SecretHeader& field : *static_cast<const Fields*>(value)) {
      const ShowWriter::Key key(writer, field.name);
      writer.secret();
    }
    writer.end_mapping();
  }
  void write_schema(JsonStringWriter& json) const override { write_header_map_schema(json); }
  std::string form() const override { return "mapping of header names to secret values"; }
};

bool is_settable_header(std::string_view text) {
  return is_header_name(text) && !is_connection_header(text);
}

}  // namespace

Typed<std::vector<HeaderField>> header_map() {
  return Typed<std::vector<HeaderField>>(std::make_shared<HeaderMapType>(false));
}

Typed<std::vector<HeaderField>> header_matches() {
  return Typed<std::vector<HeaderField>>(std::make_shared<HeaderMapType>(true));
}

Typed<std::vector<SecretHeader>> secret_header_map() {
  return Typed<std::vector<SecretHeader>>(std::make_shared<SecretHeaderMapType>());
}

Typed<std::string> header_name() {
  return text({.form = "header name",
               .expected = "a header name such as X-Api-Key",
               .pattern = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"},
              is_settable_header);
}

}  // namespace linkspan::config
