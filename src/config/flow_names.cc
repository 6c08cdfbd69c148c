// Names that stand in flows: operations, schemas, events.
#include <algorithm>

#include "base/strings.h"
#include "config/flow_types.h"
#include "config/scalar_types.h"
#include "config/show_writer.h"

namespace linkspan::config {
namespace {

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; });
}

// What stands before and behind a sign, such as "stock" and "createReservation".
bool has_two_parts(std::string_view text, char sign) {
  const std::size_t at = text.find(sign);
  return at != std::string_view::npos && at > 0 && text.back() != sign && is_visible(text);
}

class OperationNameType : public ScalarType {
 public:
  bool is_absent(const void* value) const override { return static_cast<const std::string*>(value)->empty(); }
  void show(const void* value, ShowWriter& writer) const override {
    writer.text(*static_cast<const std::string*>(value));
  }
  void write_schema(JsonStringWriter& json) const override { json.member("type", "string"); }
  std::string form() const override { return "operation"; }

 protected:
  std::string expected() const override { return "an operation of an api, such as stock.createReservation"; }
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    const std::string_view text = scalar.node.text();
    if (!has_two_parts(text, '.')) {
      decoder.mismatch(scalar.node, scalar.from_reference, expected());
      return false;
    }
    decoder.use_name("operation", scalar);
    *static_cast<std::string*>(out) = text;
    return true;
  }
};

// Of CallArguments.
class OperationType final : public OperationNameType {
 public:
  bool is_absent(const void* value) const override {
    return OperationNameType::is_absent(&static_cast<const CallArguments*>(value)->call);
  }
  void show(const void* value, ShowWriter& writer) const override {
    OperationNameType::show(&static_cast<const CallArguments*>(value)->call, writer);
  }

 protected:
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    auto& call = *static_cast<CallArguments*>(out);
    const YamlPosition at = scalar.node.position();
    call.call_origin = {at.file, at.line, at.column};
    return OperationNameType::read(scalar, decoder, &call.call);
  }
};

class SchemaNameType final : public ScalarType {
 public:
  bool is_absent(const void* value) const override { return static_cast<const std::string*>(value)->empty(); }
  void show(const void* value, ShowWriter& writer) const override {
    writer.text(*static_cast<const std::string*>(value));
  }
  void write_schema(JsonStringWriter& json) const override { json.member("type", "string"); }
  std::string form() const override { return "schema"; }

 protected:
  std::string expected() const override { return "a schema of an api, such as shop#Order"; }
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    const std::string_view text = scalar.node.text();
    if (!has_two_parts(text, '#')) {
      decoder.mismatch(scalar.node, scalar.from_reference, expected());
      return false;
    }
    decoder.use_name("api", text.substr(0, text.find('#')), scalar);
    *static_cast<std::string*>(out) = text;
    return true;
  }
};

bool is_event_name(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || std::string_view("_.-/").find(c) != std::string_view::npos;
  });
}

}  // namespace

Typed<CallArguments> operation() {
  return Typed<CallArguments>(std::make_shared<OperationType>());
}

Typed<std::string> operation_name() {
  return Typed<std::string>(std::make_shared<OperationNameType>());
}

Typed<std::string> schema_name() {
  return Typed<std::string>(std::make_shared<SchemaNameType>());
}

Typed<std::string> event_name() {
  return text({.form = "event",
               .expected = "the name of an event, such as order.paid: letters, digits and _ . - /",
               .pattern = "[A-Za-z0-9_./-]{1,128}"},
              is_event_name);
}

}  // namespace linkspan::config
