#include "config/reference.h"

#include <gtest/gtest.h>

#include "base/error_kinds.h"

namespace linkspan::config {
namespace {

Result<std::string> look_up(std::string_view kind, std::string_view name) {
  if (name == "GONE") return Error(errors::config_invalid, "gone");
  return std::string(kind) + "<" + std::string(name) + ">";
}

std::string resolved(std::string_view text) {
  const Result<ResolvedText> result = resolve_references(text, look_up);
  if (!result) return "error: " + result.error().detail();
  return (result->from_reference ? "secret " : "plain ") + result->text;
}

TEST(Reference, values_take_the_place_of_references) {
  EXPECT_EQ(resolved("a ${env:X} b ${file:p/q.txt}"), "secret a env<X> b file<p/q.txt>");
  EXPECT_EQ(resolved("${env:X}${env:Y}"), "secret env<X>env<Y>");
}

TEST(Reference, text_without_references_stays) {
  EXPECT_EQ(resolved(""), "plain ");
  EXPECT_EQ(resolved("costs $5, $$ and {x}"), "plain costs $5, $$ and {x}");
}

TEST(Reference, doubled_dollar_escapes) {
  EXPECT_EQ(resolved("$${env:X}"), "plain ${env:X}");
  EXPECT_EQ(resolved("$${a} ${env:X} $${b"), "secret ${a} env<X> ${b");
  EXPECT_EQ(resolved("$$${env:X}"), "plain $${env:X}");
}

TEST(Reference, values_are_not_searched_for_references) {
  const Result<ResolvedText> result = resolve_references(
      "${env:X}", [](std::string_view, std::string_view) { return std::string("${env:X}"); });
  EXPECT_EQ(result->text, "${env:X}");
}

TEST(Reference, failed_lookup_fails_the_text) {
  EXPECT_EQ(resolved("x${env:GONE}"), "error: gone");
}

TEST(Reference, store_is_not_there_yet_and_says_what_to_use) {
  EXPECT_EQ(resolved("${secret:psp}"),
            "error: \"${secret:psp}\" needs the encrypted store, which this version does not have; use "
            "${env:NAME} or "
            "${file:PATH} instead");
}

}  // namespace
}  // namespace linkspan::config
