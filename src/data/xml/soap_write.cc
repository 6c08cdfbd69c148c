#include "base/error_kinds.h"
#include "data/xml/soap.h"
#include "data/xml/soap_names.h"
#include "data/xml/writer.h"

namespace linkspan::data {

namespace {

// A qualified name as the text of an element.
JsonValue name_value(const SoapName& name, SoapVersion version) {
  if (name.namespace_uri == soap_namespace(version)) return "soap:" + name.local;
  if (name.namespace_uri.empty()) return name.local;
  return JsonValue::object({{"@xmlns:f", name.namespace_uri}, {"#text", "f:" + name.local}});
}

// SOAP 1.1 has room for one code: the general one, unless the special one is a refinement of it or all there
// is.
JsonValue code_1_1(const SoapFault& fault) {
  const bool has_special = !fault.subcodes.empty();
  const std::string_view word = xml::fault_word(fault.code, SoapVersion::v1_1);
  if (has_special && (word.empty() || fault.subcodes[0].namespace_uri == soap_namespace(SoapVersion::v1_1)))
    return name_value(fault.subcodes[0], SoapVersion::v1_1);
  return "soap:" + std::string(word.empty() ? "Server" : word);
}

JsonValue reason_value(const SoapFault& fault, std::string_view language) {
  if (language.empty()) return fault.reason;
  return JsonValue::object({{"@xml:lang", language}, {"#text", fault.reason}});
}

JsonValue fault_1_1(const SoapFault& fault) {
  JsonValue value = JsonValue::object(
      {{"faultcode", code_1_1(fault)}, {"faultstring", reason_value(fault, fault.language)}});
  if (!fault.role.empty()) value.set("faultactor", fault.role);
  if (!fault.detail.is_null()) value.set("detail", fault.detail);
  return value;
}

JsonValue code_1_2(const SoapFault& fault) {
  const std::string_view word = xml::fault_word(fault.code, SoapVersion::v1_2);
  JsonValue code =
      JsonValue::object({{"soap:Value", "soap:" + std::string(word.empty() ? "Receiver" : word)}});
  JsonValue subcode;
  for (auto name = fault.subcodes.rbegin(); name != fault.subcodes.rend(); ++name) {
    JsonValue outer = JsonValue::object({{"soap:Value", name_value(*name, SoapVersion::v1_2)}});
    if (!subcode.is_null()) outer.set("soap:Subcode", std::move(subcode));
    subcode = std::move(outer);
  }
  if (!subcode.is_null()) code.set("soap:Subcode", std::move(subcode));
  return code;
}

JsonValue fault_1_2(const SoapFault& fault) {
  const std::string_view language = fault.language.empty() ? "en" : std::string_view(fault.language);
  JsonValue value =
      JsonValue::object({{"soap:Code", code_1_2(fault)},
                         {"soap:Reason", JsonValue::object({{"soap:Text", reason_value(fault, language)}})}});
  if (!fault.node.empty()) value.set("soap:Node", fault.node);
  if (!fault.role.empty()) value.set("soap:Role", fault.role);
  if (!fault.detail.is_null()) value.set("soap:Detail", fault.detail);
  return value;
}

JsonValue fault_body(const SoapFault& fault, SoapVersion version) {
  return JsonValue::object(
      {{"soap:Fault", version == SoapVersion::v1_1 ? fault_1_1(fault) : fault_1_2(fault)}});
}

bool write_body(xml::Writer& writer, const JsonValue& body, const xml::ShapeSet* shapes) {
  if (shapes == nullptr) return writer.element("soap:Body", body);
  const JsonValue no_attributes = JsonValue::empty_object();
  return writer.start("soap:Body", no_attributes) &&
         writer.shaped_element(shapes->root_name, body, shapes->root()) && writer.end("soap:Body");
}

JsonValue object_or_empty(const JsonValue& value) {
  return value.is_null() ? JsonValue::empty_object() : value;
}

}  // namespace

Result<std::string> write_soap(const SoapEnvelope& envelope, const XmlWriteOptions& options) {
  const xml::ShapeSet* shapes =
      options.shape == nullptr || envelope.fault ? nullptr : &options.shape->shapes();
  const JsonValue body = envelope.fault      ? fault_body(*envelope.fault, envelope.version)
                         : shapes == nullptr ? object_or_empty(envelope.body)
                                             : envelope.body;
  if (shapes == nullptr && !body.is_object())
    return Error(errors::xml_unwritable, "the SOAP body is no object");
  if (!envelope.header.is_null() && !envelope.header.is_object())
    return Error(errors::xml_unwritable, "the SOAP header is no object");
  xml::Writer writer(options.limits, shapes);
  if (options.declaration) writer.append_raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  const JsonValue namespaces = JsonValue::object({{"@xmlns:soap", soap_namespace(envelope.version)}});
  if (!writer.start("soap:Envelope", namespaces)) return writer.take_error();
  if (!envelope.header.is_null() && !writer.element("soap:Header", envelope.header))
    return writer.take_error().context("the SOAP header");
  if (!write_body(writer, body, shapes)) return writer.take_error().context("the SOAP body");
  if (!writer.end("soap:Envelope")) return writer.take_error();
  return writer.take_text();
}

}  // namespace linkspan::data
