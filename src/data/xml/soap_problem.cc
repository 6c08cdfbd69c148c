#include "base/error_kinds.h"
#include "data/xml/characters.h"
#include "data/xml/soap.h"
#include "data/xml/soap_names.h"

namespace linkspan::data {

namespace {

std::string text_member(const JsonValue& object, std::string_view key) {
  const JsonValue* value = object.find(key);
  return value != nullptr && value->is_string() ? std::string(value->string()) : std::string();
}

void set_text(JsonValue& object, std::string_view key, const std::string& text) {
  if (!text.empty()) object.set(key, text);
}

SoapFault fault_of_soap_member(const JsonValue& soap) {
  SoapFault fault;
  fault.code = xml::fault_code(text_member(soap, "code")).value_or(SoapFaultCode::other);
  if (const JsonValue* subcodes = soap.find("subcodes"))
    for (const JsonValue& subcode : subcodes->items())
      fault.subcodes.push_back({text_member(subcode, "namespace"), text_member(subcode, "name")});
  fault.node = text_member(soap, "node");
  fault.role = text_member(soap, "role");
  fault.language = text_member(soap, "language");
  if (const JsonValue* detail = soap.find("detail")) fault.detail = *detail;
  return fault;
}

// RFC 9457 appendix B.
JsonValue problem_as_xml(const JsonValue& problem) {
  JsonValue element = JsonValue::object({{"@xmlns", "urn:ietf:rfc:7807"}});
  for (const JsonMember& member : problem.members()) {
    const JsonType type = member.value.type();
    const bool is_simple = type == JsonType::string || type == JsonType::number || type == JsonType::boolean;
    if (is_simple && xml::is_name(member.key.string())) element.set(member.key, member.value);
  }
  return JsonValue::object({{"problem", std::move(element)}});
}

bool is_client_error(const JsonValue& problem) {
  const JsonValue* status = problem.find("status");
  return status != nullptr && status->is_number() && status->as_double() >= 400 && status->as_double() < 500;
}

}  // namespace

JsonValue problem_of(const SoapFault& fault) {
  JsonValue soap = JsonValue::object({{"code", to_string(fault.code)}});
  if (!fault.subcodes.empty()) {
    JsonArrayBuilder subcodes(fault.subcodes.size());
    for (const SoapName& name : fault.subcodes)
      subcodes.add(JsonValue::object({{"namespace", name.namespace_uri}, {"name", name.local}}));
    soap.set("subcodes", subcodes.build());
  }
  set_text(soap, "node", fault.node);
  set_text(soap, "role", fault.role);
  set_text(soap, "language", fault.language);
  if (!fault.detail.is_null()) soap.set("detail", fault.detail);
  const ErrorKind& kind = errors::soap_fault;
  const int status = fault.code == SoapFaultCode::sender ? 400 : kind.status;
  return JsonValue::object({{"type", "urn:linkspan:error:" + std::string(kind.slug)},
                            {"title", kind.title},
                            {"status", status},
                            {"detail", fault.reason},
                            {"soap", std::move(soap)}});
}

SoapFault fault_of(const JsonValue& problem) {
  SoapFault fault;
  const JsonValue* soap = problem.find("soap");
  if (soap != nullptr && soap->is_object()) {
    fault = fault_of_soap_member(*soap);
  } else {
    fault.code = is_client_error(problem) ? SoapFaultCode::sender : SoapFaultCode::receiver;
    fault.detail = problem_as_xml(problem);
  }
  fault.reason = text_member(problem, "detail");
  if (fault.reason.empty()) fault.reason = text_member(problem, "title");
  if (fault.reason.empty()) fault.reason = "Error";
  return fault;
}

}  // namespace linkspan::data
