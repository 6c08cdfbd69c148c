#include "data/json_pointer.h"

#include <string>

#include <gtest/gtest.h>

#include "data/json_parse.h"
#include "data/json_write.h"

namespace linkspan::data {
namespace {

// What stands at that place; "none" if nothing does.
std::string at(const JsonValue& document, const Result<JsonPointer>& pointer) {
  if (!pointer) return std::string(pointer.error().slug());
  const JsonValue* found = pointer->find(document);
  return found == nullptr ? "none" : write_json(*found);
}

constexpr std::string_view kDocument =
    R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8})";

TEST(JsonPointer, finds_what_rfc_6901_section_5_says) {
  const JsonValue document = *parse_json(kDocument);
  const std::pair<const char*, const char*> cases[] = {{"/foo", R"(["bar","baz"])"},
                                                       {"/foo/0", "\"bar\""},
                                                       {"/", "0"},
                                                       {"/a~1b", "1"},
                                                       {"/c%d", "2"},
                                                       {"/e^f", "3"},
                                                       {"/g|h", "4"},
                                                       {"/i\\j", "5"},
                                                       {"/k\"l", "6"},
                                                       {"/ ", "7"},
                                                       {"/m~0n", "8"},
                                                       {"/foo/2", "none"},
                                                       {"/foo/-", "none"},
                                                       {"/foo/00", "none"},
                                                       {"/foo/1e0", "none"},
                                                       {"/foo/0/x", "none"},
                                                       {"/nothing", "none"}};
  for (const auto& [pointer, value] : cases)
    EXPECT_EQ(at(document, JsonPointer::parse(pointer)), value) << pointer;
  EXPECT_EQ(at(document, JsonPointer::parse("")), kDocument);
}

TEST(JsonPointer, finds_what_rfc_6901_section_6_says_of_fragments) {
  const JsonValue document = *parse_json(kDocument);
  const std::pair<const char*, const char*> cases[] = {{"/foo/0", "\"bar\""},
                                                       {"/a~1b", "1"},
                                                       {"/c%25d", "2"},
                                                       {"/e%5Ef", "3"},
                                                       {"/g%7Ch", "4"},
                                                       {"/i%5Cj", "5"},
                                                       {"/k%22l", "6"},
                                                       {"/%20", "7"},
                                                       {"/m~0n", "8"},
                                                       {"/%zz", "json-pointer-invalid"},
                                                       {"/%2", "json-pointer-invalid"}};
  for (const auto& [fragment, value] : cases)
    EXPECT_EQ(at(document, JsonPointer::parse_fragment(fragment)), value) << fragment;
}

TEST(JsonPointer, refuses_what_is_no_pointer) {
  for (const char* text : {"a", "a/b", "/a~", "/a~2", "/~x/b", "/\xff"})
    EXPECT_FALSE(JsonPointer::parse(text).ok()) << text;
}

TEST(JsonPointer, is_written_as_it_was_read) {
  for (const char* text : {"", "/", "//", "/a~1b/m~0n/~01", "/0/1"})
    EXPECT_EQ(JsonPointer::parse(text)->to_string(), text);
  std::string place;
  append_pointer_token(place, "a/b~");
  append_pointer_token(place, 12);
  EXPECT_EQ(place, "/a~1b~0/12");
}

}  // namespace
}  // namespace linkspan::data
