// SOAP 1.1 and 1.2 envelopes: taken apart, put together, and their faults as problem details (RFC 9457) and
// back. Header blocks and bodies are values by the mapping of xml.h; each brings the namespace declarations
// that it needs, so that it can be used outside of its envelope.
//
//   Result<SoapEnvelope> answer = parse_soap(body);
//   if (!answer) return std::move(answer).error();
//   if (answer->fault) return problem_of(*answer->fault);
//   use(answer->body);                      // {"m:Price": {"@xmlns:m": "urn:shop", "m:amount": "12.50"}}
//
// Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/json.h"
#include "data/xml/xml.h"

namespace linkspan::data {

enum class SoapVersion : unsigned char { v1_1, v1_2 };

std::string_view soap_namespace(SoapVersion version);
// "text/xml" or "application/soap+xml".
std::string_view soap_media_type(SoapVersion version);

// By the names of SOAP 1.2; in 1.1 sender is "Client" and receiver "Server".
enum class SoapFaultCode : unsigned char {
  version_mismatch,
  must_understand,
  data_encoding_unknown,
  sender,
  receiver,
  other  // SOAP 1.1 allows any name: it is the first subcode
};

std::string_view to_string(SoapFaultCode code);  // "Sender"

struct SoapName {
  std::string namespace_uri;
  std::string local;
  bool operator==(const SoapName&) const = default;
};

struct SoapFault {
  SoapFaultCode code = SoapFaultCode::receiver;
  std::vector<SoapName> subcodes;  // from general to special; "Client.Auth" of SOAP 1.1 is one too
  std::string reason;
  std::string language;  // of the reason; the first of several reasons is taken
  std::string node;      // SOAP 1.2 only
  std::string role;      // the actor of SOAP 1.1
  JsonValue detail;      // the content as members of an object; null if there is none
};

struct SoapEnvelope {
  SoapVersion version = SoapVersion::v1_1;
  JsonValue header;  // the header blocks as members of an object; null if there is no header
  JsonValue body;    // the same of the body; with a shape the value of its one element; null if empty
  std::optional<SoapFault> fault;  // then `body` is null
};

// `options.shape` describes the element in the body. errors::soap_invalid for XML that is no envelope, and as
// parse_xml for what is no XML.
Result<SoapEnvelope> parse_soap(std::string_view text, const XmlReadOptions& options = {});

// errors::xml_unwritable as write_xml; its pointers begin in the header or body, which the message names.
// `options.exact` is not looked at.
Result<std::string> write_soap(const SoapEnvelope& envelope, const XmlWriteOptions& options = {});

// {"type": "urn:linkspan:error:soap-fault", "title", "status", "detail": the reason, "soap": {"code",
// "subcodes", "node", "role", "language", "detail"}}. The status is that of the SOAP 1.2 HTTP binding: 400
// for what the sender did wrong, else 500.
JsonValue problem_of(const SoapFault& fault);

// The fault that says what a problem document says: its "soap" member where it has one, else a sender's fault
// for a 4xx status and a receiver's for all others, with the problem in the form of RFC 9457 appendix B as
// the detail (its members that are texts, numbers or booleans).
SoapFault fault_of(const JsonValue& problem);

}  // namespace linkspan::data
