#include "data/xml/soap.h"

#include <pugixml.hpp>

#include "base/error_kinds.h"
#include "data/in_quotes.h"
#include "data/xml/characters.h"
#include "data/xml/reader.h"
#include "data/xml/soap_names.h"
#include "data/xml/tree.h"

namespace linkspan::data {

std::string_view soap_namespace(SoapVersion version) {
  return version == SoapVersion::v1_1 ? "http://schemas.xmlsoap.org/soap/envelope/"
                                      : "http://www.w3.org/2003/05/soap-envelope";
}

std::string_view soap_media_type(SoapVersion version) {
  return version == SoapVersion::v1_1 ? "text/xml" : "application/soap+xml";
}

std::string_view to_string(SoapFaultCode code) {
  switch (code) {
    case SoapFaultCode::version_mismatch:
      return "VersionMismatch";
    case SoapFaultCode::must_understand:
      return "MustUnderstand";
    case SoapFaultCode::data_encoding_unknown:
      return "DataEncodingUnknown";
    case SoapFaultCode::sender:
      return "Sender";
    case SoapFaultCode::receiver:
      return "Receiver";
    default:
      return "other";
  }
}

namespace xml {

std::optional<SoapFaultCode> fault_code(std::string_view local) {
  if (local == "Client") return SoapFaultCode::sender;
  if (local == "Server") return SoapFaultCode::receiver;
  for (const auto code :
       {SoapFaultCode::version_mismatch, SoapFaultCode::must_understand, SoapFaultCode::data_encoding_unknown,
        SoapFaultCode::sender, SoapFaultCode::receiver})
    if (to_string(code) == local) return code;
  return std::nullopt;
}

std::string_view fault_word(SoapFaultCode code, SoapVersion version) {
  if (code == SoapFaultCode::other) return {};
  if (version == SoapVersion::v1_2) return to_string(code);
  if (code == SoapFaultCode::sender) return "Client";
  if (code == SoapFaultCode::receiver || code == SoapFaultCode::data_encoding_unknown) return "Server";
  return to_string(code);
}

namespace {

class SoapReader {
 public:
  SoapReader(const XmlReadOptions& options, const ShapeSet* shapes)
      : reader_(options, shapes), shapes_(shapes) {}

  Result<SoapEnvelope> envelope(const pugi::xml_node& root);

 private:
  struct Parts {
    pugi::xml_node header;
    pugi::xml_node body;
  };

  Result<Parts> parts(const pugi::xml_node& root);
  Result<JsonValue> body(const pugi::xml_node& body);
  bool is_soap(const pugi::xml_node& element, std::string_view local);
  std::string uri_of(const pugi::xml_node& element);
  pugi::xml_node child(const pugi::xml_node& element, std::string_view local);
  std::string text(const pugi::xml_node& element);
  SoapName name(const pugi::xml_node& element);
  JsonValue content(const pugi::xml_node& element);
  SoapFault fault(const pugi::xml_node& element);
  void code_1_1(const pugi::xml_node& element, SoapFault& fault);
  void code_1_2(const pugi::xml_node& code, SoapFault& fault);

  Reader reader_;
  const ShapeSet* shapes_;
  std::string namespace_;  // of the envelope
};

Error not_soap(std::string message) {
  return Error(errors::soap_invalid, std::move(message));
}

std::string SoapReader::uri_of(const pugi::xml_node& element) {
  reader_.enter(element);
  std::string uri(reader_.namespace_of(split_name(element.name()).prefix));
  reader_.leave();
  return uri;
}

bool SoapReader::is_soap(const pugi::xml_node& element, std::string_view local) {
  return split_name(element.name()).local == local && uri_of(element) == namespace_;
}

Result<SoapEnvelope> SoapReader::envelope(const pugi::xml_node& root) {
  if (split_name(root.name()).local != "Envelope")
    return not_soap("the root element is " + in_quotes(root.name()) + ", not a SOAP envelope");
  namespace_ = uri_of(root);
  SoapEnvelope envelope;
  if (namespace_ == soap_namespace(SoapVersion::v1_2))
    envelope.version = SoapVersion::v1_2;
  else if (namespace_ != soap_namespace(SoapVersion::v1_1))
    return not_soap("the envelope's namespace, " + in_quotes(namespace_) +
                    ", is neither of SOAP 1.1 nor 1.2");
  reader_.enter(root);
  const auto found = parts(root);
  if (!found) return Error(errors::soap_invalid, found.error().detail());
  if (found->header) {
    envelope.header = content(found->header);
    if (envelope.header.is_null()) envelope.header = JsonValue::empty_object();
  }
  reader_.enter(found->body);
  const pugi::xml_node fault_element = child(found->body, "Fault");
  const bool is_fault = fault_element && is_soap(fault_element, "Fault");
  if (is_fault) envelope.fault = fault(fault_element);
  reader_.leave();
  if (is_fault) return envelope;
  auto value = body(found->body);
  if (!value) return std::move(value).error();
  envelope.body = std::move(*value);
  return envelope;
}

Result<SoapReader::Parts> SoapReader::parts(const pugi::xml_node& root) {
  Parts found;
  for (const Child& child : children_of(root, {.layout = false, .comments = false, .cdata = false})) {
    if (child.kind != ChildKind::element) {
      if (is_blank(child.text)) continue;
      return not_soap("text between the parts of the envelope");
    }
    const pugi::xml_node node(child.node);
    if (is_soap(node, "Header") && !found.header && !found.body)
      found.header = node;
    else if (is_soap(node, "Body") && !found.body)
      found.body = node;
    else
      return not_soap("the element " + in_quotes(child.name) +
                      " does not belong where it stands in the envelope");
  }
  if (!found.body) return not_soap("the envelope has no body");
  return found;
}

Result<JsonValue> SoapReader::body(const pugi::xml_node& body) {
  if (shapes_ == nullptr) return content(body);
  reader_.enter(body);
  JsonValue value;
  std::size_t elements = 0;
  for (const Child& child : children_of(body, {.layout = false, .comments = false, .cdata = false})) {
    if (child.kind != ChildKind::element && is_blank(child.text)) continue;
    if (child.kind != ChildKind::element || ++elements > 1)
      return not_soap("the body holds more than one element");
    const std::string_view local = split_name(child.name).local;
    if (!shapes_->root_name.empty() && local != shapes_->root_name)
      return Error(errors::xml_mismatch, "the element in the body is " + in_quotes(local) + ", not " +
                                             in_quotes(shapes_->root_name) + " as the schema says");
    value = reader_.shaped_element(pugi::xml_node(child.node), shapes_->root());
  }
  reader_.leave();
  return value;
}

// The first child element of that name, whatever its namespace: many systems get that of faults wrong.
pugi::xml_node SoapReader::child(const pugi::xml_node& element, std::string_view local) {
  for (const pugi::xml_node node : element)
    if (node.type() == pugi::node_element && split_name(node.name()).local == local) return node;
  return {};
}

std::string SoapReader::text(const pugi::xml_node& element) {
  std::string text;
  for (const Child& child : children_of(element, {.layout = true, .comments = false, .cdata = false}))
    text += child.text;
  return std::string(trim_blanks(text));
}

// A qualified name in the text of an element.
SoapName SoapReader::name(const pugi::xml_node& element) {
  const std::string value = text(element);
  const QualifiedName parts = split_name(value);
  reader_.enter(element);
  SoapName name{std::string(reader_.namespace_of(parts.prefix)), std::string(parts.local)};
  reader_.leave();
  return name;
}

JsonValue SoapReader::content(const pugi::xml_node& element) {
  if (!element) return {};
  reader_.enter(element);
  JsonValue value = reader_.detached_content(element);
  reader_.leave();
  return value;
}

SoapFault SoapReader::fault(const pugi::xml_node& element) {
  SoapFault fault;
  reader_.enter(element);
  const pugi::xml_node old_code = child(element, "faultcode");
  if (old_code || !child(element, "Code")) {
    code_1_1(old_code, fault);
    const pugi::xml_node reason = child(element, "faultstring");
    fault.reason = text(reason);
    fault.language = reason.attribute("xml:lang").value();
    fault.role = text(child(element, "faultactor"));
    fault.detail = content(child(element, "detail"));
  } else {
    code_1_2(child(element, "Code"), fault);
    const pugi::xml_node reason = child(child(element, "Reason"), "Text");
    fault.reason = text(reason);
    fault.language = reason.attribute("xml:lang").value();
    fault.node = text(child(element, "Node"));
    fault.role = text(child(element, "Role"));
    fault.detail = content(child(element, "Detail"));
  }
  reader_.leave();
  return fault;
}

// SOAP 1.1 section 4.4.1: the part before a dot is the general code.
void SoapReader::code_1_1(const pugi::xml_node& element, SoapFault& fault) {
  SoapName code = name(element);
  const std::string_view local = code.local;
  const auto known = fault_code(local.substr(0, local.find('.')));
  const bool is_ours = known && (code.namespace_uri == namespace_ || code.namespace_uri.empty());
  fault.code = is_ours ? *known : SoapFaultCode::other;
  if ((!is_ours || local.find('.') != std::string_view::npos) && !local.empty())
    fault.subcodes.push_back(std::move(code));
}

void SoapReader::code_1_2(const pugi::xml_node& code, SoapFault& fault) {
  std::size_t entered = 0;
  for (pugi::xml_node at = code; at; at = child(at, "Subcode")) {
    reader_.enter(at);
    ++entered;
    SoapName value = name(child(at, "Value"));
    if (entered > 1)
      fault.subcodes.push_back(std::move(value));
    else if (const auto known = fault_code(value.local))
      fault.code = *known;
    else
      fault.code = SoapFaultCode::other;
  }
  for (; entered > 0; --entered) reader_.leave();
}

}  // namespace
}  // namespace xml

Result<SoapEnvelope> parse_soap(std::string_view text, const XmlReadOptions& options) {
  auto tree = xml::Tree::load(text, options.limits);
  if (!tree) return std::move(tree).error();
  const xml::ShapeSet* shapes = options.shape == nullptr ? nullptr : &options.shape->shapes();
  return xml::SoapReader(options, shapes).envelope(tree->root());
}

}  // namespace linkspan::data
