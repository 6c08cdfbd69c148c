#include "config/header_types.h"

#include <map>
#include <optional>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/scalar_types.h"
#include "config/show_writer.h"
#include "data/in_quotes.h"

namespace linkspan::config {
namespace {

constexpr std::string_view kOwnHeader = "Linkspan writes this header itself";

struct HeaderMapRules {
  bool secret = false;                                 // values are never shown
  std::optional<HeaderOf> set_on = HeaderOf::request;  // nullopt: only looked at
};

// Names of a mapping, which must be header names, each once: they compare without case.
class HeaderNames {
 public:
  HeaderNames(Decoder& decoder, const HeaderMapRules& rules) : decoder_(decoder), rules_(rules) {}

  // Within the scope of `name`.
  bool accept(const YamlEntry& entry) {
    const std::string_view name = entry.key;
    if (!is_header_name(name)) {
      decoder_.problem(entry.key_position,
                       data::in_quotes(name) + " is no header name (RFC 9110 section 5.1)");
      return false;
    }
    if (rules_.set_on && is_own_header(name, *rules_.set_on)) return refuse(entry, kOwnHeader);
    // What callers must not see of whom is decided elsewhere; a credential never goes by such a name.
    if (rules_.secret && !forwarded_key(name, HeaderOf::request).empty()) return refuse(entry, kOwnHeader);
    const auto [at, is_new] = seen_.try_emplace(to_lower_ascii(name), name);
    if (is_new) return true;
    return refuse(entry, "the same header as " + std::string(at->second) + "; give it once");
  }

 private:
  bool refuse(const YamlEntry& entry, std::string_view why) {
    decoder_.problem(entry.key_position, decoder_.subject() + ": " + std::string(why));
    return false;
  }

  Decoder& decoder_;
  const HeaderMapRules& rules_;
  std::map<std::string, std::string_view> seen_;  // as written, by the name in lower case
};

// The entries of a mapping of header fields, one by one, checked. F(name, value).
template <typename F>
bool decode_fields(const YamlNode& node, Decoder& decoder, const HeaderMapRules& rules, F take) {
  if (node.is_null()) return true;
  if (!node.is_mapping()) {
    decoder.mismatch(node, rules.secret && node.is_scalar(), "a mapping of header names to values");
    return false;
  }
  const std::size_t before = decoder.problem_count();
  HeaderNames names(decoder, rules);
  for (const YamlEntry& entry : node.entries()) {
    const Decoder::Scope scope(decoder, entry.key);
    if (!names.accept(entry)) continue;
    if (!entry.value.is_scalar() || entry.value.is_null()) {
      decoder.mismatch(entry.value, false, "the header's value");
      continue;
    }
    const Scalar scalar = decoder.resolve(entry.value);
    if (scalar.failed) continue;
    if (is_header_value(scalar.node.text())) {
      take(entry.key, scalar.node.text());
    } else {
      decoder.mismatch(scalar.node, rules.secret || scalar.from_reference,
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
  explicit HeaderMapType(std::optional<HeaderOf> set_on) : rules_{.set_on = set_on} {}

  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    return decode_fields(node, decoder, rules_, [&](std::string_view name, std::string_view value) {
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
  HeaderMapRules rules_;
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

constexpr std::string_view kExpected = "a header name such as X-Api-Key";
constexpr std::string_view kPattern = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

template <HeaderOf message>
Result<std::string> parse_removable(std::string_view text) {
  if (!is_header_name(text))
    return Error(errors::config_invalid, "this is no " + std::string(kExpected).substr(2));
  if (is_own_header(text, message)) return Error(errors::config_invalid, std::string(kOwnHeader));
  return std::string(text);
}

bool is_key_header(std::string_view text) {
  return is_header_name(text) && !is_connection_header(text);
}

}  // namespace

Typed<std::vector<HeaderField>> header_map(HeaderOf message) {
  return Typed<std::vector<HeaderField>>(std::make_shared<HeaderMapType>(message));
}

Typed<std::vector<HeaderField>> header_matches() {
  return Typed<std::vector<HeaderField>>(std::make_shared<HeaderMapType>(std::nullopt));
}

Typed<std::vector<SecretHeader>> secret_header_map() {
  return Typed<std::vector<SecretHeader>>(std::make_shared<SecretHeaderMapType>());
}

Typed<std::string> header_name() {
  return text({.form = "header name", .expected = std::string(kExpected), .pattern = std::string(kPattern)},
              is_key_header);
}

Typed<std::string> removable_header_name(HeaderOf message) {
  return parsed_text(
      {.form = "header name",
       .expected = std::string(kExpected),
       .pattern = std::string(kPattern),
       .explained = true},
      message == HeaderOf::request ? parse_removable<HeaderOf::request> : parse_removable<HeaderOf::answer>);
}

}  // namespace linkspan::config
