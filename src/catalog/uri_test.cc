#include "catalog/uri.h"

#include <gtest/gtest.h>

namespace linkspan::catalog {
namespace {

// RFC 3986 section 5.4.
TEST(Uri, references_resolve_as_in_the_rfc) {
  const std::string base = "http://a/b/c/d;p?q";
  EXPECT_EQ(resolve_uri(base, "g"), "http://a/b/c/g");
  EXPECT_EQ(resolve_uri(base, "./g"), "http://a/b/c/g");
  EXPECT_EQ(resolve_uri(base, "/g"), "http://a/g");
  EXPECT_EQ(resolve_uri(base, "//g"), "http://g");
  EXPECT_EQ(resolve_uri(base, "?y"), "http://a/b/c/d;p?y");
  EXPECT_EQ(resolve_uri(base, "../../g"), "http://a/g");
  EXPECT_EQ(resolve_uri(base, "g;x=1/../y"), "http://a/b/c/y");
  EXPECT_EQ(resolve_uri(base, "urn:x"), "urn:x");
}

TEST(Uri, paths_of_files_may_not_hide_that_they_leave) {
  EXPECT_EQ(resolve_uri("a/b.yaml", "../c.yaml"), "c.yaml");
  EXPECT_EQ(resolve_uri("a/b.yaml", "../../c.yaml"), "../c.yaml");
  EXPECT_EQ(resolve_uri("b.yaml", "x/../../c.yaml"), "../c.yaml");
  EXPECT_EQ(resolve_uri("b.yaml", "./s/./c.yaml"), "s/c.yaml");
}

TEST(Uri, percent_encoding_goes_there_and_back) {
  EXPECT_EQ(percent_encode("a b/é~"), "a%20b%2F%C3%A9~");
  EXPECT_EQ(percent_encode("a/b c%20%zz", Keep::reserved), "a/b%20c%20%25zz");
  EXPECT_EQ(percent_decode("a%20b%2f%zz%4"), "a b/%zz%4");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
}

}  // namespace
}  // namespace linkspan::catalog
