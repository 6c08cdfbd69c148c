#include "data/xml/soap.h"

#include <string>

#include <gtest/gtest.h>

#include "data/json_testing.h"
#include "data/json_write.h"

namespace linkspan::data {
namespace {

using testing::parsed;

std::string envelope(SoapVersion version, std::string_view inside) {
  return "<e:Envelope xmlns:e='" + std::string(soap_namespace(version)) + "'>" + std::string(inside) +
         "</e:Envelope>";
}

std::string error_of(std::string_view xml, const XmlReadOptions& options = {}) {
  auto read = parse_soap(xml, options);
  return read ? "" : read.error().to_string();
}

SoapFault fault_in(SoapVersion version, std::string_view inside) {
  auto read =
      parse_soap(envelope(version, "<e:Body><e:Fault>" + std::string(inside) + "</e:Fault></e:Body>"));
  EXPECT_TRUE(read.ok() && read->fault.has_value());
  return read && read->fault ? *read->fault : SoapFault{};
}

TEST(Soap, header_and_body_stand_alone_once_taken_out) {
  for (const auto version : {SoapVersion::v1_1, SoapVersion::v1_2}) {
    const auto read =
        parse_soap(envelope(version,
                            "<e:Header xmlns:h='urn:h'><h:token e:mustUnderstand='1'>t</h:token></e:Header>"
                            "<e:Body xmlns:m='urn:m' xmlns:xs='urn:xs' id='b'><m:Ask "
                            "kind='xs:int'><q>1</q><q>2</q></m:Ask></e:Body>"));
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    EXPECT_EQ(read->version, version);
    EXPECT_EQ(write_json(read->header), R"({"h:token":{"@xmlns:e":")" + std::string(soap_namespace(version)) +
                                            R"(","@xmlns:h":"urn:h","@e:mustUnderstand":"1","#text":"t"}})");
    EXPECT_EQ(
        write_json(read->body),
        R"({"@id":"b","m:Ask":{"@xmlns:m":"urn:m","@xmlns:xs":"urn:xs","@kind":"xs:int","q":["1","2"]}})");
    EXPECT_FALSE(read->fault);
  }
}

TEST(Soap, what_is_written_is_read_again) {
  SoapEnvelope out{.version = SoapVersion::v1_2,
                   .header = parsed(R"({"h":{"@xmlns":"urn:h","#text":"1"}})"),
                   .body = parsed(R"({"m:Ask":{"@xmlns:m":"urn:m","m:q":["1","2"]}})"),
                   .fault = {}};
  const auto text = write_soap(out, {.declaration = true});
  ASSERT_TRUE(text.ok()) << text.error().to_string();
  EXPECT_EQ(*text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"><soap:Header><h "
            "xmlns=\"urn:h\">1</h>"
            "</soap:Header><soap:Body><m:Ask "
            "xmlns:m=\"urn:m\"><m:q>1</m:q><m:q>2</m:q></m:Ask></soap:Body></soap:Envelope>");
  const auto again = parse_soap(*text);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->header, out.header);
  EXPECT_EQ(again->body, out.body);
}

TEST(Soap, an_empty_body_is_a_body) {
  const auto read = parse_soap(envelope(SoapVersion::v1_1, "\n<e:Body/>\n"));
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->body.is_null() && read->header.is_null());
  EXPECT_EQ(
      *write_soap({}),
      "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body/></soap:Envelope>");
}

TEST(Soap, a_schema_describes_the_element_in_the_body) {
  const auto shape = XmlShape::compile(
      {.schema =
           parsed(R"({"xml":{"namespace":"urn:m","prefix":"m"},"properties":{"n":{"type":"integer"}}})"),
       .name = "Answer",
       .resolve = {}});
  const auto read = parse_soap(
      envelope(SoapVersion::v1_1, "<e:Body><a:Answer xmlns:a='urn:m'><n>7</n></a:Answer></e:Body>"),
      {.shape = &*shape});
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  EXPECT_EQ(write_json(read->body), R"({"n":7})");
  EXPECT_EQ(*write_soap(*read, {.shape = &*shape}),
            "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>"
            "<m:Answer xmlns:m=\"urn:m\"><n>7</n></m:Answer></soap:Body></soap:Envelope>");
  EXPECT_EQ(error_of(envelope(SoapVersion::v1_1, "<e:Body><Other/></e:Body>"), {.shape = &*shape}),
            "xml-mismatch: the element in the body is \"Other\", not \"Answer\" as the schema says");
}

TEST(Soap, what_is_no_envelope_is_refused) {
  EXPECT_EQ(error_of("<html/>"), "soap-invalid: the root element is \"html\", not a SOAP envelope");
  EXPECT_EQ(error_of("<Envelope xmlns='urn:x'/>"),
            "soap-invalid: the envelope's namespace, \"urn:x\", is neither of SOAP 1.1 nor 1.2");
  EXPECT_EQ(error_of(envelope(SoapVersion::v1_1, "")), "soap-invalid: the envelope has no body");
  EXPECT_EQ(error_of(envelope(SoapVersion::v1_1, "<e:Body/><e:Header/>")),
            "soap-invalid: the element \"e:Header\" does not belong where it stands in the envelope");
  EXPECT_EQ(error_of(envelope(SoapVersion::v1_1, "x<e:Body/>")),
            "soap-invalid: text between the parts of the envelope");
  EXPECT_EQ(
      error_of("<e:Envelope"),
      "xml-invalid: line 1, column 12, byte 11: expected a blank, \">\" or \"/>\", not the end of the text");
}

TEST(Soap, faults_of_1_1_become_problems) {
  const SoapFault fault =
      fault_in(SoapVersion::v1_1,
               "<faultcode>e:Client.Auth</faultcode><faultstring xml:lang='de'> Nein </faultstring>"
               "<faultactor>urn:a</faultactor><detail><x>1</x></detail>");
  EXPECT_EQ(fault.code, SoapFaultCode::sender);
  EXPECT_EQ(
      write_json(problem_of(fault)),
      R"({"type":"urn:linkspan:error:soap-fault","title":"The server answered with a SOAP fault","status":400,)"
      R"("detail":"Nein","soap":{"code":"Sender","subcodes":[{"namespace":"http://schemas.xmlsoap.org/soap/envelope/",)"
      R"("name":"Client.Auth"}],"role":"urn:a","language":"de","detail":{"x":"1"}}})");
  EXPECT_EQ(fault_in(SoapVersion::v1_1, "<faultcode>Server</faultcode>").code, SoapFaultCode::receiver);
}

TEST(Soap, faults_of_1_2_become_problems) {
  const SoapFault fault = fault_in(SoapVersion::v1_2,
                                   "<e:Code><e:Value>e:Receiver</e:Value><e:Subcode "
                                   "xmlns:m='urn:m'><e:Value>m:Timeout</e:Value><e:Subcode>"
                                   "<e:Value>m:Slow</e:Value></e:Subcode></e:Subcode></"
                                   "e:Code><e:Reason><e:Text xml:lang='en'>Late</e:Text></e:Reason>"
                                   "<e:Node>urn:n</e:Node><e:Role>urn:r</e:Role>");
  EXPECT_EQ(
      write_json(problem_of(fault)),
      R"({"type":"urn:linkspan:error:soap-fault","title":"The server answered with a SOAP fault","status":500,)"
      R"("detail":"Late","soap":{"code":"Receiver","subcodes":[{"namespace":"urn:m","name":"Timeout"},)"
      R"({"namespace":"urn:m","name":"Slow"}],"node":"urn:n","role":"urn:r","language":"en"}})");
}

TEST(Soap, a_problem_made_of_a_fault_gives_that_fault_again) {
  SoapFault fault{.code = SoapFaultCode::must_understand,
                  .subcodes = {{"urn:m", "A"}, {"", "B"}},
                  .reason = "No",
                  .language = "en",
                  .node = "urn:n",
                  .role = "urn:r",
                  .detail = parsed(R"({"x":"1"})")};
  const auto text = write_soap(
      {.version = SoapVersion::v1_2, .header = {}, .body = {}, .fault = fault_of(problem_of(fault))});
  ASSERT_TRUE(text.ok()) << text.error().to_string();
  const auto read = parse_soap(*text);
  ASSERT_TRUE(read.ok() && read->fault);
  EXPECT_EQ(read->fault->subcodes, fault.subcodes);
  EXPECT_EQ(problem_of(*read->fault), problem_of(fault));
}

TEST(Soap, problems_become_faults) {
  const SoapFault fault = fault_of(
      parsed(R"({"type":"urn:x","status":422,"title":"Bad","detail":"No such article","more":[1]})"));
  const auto text = write_soap({.version = SoapVersion::v1_1, .header = {}, .body = {}, .fault = fault});
  ASSERT_TRUE(text.ok()) << text.error().to_string();
  EXPECT_EQ(*text,
            "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><soap:Fault>"
            "<faultcode>soap:Client</faultcode><faultstring>No such article</faultstring><detail>"
            "<problem xmlns=\"urn:ietf:rfc:7807\"><type>urn:x</type><status>422</status><title>Bad</title>"
            "<detail>No such article</detail></problem></detail></soap:Fault></soap:Body></soap:Envelope>");
  EXPECT_EQ(fault_of(parsed(R"({"status":503})")).code, SoapFaultCode::receiver);
}

TEST(Soap, what_cannot_be_written_says_where) {
  const auto text =
      write_soap({.version = SoapVersion::v1_1, .header = {}, .body = parsed(R"({"a b":1})"), .fault = {}});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().to_string(),
            "xml-unwritable: the SOAP body: \"/a b\": \"a b\" is no name that XML allows");
}

}  // namespace
}  // namespace linkspan::data
