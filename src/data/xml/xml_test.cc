#include "data/xml/xml.h"

#include <string>

#include <gtest/gtest.h>

#include "data/json_testing.h"
#include "data/json_write.h"

namespace linkspan::data {
namespace {

// The JSON of a text, or the error.
std::string read(std::string_view xml, const XmlReadOptions& options = {}) {
  auto value = parse_xml(xml, options);
  return value ? write_json(*value) : value.error().to_string();
}

// The XML of a JSON text, or the error.
std::string write(std::string_view json, const XmlWriteOptions& options = {}) {
  auto text = write_xml(testing::parsed(json), options);
  return text ? *text : text.error().to_string();
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::string utf16(std::string_view ascii, bool little) {
  std::string out;
  for (const char c : ascii) {
    if (little) out += c;
    out += '\0';
    if (!little) out += c;
  }
  return out;
}

TEST(XmlRead, simple_documents_look_as_expected) {
  EXPECT_EQ(read("<order id=\"7\"><item>a</item><item>b</item></order>"),
            R"({"order":{"@id":"7","item":["a","b"]}})");
  EXPECT_EQ(read("<?xml version='1.0' encoding='utf-8' standalone=\"yes\" ?>\n<a/>\n"), R"({"a":""})");
  EXPECT_EQ(read("<a b='1'/>"), R"({"a":{"@b":"1"}})");
  EXPECT_EQ(read("<a b = \"x\" >t</a >"), R"({"a":{"@b":"x","#text":"t"}})");
}

TEST(XmlRead, an_empty_element_is_no_absent_element) {
  EXPECT_EQ(read("<a><b></b><c/></a>"), R"({"a":{"b":"","c":""}})");
  EXPECT_EQ(read("<a></a>"), R"({"a":""})");
}

TEST(XmlRead, references_become_characters) {
  EXPECT_EQ(read("<a b='&lt;&#65;&quot;&apos;'>&amp;&#x20AC;&gt;</a>"),
            "{\"a\":{\"@b\":\"<A\\\"'\",\"#text\":\"&\xe2\x82\xac>\"}}");
}

TEST(XmlRead, line_ends_are_normalised_but_for_references) {
  EXPECT_EQ(read("<a b='1\r\n2\t3&#10;4'>x\r\ny\rz&#13;</a>"),
            R"({"a":{"@b":"1 2 3\n4","#text":"x\ny\nz\r"}})");
  EXPECT_EQ(read("<a><!--x\r\ny--><?p x\r\ny\rz?><![CDATA[x\r\ny]]></a>"),
            R"({"a":{"#comment":"x\ny","?p":"x\ny\nz","#cdata":"x\ny"}})");
}

TEST(XmlRead, order_that_an_object_cannot_hold_is_a_list) {
  EXPECT_EQ(read("<a><x/><y/><x/></a>"), R"({"a":{"#content":[{"x":""},{"y":""},{"x":""}]}})");
  EXPECT_EQ(read("<a i='1'>t<x/></a>"), R"({"a":{"@i":"1","#content":["t",{"x":""}]}})");
  EXPECT_EQ(read("<a>te<!--c-->xt</a>"), R"({"a":{"#content":["te",{"#comment":"c"},"xt"]}})");
  EXPECT_EQ(read("<!--1--><a/><!--2-->"), R"({"#content":[{"#comment":"1"},{"a":""},{"#comment":"2"}]})");
}

TEST(XmlRead, what_is_not_kept_leaves_no_trace) {
  EXPECT_EQ(read("<a>te<!--c-->x<?p?>t</a>", {.keep_comments = false}), R"({"a":"text"})");
  EXPECT_EQ(read("<a>x<![CDATA[<]]>y</a>", {.keep_cdata = false}), R"({"a":"x<y"})");
  EXPECT_EQ(read("<a>\n <b/>\n</a>", {.keep_layout = true}), R"({"a":{"#content":["\n ",{"b":""},"\n"]}})");
}

TEST(XmlRead, null_is_nil_with_its_declaration_where_it_is_needed) {
  const std::string declared = " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
  EXPECT_EQ(read("<a" + declared + "><b xsi:nil='true'/></a>"),
            R"({"a":{"@xmlns:xsi":"http://www.w3.org/2001/XMLSchema-instance","b":null}})");
  EXPECT_EQ(read("<a><b" + declared + " xsi:nil='true'/></a>"), R"({"a":{"b":null}})");
  EXPECT_EQ(read("<a xmlns:xsi='urn:other' xsi:nil='true'/>"),
            R"({"a":{"@xmlns:xsi":"urn:other","@xsi:nil":"true"}})");
}

TEST(XmlRead, utf16_is_read_by_mark_or_by_its_first_character) {
  const std::string text = "<?xml version='1.0' encoding='UTF-16'?><a>x</a>";
  EXPECT_EQ(read("\xff\xfe" + utf16(text, true)), R"({"a":"x"})");
  EXPECT_EQ(read("\xfe\xff" + utf16(text, false)), R"({"a":"x"})");
  EXPECT_EQ(read(utf16(text, true)), R"({"a":"x"})");
  EXPECT_EQ(read(utf16(text, false)), R"({"a":"x"})");
  EXPECT_EQ(read("\xef\xbb\xbf<a>x</a>"), R"({"a":"x"})");
  const std::string pair("<\0a\0>\0\x3d\xd8\0\xde<\0/\0a\0>\0", 18);
  EXPECT_EQ(read(pair), "{\"a\":\"\xf0\x9f\x98\x80\"}");
  const std::string half("<\0a\0>\0\x3d\xd8<\0/\0a\0>\0", 16);
  EXPECT_EQ(read(half), "xml-invalid: line 1, column 4, byte 6: invalid UTF-16");
  EXPECT_EQ(read(std::string("<\0a\0>", 5)), "xml-invalid: line 1, column 3, byte 4: invalid UTF-16");
}

TEST(XmlRead, errors_name_line_column_and_byte) {
  EXPECT_EQ(read("<a>\n  <\xc3\xa9></b>\n</a>"),
            "xml-invalid: line 2, column 6, byte 10: the element \"\xc3\xa9\" is closed by \"b\"");
  EXPECT_EQ(read("\xff\xfe" + utf16("<a>&x;</a>", true)),
            "xml-invalid: line 1, column 4, byte 8: the entity \"x\" is not known; only amp, lt, gt, quot "
            "and apos are");
}

TEST(XmlRead, hostile_depth_and_sizes_meet_a_limit) {
  const std::string deep = repeated("<a>", 100'000);
  EXPECT_EQ(read(deep), "xml-too-large: line 1, column 769, byte 768: nested deeper than max_depth, 256");
  EXPECT_EQ(read(deep, {.limits = {.max_depth = 1'000'000}}),
            "xml-too-large: line 1, column 3073, byte 3072: nested deeper than max_depth, 1024");
  EXPECT_TRUE(
      parse_xml(repeated("<a>", 1024) + repeated("</a>", 1024), {.limits = {.max_depth = 1024}}).ok());
  EXPECT_EQ(read("<a/>", {.limits = {.max_bytes = 3}}),
            "xml-too-large: the text is longer than max_bytes, 3");
  EXPECT_EQ(read("<a><b c=''/></a>", {.limits = {.max_nodes = 2}}),
            "xml-too-large: line 1, column 7, byte 6: more than max_nodes, 2");
  EXPECT_EQ(read("<a b='' c=''/>", {.limits = {.max_attributes = 1}}),
            "xml-too-large: line 1, column 9, byte 8: more attributes than max_attributes, 1");
  EXPECT_EQ(read("<a xmlns:b='b'><c xmlns:d='d'/></a>", {.limits = {.max_namespaces = 1}}),
            "xml-too-large: line 1, column 19, byte 18: more namespaces in scope than max_namespaces, 1");
}

TEST(XmlRead, what_is_read_can_be_written_and_is_the_same_document) {
  for (const char* text :
       {"<a/>", "<a> </a>", "<a>\n<b/> <c/>\n</a>", "<a xml:space='preserve'> <b/> </a>",
        "<p:a xmlns:p='u' p:b='1' b='2'><p:c xmlns:p='v'/></p:a>", "<a xmlns='u'><b xmlns=''/></a>",
        "<a>]]&gt;</a>", "<a b='&#9;&#10;&#13;&lt;\"'>&#13;</a>", "<a><![CDATA[]]]]><![CDATA[>]]></a>",
        "<?p?><!--c--><a><?q  x y?></a><?p?>", "<a>x<b/>y<!--c-->z<![CDATA[d]]></a>",
        "<a><b/><b/><!--c--><!--d--><c/></a>", "<a><b/><!--c--><b/></a>",
        "<\xc3\xa9l\xc3\xa9ment \xce\xb1='\xce\xb2'/>",
        "<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><b xsi:nil='true'/><b xsi:nil='true' "
        "i='1'/></a>",
        "<a><b xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'>x</b></a>"}) {
    for (const bool layout : {false, true}) {
      const auto value = parse_xml(text, {.keep_layout = layout});
      ASSERT_TRUE(value.ok()) << text << value.error().to_string();
      const auto again = write_xml(*value);
      ASSERT_TRUE(again.ok()) << text << again.error().to_string();
      EXPECT_EQ(*canonical_xml(*again, {.keep_layout = layout}),
                *canonical_xml(text, {.keep_layout = layout}));
      EXPECT_EQ(read(*again, {.keep_layout = layout}), write_json(*value)) << text;
    }
  }
}

TEST(XmlWrite, numbers_booleans_and_null_have_a_form) {
  EXPECT_EQ(write(R"({"a":{"@n":1,"b":[1.5,true,18446744073709551615]}})"),
            "<a n=\"1\"><b>1.5</b><b>true</b><b>18446744073709551615</b></a>");
  EXPECT_EQ(write(R"({"a":{"@id":1,"#text":2.5}})"), "<a id=\"1\">2.5</a>");
  EXPECT_EQ(write(R"({"a":null})"),
            "<a xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/>");
}

TEST(XmlWrite, no_text_escapes_its_place) {
  EXPECT_EQ(write(R"({"a":{"@b":"\"<&>\n\t\r","#text":"<&]]>\r"}})"),
            "<a b=\"&quot;&lt;&amp;>&#xA;&#x9;&#xD;\">&lt;&amp;]]&gt;&#xD;</a>");
  EXPECT_EQ(write(R"({"a":{"#cdata":"x]]>y"}})"), "<a><![CDATA[x]]]]><![CDATA[>y]]></a>");
}

TEST(XmlWrite, the_declaration_stands_in_front_when_asked_for) {
  EXPECT_EQ(write(R"({"a":""})", {.declaration = true}), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>");
}

TEST(XmlWrite, what_has_no_form_is_an_error_with_its_place) {
  const std::string e = "xml-unwritable: ";
  EXPECT_EQ(write("[]"), e + "\"\": expected an object with the root element as its member");
  EXPECT_EQ(write("{}"), e + "\"\": there is no root element");
  EXPECT_EQ(write(R"({"a":[]})"), e + "\"\": there is no root element");
  EXPECT_EQ(write(R"({"a":1,"b":2})"), e + "\"/b\": a second root element");
  EXPECT_EQ(write(R"({"a":[1,2]})"), e + "\"/a/1\": a second root element");
  EXPECT_EQ(write(R"({"#text":"x","a":1})"), e + "\"\": text beside elements is written in \"#content\"");
  EXPECT_EQ(write(R"({"#content":["x",{"a":1}]})"), e + "\"/#content/0\": text outside of the root element");
  EXPECT_EQ(write(R"({"@a":1,"a":1})"), e + "\"\": a document has no attributes");
  EXPECT_EQ(write(R"({"a":{"first name":1}})"),
            e + "\"/a/first name\": \"first name\" is no name that XML allows");
  EXPECT_EQ(write(R"({"a":{"p:b":1}})"), e + "\"/a/p:b\": the prefix \"p\" is not declared");
  EXPECT_EQ(write(R"({"a":{"@p:b":1}})"), e + "\"/a/@p:b\": the prefix \"p\" is not declared");
  EXPECT_EQ(write(R"({"a":{"b":[1,[2]]}})"), e + "\"/a/b/1\": an array within an array has no XML form");
  EXPECT_EQ(write(R"({"a":{"@b":{}}})"), e + "\"/a/@b\": expected a string, number or boolean, not object");
  EXPECT_EQ(write(R"({"a":{"#text":null}})"),
            e + "\"/a/#text\": expected a string, number or boolean, not null");
  EXPECT_EQ(write(R"({"a":{"#text":"x","b":1}})"),
            e + "\"/a\": text beside elements is written in \"#content\"");
  EXPECT_EQ(write(R"({"a":{"#content":[],"b":1}})"),
            e + "\"/a\": \"#content\" stands beside attributes only");
  EXPECT_EQ(write(R"({"a":{"#content":[{}]}})"),
            e + "\"/a/#content/0\": an object in \"#content\" has one member");
  EXPECT_EQ(write(R"({"a":{"#content":[{"@b":1}]}})"),
            e + "\"/a/#content/0/@b\": the key \"@b\" does not belong here");
  EXPECT_EQ(write(R"({"a":{"#what":1}})"), e + "\"/a/#what\": the key \"#what\" does not belong here");
  EXPECT_EQ(write(R"({"a":"\u0000"})"), e + "\"/a\": a character that XML does not allow");
  EXPECT_EQ(write(R"({"a":"\uffff"})"), e + "\"/a\": a character that XML does not allow");
  EXPECT_EQ(write(R"({"a":{"#comment":"x--y"}})"),
            e + "\"/a/#comment\": a comment cannot hold \"--\" or end in \"-\"");
  EXPECT_EQ(write(R"({"a":{"?xml":""}})"),
            e + "\"/a/?xml\": \"xml\" is no name for a processing instruction");
  EXPECT_EQ(write(R"({"a":{"@xmlns:p":""}})"), e + "\"/a/@xmlns:p\": a prefix cannot stand for no namespace");
  EXPECT_EQ(write(R"({"a":{"@xmlns:p":"u","@xmlns:q":"u","@p:x":1,"@q:x":2}})"),
            e + "\"/a\": the attribute \"x\" comes twice");
}

TEST(XmlWrite, depth_and_size_are_limited) {
  JsonValue value = "x";
  for (int i = 0; i < 100'000; ++i) value = JsonValue::object({{"a", std::move(value)}});
  const auto deep = write_xml(value);
  ASSERT_FALSE(deep.ok());
  EXPECT_TRUE(deep.error().detail().ends_with("nested deeper than max_depth, 256")) << deep.error().detail();
  EXPECT_EQ(write(R"({"a":"12345"})", {.limits = {.max_bytes = 10}}),
            "xml-unwritable: \"/a\": the text is longer than max_bytes, 10");
}

TEST(XmlWrite, exact_refuses_what_would_come_back_as_another_value) {
  const std::string e = "xml-unwritable: ";
  EXPECT_EQ(write(R"({"a":{"b":"x","c":["1","2"],"d":null}})", {.exact = true}).substr(0, 4), "<a><");
  EXPECT_EQ(write(R"({"a":{"b":["x",1]}})", {.exact = true}),
            e + "\"/a/b/1\": would be read back as another value");
  EXPECT_EQ(write(R"({"a":{"b":["x"]}})", {.exact = true}),
            e + "\"/a/b\": would be read back as another value");
  EXPECT_EQ(write(R"({"a":{"b":[]}})", {.exact = true}), e + "\"/a/b\": would be read back as another value");
}

TEST(XmlCanonical, says_the_same_for_documents_that_do) {
  EXPECT_EQ(
      *canonical_xml(
          "<?xml version='1.0'?><!--c--><b:a z='1' xmlns:c='c' c:y='2' b:x='3' xmlns:b='b'\n a='4'>"
          "<![CDATA[<]]><b:d xmlns:b='b'/></b:a>"),
      "<!--c-->\n<b:a xmlns:b=\"b\" xmlns:c=\"c\" a=\"4\" z=\"1\" b:x=\"3\" c:y=\"2\">&lt;<b:d></b:d></b:a>");
}

}  // namespace
}  // namespace linkspan::data
