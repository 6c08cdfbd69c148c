#include "data/json_patch.h"

#include <string>

#include <gtest/gtest.h>

#include "data/json_parse.h"
#include "data/json_write.h"

namespace linkspan::data {
namespace {

// The document after the patch, or the slug of the error.
std::string patched(std::string_view document, std::string_view patch) {
  auto result = apply_json_patch(*parse_json(document), *parse_json(patch));
  return result ? write_json(*result) : std::string(result.error().slug());
}

struct Case {
  const char* document;
  const char* patch;
  const char* result;
};

TEST(JsonPatch, does_what_rfc_6902_appendix_a_says) {
  const Case cases[] = {
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])", R"({"foo":"bar","baz":"qux"})"},
      {R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])",
       R"({"foo":["bar","qux","baz"]})"},
      {R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])", R"({"foo":"bar"})"},
      {R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])", R"({"foo":["bar","baz"]})"},
      {R"({"baz":"qux","foo":"bar"})", R"([{"op":"replace","path":"/baz","value":"boo"}])",
       R"({"baz":"boo","foo":"bar"})"},
      {R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
       R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])",
       R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"},
      {R"({"foo":["all","grass","cows","eat"]})", R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])",
       R"({"foo":["all","cows","eat","grass"]})"},
      {R"({"baz":"qux","foo":["a",2,"c"]})",
       R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}])",
       R"({"baz":"qux","foo":["a",2,"c"]})"},
      {R"({"baz":"qux"})", R"([{"op":"test","path":"/baz","value":"bar"}])", "json-patch-failed"},
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])",
       R"({"foo":"bar","child":{"grandchild":{}}})"},
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])",
       R"({"foo":"bar","baz":"qux"})"},
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz/bat","value":"qux"}])", "json-patch-failed"},
      {R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])", R"({"/":9,"~1":10})"},
      {R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":"10"}])", "json-patch-failed"},
      {R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])",
       R"({"foo":["bar",["abc","def"]]})"},
  };
  for (const Case& c : cases) EXPECT_EQ(patched(c.document, c.patch), c.result) << c.patch;
}

TEST(JsonPatch, changes_whole_documents_and_copies) {
  EXPECT_EQ(patched("[1]", R"([{"op":"add","path":"","value":{"a":1}}])"), R"({"a":1})");
  EXPECT_EQ(patched("[1]", R"([{"op":"replace","path":"","value":2}])"), "2");
  EXPECT_EQ(patched("[1]", R"([{"op":"remove","path":""}])"), "null");
  EXPECT_EQ(patched(R"({"a":[1]})",
                    R"([{"op":"copy","from":"/a","path":"/b"},{"op":"add","path":"/b/0","value":0}])"),
            R"({"a":[1],"b":[0,1]})");
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"move","from":"/a","path":"/a"}])"), R"({"a":1})");
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"test","path":"/a","value":1.0}])"), R"({"a":1})");
}

TEST(JsonPatch, refuses_what_does_not_fit_the_document) {
  for (const char* patch :
       {R"([{"op":"remove","path":"/x"}])", R"([{"op":"replace","path":"/x","value":1}])",
        R"([{"op":"add","path":"/a/3","value":1}])", R"([{"op":"remove","path":"/a/2"}])",
        R"([{"op":"remove","path":"/a/-"}])", R"([{"op":"add","path":"/a/01","value":1}])",
        R"([{"op":"move","from":"/a","path":"/a/0"}])", R"([{"op":"copy","from":"/x","path":"/y"}])",
        R"([{"op":"add","path":"/a/0/b","value":1}])", R"([{"op":"test","path":"/x","value":null}])"})
    EXPECT_EQ(patched(R"({"a":[1,2]})", patch), "json-patch-failed") << patch;
}

TEST(JsonPatch, refuses_what_is_no_patch) {
  for (const char* patch :
       {"{}", "[1]", "[{}]", R"([{"op":"add","value":1}])", R"([{"op":"add","path":"/a"}])",
        R"([{"op":"jump","path":"/a"}])", R"([{"op":"move","path":"/a"}])", R"([{"op":"remove","path":"a"}])",
        R"([{"op":1,"path":""}])", R"([{"op":"remove","path":1}])"})
    EXPECT_EQ(patched(R"({"a":1})", patch), "json-patch-invalid") << patch;
}

TEST(JsonPatch, names_the_operation_that_failed_and_changes_nothing) {
  const JsonValue document = *parse_json(R"({"a":{"b":[1]}})");
  const auto result = apply_json_patch(
      document, *parse_json(R"([{"op":"add","path":"/a/b/0","value":0},{"op":"remove","path":"/c"}])"));
  EXPECT_EQ(result.error().to_string(),
            "json-patch-failed: operation 1: \"/c\": there is nothing at that place");
  EXPECT_EQ(write_json(document), R"({"a":{"b":[1]}})");
}

TEST(JsonPatch, changes_in_place_what_is_moved_in) {
  JsonValue document = *parse_json(R"({"a":{"b":[1,2,3]}})");
  const JsonValue* where = document.find("a")->find("b")->items().data();
  auto result = replace_at(std::move(document), *JsonPointer::parse("/a/b/1"), "two");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->find("a")->find("b")->items().data(), where);
  EXPECT_EQ(write_json(*result), R"({"a":{"b":[1,"two",3]}})");
}

TEST(JsonMergePatch, does_what_rfc_7386_appendix_a_says) {
  const Case cases[] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", "{}"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", "null", "null"},
      {R"({"a":"foo"})", "\"bar\"", "\"bar\""},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {"[1,2]", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {"{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(write_json(apply_merge_patch(*parse_json(c.document), *parse_json(c.patch))), c.result)
        << c.patch;
}

TEST(JsonMergePatch, leaves_the_original_and_the_order_of_keys) {
  const JsonValue document = *parse_json(R"({"z":{"x":1,"y":2},"a":0})");
  EXPECT_EQ(write_json(apply_merge_patch(document, *parse_json(R"({"z":{"w":3,"x":9}})"))),
            R"({"z":{"x":9,"y":2,"w":3},"a":0})");
  EXPECT_EQ(write_json(document), R"({"z":{"x":1,"y":2},"a":0})");
}

}  // namespace
}  // namespace linkspan::data
