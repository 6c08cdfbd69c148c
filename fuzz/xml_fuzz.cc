// XML on arbitrary bytes. Invariants: what is read can be written, says the same as before (by its canonical
// form), and reads back as an equal value; so without a schema, with layout and without, and with one. The
// schema is one of three, by the last byte. JSON, instead of XML, is written if it has a form: what is
// written is well formed, and exact writing keeps its word. Envelopes read back as they were, faults as
// problems.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "data/json_parse.h"
#include "data/json_write.h"
#include "data/xml/soap.h"
#include "data/xml/xml.h"

namespace {

using namespace linkspan;
using namespace linkspan::data;

void require(bool condition) {
  if (!condition) std::abort();
}

// What is written may need more than what was read: quotes as references, declarations of its own.
constexpr XmlLimits kReading{.max_bytes = 1 << 16, .max_depth = 64, .max_nodes = 4096};
constexpr XmlLimits kWritten{.max_depth = 512, .max_attributes = 4096, .max_namespaces = 65536};

constexpr std::string_view kSchemas[] = {
    R"({"xml":{"namespace":"u","prefix":"p"},"properties":{
      "i":{"type":"integer"},"a":{"type":"integer","xml":{"attribute":true}},"n":{"type":"string","nullable":true},
      "l":{"type":"array","items":{"type":"boolean","xml":{"name":"x"}}},
      "w":{"type":"array","xml":{"wrapped":true},"items":{"type":"number","xml":{"name":"x"}}},
      "o":{"$ref":"#"},"s":{"type":"string","xml":{"namespace":"v"}}},"additionalProperties":{"type":"string"}})",
    R"({"properties":{"a":{"type":"string","xml":{"attribute":true,"namespace":"u","prefix":"p"}},
      "b":{"type":["integer","string"],"xml":{"name":"x"}},"x":{"type":"object","properties":{"t":{"type":"number","xml":{"nodeType":"text"}},
      "a":{"type":"string","xml":{"attribute":true}}}},
      "m":{"type":"array","items":{"type":"array","items":{"$ref":"#"}}}}})",
    R"({"type":"array","items":{"type":["object","string","null"],"xml":{"name":"x","namespace":"u"},"properties":{
      "c":{"type":"string","xml":{"nodeType":"cdata"}},"r":{"$ref":"#","xml":{"wrapped":true}}}}})"};

const XmlShape& shape_for(std::size_t index) {
  static const auto shapes = [] {
    std::vector<XmlShape> compiled;
    for (const std::string_view text : kSchemas) {
      const JsonValue schema = *parse_json(text);
      auto shape = XmlShape::compile(
          {.schema = schema, .name = "r", .resolve = [&](const JsonValue&) { return &schema; }});
      require(shape.ok());
      compiled.push_back(std::move(*shape));
    }
    return compiled;
  }();
  return shapes[index % std::size(kSchemas)];
}

void check_plain(std::string_view text, bool layout, bool comments, bool cdata) {
  XmlReadOptions options{
      .limits = kReading, .keep_layout = layout, .keep_comments = comments, .keep_cdata = cdata};
  const auto value = parse_xml(text, options);
  const auto canonical = canonical_xml(text, options);
  require(value.ok() == canonical.ok());
  if (!value) return;
  const auto written = write_xml(*value, {.limits = kWritten});
  require(written.ok());
  options.limits = kWritten;
  const auto again = parse_xml(*written, options);
  require(again.ok());
  require(write_json(*again) == write_json(*value));
  require(*canonical_xml(*written, options) == *canonical);
}

void check_shaped(std::string_view text, const XmlShape& shape) {
  const auto value = parse_xml(text, {.limits = kReading, .shape = &shape});
  if (!value) return;
  const auto written = write_xml(*value, {.limits = kWritten, .shape = &shape});
  require(written.ok());
  const auto again = parse_xml(*written, {.limits = kWritten, .shape = &shape});
  require(again.ok() && *again == *value);
}

void check_soap(std::string_view text) {
  const auto envelope = parse_soap(text, {.limits = kReading});
  if (!envelope) return;
  const auto written = write_soap(*envelope, {.limits = kWritten});
  require(written.ok());
  const auto again = parse_soap(*written, {.limits = kWritten});
  require(again.ok() && again->header == envelope->header && again->body == envelope->body);
  require(again->fault.has_value() == envelope->fault.has_value());
  if (envelope->fault) problem_of(fault_of(problem_of(*envelope->fault)));
}

void check_json(std::string_view text, const XmlShape& shape) {
  const auto value = parse_json(text, {.max_depth = 64});
  if (!value) return;
  for (const XmlShape* by : {static_cast<const XmlShape*>(nullptr), &shape}) {
    const auto written = write_xml(*value, {.limits = kWritten, .shape = by});
    if (!written) continue;
    require(parse_xml(*written, {.limits = kWritten}).ok());
    const auto exact = write_xml(*value, {.limits = kWritten, .exact = true, .shape = by});
    const auto again = parse_xml(*written, {.limits = kWritten, .shape = by});
    require(exact.ok() == (again.ok() && *again == *value));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const XmlShape& shape = shape_for(size == 0 ? 0 : data[size - 1]);
  if (text.starts_with('{') || text.starts_with('[')) {
    check_json(text, shape);
    return 0;
  }
  check_plain(text, false, true, true);
  check_plain(text, true, true, true);
  check_plain(text, false, false, false);
  check_shaped(text, shape);
  check_soap(text);
  return 0;
}
