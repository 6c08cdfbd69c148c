#include "data/schema/uri.h"

#include <gtest/gtest.h>

namespace linkspan::data::schema {
namespace {

// RFC 3986 section 5.4.
TEST(ResolveUri, follows_the_examples_of_the_rfc) {
  constexpr std::string_view kBase = "http://a/b/c/d;p?q";
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"g:h", "g:h"},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q#s"},
      {"g?y#s", "http://a/b/c/g?y#s"},
      {";x", "http://a/b/c/;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
  };
  for (const auto& [reference, resolved] : cases)
    EXPECT_EQ(resolve_uri(kBase, reference), resolved) << reference;
}

TEST(ResolveUri, leaves_references_alone_without_a_base) {
  EXPECT_EQ(resolve_uri("", "item.json#/a"), "item.json#/a");
  EXPECT_EQ(resolve_uri("", "#a"), "#a");
  EXPECT_EQ(resolve_uri("urn:uuid:1", "#/a"), "urn:uuid:1#/a");
  EXPECT_EQ(resolve_uri("http://a", "b"), "http://a/b");
}

}  // namespace
}  // namespace linkspan::data::schema
