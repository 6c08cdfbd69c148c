#include "data/xml/checker.h"

#include <string>

#include <gtest/gtest.h>

namespace linkspan::data::xml {
namespace {

// "" if well formed, else the detail of the error without its place.
std::string fault(std::string_view xml) {
  const auto text = decode(xml, {});
  if (!text) return text.error().detail();
  auto good = Checker(*text, {}).check();
  if (good) return "";
  const std::string& detail = good.error().detail();
  return detail.substr(detail.find(": ") + 2);
}

TEST(XmlChecker, accepts_well_formed_documents) {
  for (const char* text :
       {"<a/>", "<a ></a >", "\n<a/>\n", "<a b='>' c=\"'\"/>", "<a>]]</a>", "<a>></a>", "<a:b xmlns:a='u'/>",
        "<a xml:lang='de'/>", "<?xml version=\"1.0\"?><a/>", "<?xml version='1.0' standalone='no'?><a/>",
        "<a><?p ? ?></a>", "<a><!-- - --></a>", "<a><![CDATA[]]]></a>",
        "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>", "<a x='1' p:x='2' xmlns:p='u'/>", "<_.-1/>",
        "<a>\x7f</a>", "<?xmlx?><a/>", "<a>&#x10FFFF;&#0065;</a>"})
    EXPECT_EQ(fault(text), "") << text;
}

TEST(XmlChecker, refuses_document_types_and_all_entities_but_five) {
  EXPECT_EQ(fault("<!DOCTYPE a><a/>"), "document type declarations (<!DOCTYPE) are not accepted");
  EXPECT_EQ(fault("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"),
            "document type declarations (<!DOCTYPE) are not accepted");
  EXPECT_EQ(fault("<a>&nbsp;</a>"), "the entity \"nbsp\" is not known; only amp, lt, gt, quot and apos are");
  EXPECT_EQ(fault("<a b='&x;'/>"), "the entity \"x\" is not known; only amp, lt, gt, quot and apos are");
}

TEST(XmlChecker, refuses_malformed_references) {
  for (const char* text : {"<a>&</a>", "<a>& </a>", "<a>&amp</a>", "<a>a&b</a>", "<a b='&'/>"})
    EXPECT_EQ(fault(text), "\"&\" that begins no reference; write \"&amp;\"") << text;
  for (const char* text : {"<a>&#;</a>", "<a>&#x;</a>", "<a>&#X41;</a>", "<a>&#6 5;</a>", "<a>&#65"})
    EXPECT_EQ(fault(text), "a malformed character reference") << text;
  for (const char* text :
       {"<a>&#0;</a>", "<a>&#8;</a>", "<a>&#xD800;</a>", "<a>&#xFFFE;</a>", "<a>&#x110000;</a>",
        "<a>&#99999999999999999999999;</a>", "<a>&#x10000000000000041;</a>"})
    EXPECT_EQ(fault(text), "a reference to a character that XML does not allow") << text;
}

TEST(XmlChecker, refuses_characters_that_xml_does_not_allow) {
  EXPECT_EQ(fault("<a>\x01</a>"), "a character that XML does not allow");
  EXPECT_EQ(fault(std::string_view("<a>\0</a>", 8)), "a character that XML does not allow");
  EXPECT_EQ(fault("<a>\xef\xbf\xbe</a>"), "a character that XML does not allow");
  EXPECT_EQ(fault("<a>\xff</a>"), "line 1, column 4, byte 3: invalid UTF-8");
  EXPECT_EQ(fault("<a>\xc0\x80</a>"), "line 1, column 4, byte 3: invalid UTF-8");
}

TEST(XmlChecker, refuses_tags_that_do_not_match) {
  EXPECT_EQ(fault("<a><b></a></b>"), "the element \"b\" is closed by \"a\"");
  EXPECT_EQ(fault("<a>"), "the element \"a\" is not closed");
  EXPECT_EQ(fault("<a"), "expected a blank, \">\" or \"/>\", not the end of the text");
  EXPECT_EQ(fault("</a>"), "an end tag without a start tag");
  EXPECT_EQ(fault("<a/></a>"), "an end tag without a start tag");
  EXPECT_EQ(fault("<a></a b='1'>"), "expected \">\", not \"b\"");
  EXPECT_EQ(fault("<a/><b/>"), "a second root element");
  EXPECT_EQ(fault(""), "there is no root element");
  EXPECT_EQ(fault("<!-- -->"), "there is no root element");
  EXPECT_EQ(fault("x<a/>"), "text outside of the root element");
  EXPECT_EQ(fault("<a/>x"), "text outside of the root element");
  EXPECT_EQ(fault("<a/><![CDATA[x]]>"), "text outside of the root element");
}

TEST(XmlChecker, refuses_bad_names) {
  for (const char* text : {"<1a/>", "<-a/>", "< a/>", "<:a/>", "<>", "<a><!b></a>", "<a>a<b</a>"})
    EXPECT_NE(fault(text), "") << text;
  EXPECT_EQ(fault("<a:b:c xmlns:a='u'/>"), "expected a blank, \">\" or \"/>\", not \":\"");
  EXPECT_EQ(fault("<a\xc3\x97/>"), "expected a blank, \">\" or \"/>\", not \"\xc3\x97\"");
}

TEST(XmlChecker, refuses_malformed_attributes) {
  EXPECT_EQ(fault("<a b='1' b='2'/>"), "the attribute \"b\" comes twice");
  EXPECT_EQ(fault("<a p:b='1' q:b='2' xmlns:p='u' xmlns:q='&#117;'/>"), "the attribute \"b\" comes twice");
  EXPECT_EQ(fault("<a xmlns='u' xmlns='u'/>"), "the attribute \"xmlns\" comes twice");
  EXPECT_EQ(fault("<a b/>"), "expected \"=\", not \"/\"");
  EXPECT_EQ(fault("<a b=1/>"), "expected a value in quotes, not \"1\"");
  EXPECT_EQ(fault("<a b='1'c='2'/>"), "expected a blank, \">\" or \"/>\", not \"c\"");
  EXPECT_EQ(fault("<a b='<'/>"), "\"<\" in the value of an attribute; write \"&lt;\"");
  EXPECT_EQ(fault("<a b='1/>"), "the value of \"b\" has no closing quote");
}

TEST(XmlChecker, refuses_undeclared_and_misused_prefixes) {
  EXPECT_EQ(fault("<p:a/>"), "the prefix \"p\" is not declared");
  EXPECT_EQ(fault("<a p:b='1'/>"), "the prefix \"p\" is not declared");
  EXPECT_EQ(fault("<a><b xmlns:p='u'/><p:c/></a>"), "the prefix \"p\" is not declared");
  EXPECT_EQ(fault("<a xmlns:p=''/>"), "a prefix cannot stand for no namespace");
  EXPECT_EQ(fault("<xmlns:a/>"), "the prefix \"xmlns\" is not declared");
  EXPECT_EQ(fault("<a xmlns:xmlns='u'/>"), "the prefix \"xmlns\" cannot be declared");
  EXPECT_EQ(fault("<a xmlns:xml='u'/>"), "the prefix \"xml\" and its namespace belong together");
  EXPECT_EQ(fault("<a xmlns='http://www.w3.org/2000/xmlns/'/>"),
            "the namespace of \"xmlns\" cannot be declared");
}

TEST(XmlChecker, refuses_malformed_markup) {
  EXPECT_EQ(fault("<a>]]></a>"), "\"]]>\" outside of a CDATA section; write \"]]&gt;\"");
  EXPECT_EQ(fault("<a><!-- -- --></a>"), "\"--\" within a comment");
  EXPECT_EQ(fault("<a><!-- ---></a>"), "\"--\" within a comment");
  EXPECT_EQ(fault("<a><!-- </a>"), "a comment is not closed");
  EXPECT_EQ(fault("<a><![CDATA[</a>"), "a CDATA section is not closed");
  EXPECT_EQ(fault("<a><?p</a>"), "a processing instruction is not closed");
  EXPECT_EQ(fault("<a><? p?></a>"), "a processing instruction without a proper name");
  EXPECT_EQ(fault("<a><?p:q?></a>"), "a processing instruction without a proper name");
  EXPECT_EQ(fault(" <?xml version='1.0'?><a/>"),
            "the XML declaration stands at the very start of a text, or nowhere");
}

TEST(XmlChecker, refuses_other_versions_and_encodings) {
  EXPECT_EQ(fault("<?xml version='1.1'?><a/>"), "the XML declaration must begin with version=\"1.0\"");
  EXPECT_EQ(fault("<?xml encoding='UTF-8'?><a/>"), "the XML declaration must begin with version=\"1.0\"");
  EXPECT_EQ(fault("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"),
            "the encoding \"ISO-8859-1\" is not accepted; send UTF-8 or UTF-16");
  EXPECT_EQ(fault("<?xml version='1.0' encoding='UTF-16'?><a/>"),
            "the text is not in the encoding that it declares, \"UTF-16\"");
  EXPECT_EQ(fault("<?xml version='1.0' standalone='maybe'?><a/>"), "standalone is \"yes\" or \"no\"");
  EXPECT_EQ(fault("<?xml version='1.0' x='y'?><a/>"), "expected \"?>\", not \"x\"");
}

}  // namespace
}  // namespace linkspan::data::xml
