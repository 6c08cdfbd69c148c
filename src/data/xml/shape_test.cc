#include "data/xml/shape.h"

#include <string>

#include <gtest/gtest.h>

#include "data/json_testing.h"
#include "data/json_write.h"
#include "data/xml/xml.h"

namespace linkspan::data {
namespace {

using testing::parsed;

constexpr std::string_view kInstance = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

XmlShape shape_of(std::string_view schema, std::string name = "r") {
  auto shape = XmlShape::compile({.schema = parsed(schema), .name = std::move(name), .resolve = {}});
  EXPECT_TRUE(shape.ok()) << shape.error().to_string();
  return *shape;
}

std::string read(const XmlShape& shape, std::string_view xml) {
  auto value = parse_xml(xml, {.shape = &shape});
  return value ? write_json(*value) : value.error().to_string();
}

std::string write(const XmlShape& shape, std::string_view json, bool exact = true) {
  auto text = write_xml(parsed(json), {.exact = exact, .shape = &shape});
  return text ? *text : text.error().to_string();
}

void expect_pair(const XmlShape& shape, std::string_view xml, std::string_view json) {
  EXPECT_EQ(read(shape, xml), json);
  EXPECT_EQ(write(shape, json), xml);
}

TEST(XmlShape, texts_get_the_types_of_the_schema) {
  const XmlShape shape = shape_of(R"({"properties":{"i":{"type":"integer"},"n":{"type":"number"},
      "b":{"type":"boolean"},"s":{"type":"string"},"u":{"type":["integer","null"]},"e":{"enum":[1,2]}}})");
  expect_pair(shape, "<r><i>18446744073709551615</i><n>-1.5</n><b>true</b><s>007</s><e>2</e></r>",
              R"({"i":18446744073709551615,"n":-1.5,"b":true,"s":"007","e":2})");
  EXPECT_EQ(read(shape, "<r><i> +007 </i><n>.5</n><b>0</b><u/></r>"),
            R"({"i":7,"n":0.5,"b":false,"u":null})");
  EXPECT_EQ(read(shape, "<r><n>5.</n></r>"), R"({"n":5})");
  EXPECT_EQ(read(shape, "<r" + std::string(kInstance) + "><i xsi:type='xs:int'>7</i></r>"), R"({"i":7})");
  EXPECT_EQ(read(shape, "<r><i>x</i><b>yes</b><n>INF</n></r>"), R"({"i":"x","b":"yes","n":"INF"})");
}

TEST(XmlShape, arrays_of_one_and_of_none_stay_arrays) {
  const XmlShape shape =
      shape_of(R"({"required":["q"],"properties":{"p":{"type":"array","items":{"type":"integer"}},
      "q":{"type":"array","items":{}},
      "w":{"type":"array","xml":{"wrapped":true},"items":{"type":"string","xml":{"name":"i"}}}}})");
  expect_pair(shape, "<r><p>1</p><q>x</q><w><i>a</i></w></r>", R"({"p":[1],"q":["x"],"w":["a"]})");
  EXPECT_EQ(read(shape, "<r><w/></r>"), R"({"w":[],"q":[]})");
  EXPECT_EQ(write(shape, R"({"q":[],"w":[]})"), "<r><w/></r>");
  EXPECT_EQ(write(shape, R"({"p":[],"q":[]})"),
            "xml-unwritable: \"/p\": would be read back as another value");
}

TEST(XmlShape, names_of_arrays_follow_openapi) {
  const auto with = [](std::string_view xml, std::string_view item_xml) {
    return shape_of(R"({"properties":{"animals":{"type":"array")" + std::string(xml) +
                    R"(,"items":{"type":"string")" + std::string(item_xml) + "}}}}");
  };
  const std::string_view json = R"({"animals":["x","y"]})";
  const std::string_view item = R"(,"xml":{"name":"animal"})";
  EXPECT_EQ(write(with("", ""), json), "<r><animals>x</animals><animals>y</animals></r>");
  EXPECT_EQ(write(with("", item), json), "<r><animal>x</animal><animal>y</animal></r>");
  EXPECT_EQ(write(with(R"(,"xml":{"name":"aliens"})", ""), json),
            "<r><animals>x</animals><animals>y</animals></r>");
  EXPECT_EQ(write(with(R"(,"xml":{"wrapped":true})", ""), json),
            "<r><animals><animals>x</animals><animals>y</animals></animals></r>");
  EXPECT_EQ(write(with(R"(,"xml":{"name":"aliens","wrapped":true})", item), json),
            "<r><aliens><animal>x</animal><animal>y</animal></aliens></r>");
  EXPECT_EQ(write(with(R"(,"xml":{"name":"aliens","nodeType":"element"})", ""), json),
            "<r><aliens><aliens>x</aliens><aliens>y</aliens></aliens></r>");
}

TEST(XmlShape, a_root_array_and_arrays_within_arrays_have_elements_around_them) {
  const XmlShape shape = shape_of(R"({"type":"array","items":{"type":"array","xml":{"name":"row"},
      "items":{"type":"integer","xml":{"name":"n"}}}})");
  expect_pair(shape, "<r><row><n>1</n><n>2</n></row><row/></r>", "[[1,2],[]]");
}

TEST(XmlShape, attributes_text_and_cdata) {
  const XmlShape shape = shape_of(R"({"properties":{"id":{"type":"integer","xml":{"attribute":true}},
      "v":{"type":"number","xml":{"nodeType":"cdata"}}}})");
  expect_pair(shape, "<r id=\"7\"><![CDATA[1.5]]></r>", R"({"id":7,"v":1.5})");
  EXPECT_EQ(read(shape, "<r>1<!-- c -->.5</r>"), R"({"v":1.5})");
  EXPECT_EQ(write(shape, R"({"id":null,"v":null})", false), "<r/>");
}

TEST(XmlShape, null_is_nil) {
  const XmlShape shape = shape_of(R"({"properties":{"a":{"type":"integer","nullable":true}}})");
  expect_pair(shape, "<r><a" + std::string(kInstance) + " xsi:nil=\"true\"/></r>", R"({"a":null})");
  EXPECT_EQ(read(shape, "<r xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><a i:nil='1'/></r>"),
            R"({"a":null})");
}

TEST(XmlShape, names_are_in_the_namespaces_of_the_schema) {
  const XmlShape shape = shape_of(R"({"xml":{"name":"o","namespace":"urn:o"},"properties":{
      "a":{"type":"string","xml":{"namespace":"urn:a","prefix":"a"}},
      "b":{"type":"string","xml":{"namespace":"urn:b","attribute":true}},
      "c":{"type":"string"}}})");
  expect_pair(shape,
              "<o xmlns=\"urn:o\" xmlns:ns1=\"urn:b\" ns1:b=\"y\"><a:a xmlns:a=\"urn:a\">x</a:a><c>z</c></o>",
              R"({"b":"y","a":"x","c":"z"})");
  EXPECT_EQ(
      read(shape, "<p:o xmlns:p='urn:o' xmlns:q='urn:b' q:b='y'><a xmlns='urn:a'>x</a><p:c>z</p:c></p:o>"),
      R"({"b":"y","a":"x","c":"z"})");
  EXPECT_EQ(
      read(shape, "<o xmlns='urn:p'/>"),
      "xml-mismatch: the root element is in the namespace \"urn:p\", not in \"urn:o\" as the schema says");
  EXPECT_EQ(read(shape, "<p xmlns='urn:o'/>"),
            "xml-mismatch: the root element is \"p\", not \"o\" as the schema says");
}

TEST(XmlShape, what_is_not_described_is_kept_with_the_declarations_it_needs) {
  const XmlShape shape =
      shape_of(R"({"xml":{"name":"o","namespace":"urn:o"},"properties":{"a":{"type":"integer"}}})");
  const std::string xml =
      "<o xmlns=\"urn:o\" xmlns:x=\"urn:x\" x:k=\"1\"><a>1</a><x:b x:c=\"d\">e</x:b><f "
      "g=\"x:h\"/><i>j</i><i>k</i></o>";
  const std::string_view json =
      R"({"@xmlns:x":"urn:x","@x:k":"1","a":1,"x:b":{"@xmlns:x":"urn:x","@x:c":"d","#text":"e"},)"
      R"("f":{"@xmlns:x":"urn:x","@g":"x:h"},"i":["j","k"]})";
  EXPECT_EQ(read(shape, xml), json);
  EXPECT_EQ(read(shape, write(shape, json)), json);
}

TEST(XmlShape, content_that_the_schema_does_not_foresee_is_read_as_without_one) {
  const XmlShape shape = shape_of(R"({"properties":{"q":{"type":"integer"},"o":{"type":"object","properties":
      {"id":{"type":"integer","xml":{"name":"ident"}}}}}})");
  expect_pair(shape, "<r><q unit=\"kg\">5</q></r>", R"({"q":{"@unit":"kg","#text":"5"}})");
  expect_pair(shape, "<r><q><x>5</x></q></r>", R"({"q":{"x":"5"}})");
  expect_pair(shape, "<r><o>a<ident>1</ident></o></r>", R"({"o":{"#content":["a",{"ident":"1"}]}})");
  // Another "id" than the one that is called so in JSON.
  expect_pair(shape, "<r><o><id>1</id></o></r>", R"({"o":{"#content":[{"id":"1"}]}})");
  expect_pair(shape, "<r><q>1</q><q>2</q></r>", R"({"q":[1,2]})");
}

TEST(XmlShape, additional_properties_have_their_types) {
  const XmlShape shape = shape_of(R"({"type":"object","additionalProperties":{"type":"integer"}})");
  expect_pair(shape, "<r><a>1</a><b>2</b></r>", R"({"a":1,"b":2})");
}

TEST(XmlShape, schemas_refer_to_themselves_and_are_put_together) {
  const JsonValue node = parsed(R"({"allOf":[{"properties":{"v":{"type":"integer"}}},
      {"properties":{"n":{"$ref":"#node"}}}],"oneOf":[{"properties":{"w":{"type":"boolean"}}}]})");
  const auto resolve = [&](const JsonValue& schema) -> const JsonValue* {
    return schema.find("$ref")->string() == "#node" ? &node : nullptr;
  };
  const auto shape = XmlShape::compile(
      {.schema = parsed(R"({"$ref":"#node","xml":{"name":"node"}})"), .name = "x", .resolve = resolve});
  ASSERT_TRUE(shape.ok()) << shape.error().to_string();
  expect_pair(*shape, "<node><v>1</v><n><v>2</v><n><w>true</w></n></n></node>",
              R"({"v":1,"n":{"v":2,"n":{"w":true}}})");
  const auto unknown = XmlShape::compile(
      {.schema = parsed(R"({"properties":{"a":{"$ref":"#x"}}})"), .name = "x", .resolve = resolve});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().to_string(),
            "xml-schema-invalid: \"/properties/a\": there is nothing at the reference \"#x\"");
}

TEST(XmlShape, depth_is_limited_where_schemas_refer_to_themselves) {
  const JsonValue node = parsed(R"({"xml":{"name":"n"},"properties":{"n":{"$ref":"#"}}})");
  const auto shape =
      XmlShape::compile({.schema = node, .name = {}, .resolve = [&](const JsonValue&) { return &node; }});
  ASSERT_TRUE(shape.ok());
  std::string open;
  std::string close;
  for (int i = 0; i < 1024; ++i) {
    open += "<n>";
    close += "</n>";
  }
  const XmlLimits limits{.max_depth = 1024};
  const auto value = parse_xml(open + close, {.limits = limits, .shape = &*shape});
  ASSERT_TRUE(value.ok());
  EXPECT_TRUE(write_xml(*value, {.limits = limits, .exact = true, .shape = &*shape}).ok());
  EXPECT_FALSE(write_xml(JsonValue::object({{"n", *value}}), {.limits = limits, .shape = &*shape}).ok());
}

TEST(XmlShape, unusable_xml_objects_are_refused_with_their_place) {
  const auto refused = [](std::string_view xml, std::string_view type = "string") {
    auto shape = XmlShape::compile({.schema = parsed(R"({"properties":{"a":{"type":")" + std::string(type) +
                                                     R"(","xml":)" + std::string(xml) + "}}}"),
                                    .name = {},
                                    .resolve = {}});
    return shape ? "" : shape.error().detail();
  };
  EXPECT_EQ(refused(R"({"name":"a b"})"), "\"/properties/a\": the xml object's name, \"a b\", is no name");
  EXPECT_EQ(refused(R"({"attribute":true})", "array"),
            "\"/properties/a\": an array or object cannot be an attribute or text");
  EXPECT_EQ(refused(R"({"namespace":"urn:a","prefix":"xml"})"),
            "\"/properties/a\": the prefix \"xml\" and its namespace belong together");
  EXPECT_EQ(refused(R"({"nodeType":"none"})"),
            "\"/properties/a\": the xml object's nodeType \"none\" is for arrays only");
  EXPECT_EQ(refused(R"({},"prefixItems":[{}])", "array"),
            "\"/properties/a\": prefixItems has no form in XML");
  EXPECT_EQ(refused(R"({"nodeType":"leaf"})"),
            "\"/properties/a\": the xml object's nodeType \"leaf\" is not known");
}

TEST(XmlShape, what_cannot_be_written_by_the_schema_is_an_error_with_its_place) {
  const XmlShape shape = shape_of(R"({"properties":{"a":{"type":"string","xml":{"attribute":true}},
      "p":{"type":"string","xml":{"prefix":"p"}}}})");
  EXPECT_EQ(write(shape, R"({"a":{}})"),
            "xml-unwritable: \"/a\": expected a string, number or boolean, not object");
  EXPECT_EQ(write(shape, R"({"a":"1","@a":"2"})"), "xml-unwritable: \"\": the attribute \"a\" comes twice");
  EXPECT_EQ(write(shape, R"({"p":"1"})"), "xml-unwritable: \"/p\": the prefix \"p\" is not declared");
  EXPECT_EQ(write(shape, R"([1])"), "xml-unwritable: \"\": an array within an array has no XML form");
}

}  // namespace
}  // namespace linkspan::data
