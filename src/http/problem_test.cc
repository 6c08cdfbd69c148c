#include "http/problem.h"

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "http/accept.h"

namespace linkspan::http {
namespace {

using ::testing::HasSubstr;

const std::array<ProblemMember, 1> kExtensions = {ProblemMember{"endpoint", "cust<omer"}};

std::string rendered(ProblemFormat format, std::string_view detail, std::size_t bytes = 4096) {
  std::string out(bytes, '#');
  const Problem problem{&errors::endpoint_not_found, detail, "req-1", kExtensions};
  return std::string(render_problem(problem, format, out));
}

TEST(Problem, as_json) {
  EXPECT_EQ(
      rendered(ProblemFormat::json, "no \"path\" like this"),
      R"({"type":"urn:linkspan:error:endpoint-not-found","title":"No such endpoint","status":404,)"
      R"("detail":"no \"path\" like this","instance":"req-1","source":"client","endpoint":"cust<omer"})");
}

TEST(Problem, as_xml) {
  EXPECT_EQ(
      rendered(ProblemFormat::xml, "a & b"),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<problem xmlns=\"urn:ietf:rfc:7807\">"
      "<type>urn:linkspan:error:endpoint-not-found</type><title>No such endpoint</title><status>404</status>"
      "<detail>a &amp; b</detail><instance>req-1</instance><source>client</source>"
      "<endpoint>cust&lt;omer</endpoint></problem>\n");
}

TEST(Problem, xml_has_only_characters_that_xml_allows) {
  EXPECT_THAT(
      rendered(ProblemFormat::xml, "a\x01\xff\xc3\xbc\xed\xa0\x80"),
      HasSubstr("<detail>a\xEF\xBF\xBD\xEF\xBF\xBD\xc3\xbc\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD</detail>"));
}

TEST(Problem, a_long_detail_is_cut_between_characters_and_the_document_stays_whole) {
  std::string detail;
  for (int i = 0; i < 4000; ++i) detail += "\xc3\xbc";
  const std::string json = rendered(ProblemFormat::json, detail, 1024);
  EXPECT_LE(json.size(), 1024U);
  EXPECT_THAT(json, HasSubstr("\xc3\xbc\",\"instance\":\"req-1\",\"source\":\"client\""));
  EXPECT_TRUE(json.ends_with("}"));
  const std::string xml = rendered(ProblemFormat::xml, std::string(5000, '<'), 1024);
  EXPECT_LE(xml.size(), 1024U);
  EXPECT_THAT(xml, HasSubstr("&lt;</detail><instance>req-1</instance>"));
  EXPECT_TRUE(xml.ends_with("</problem>\n"));
}

TEST(ProblemFormat, is_json_unless_xml_is_preferred) {
  EXPECT_EQ(problem_format(""), ProblemFormat::json);
  EXPECT_EQ(problem_format("*/*"), ProblemFormat::json);
  EXPECT_EQ(problem_format("application/json, application/xml"), ProblemFormat::json);
  EXPECT_EQ(problem_format("text/html"), ProblemFormat::json);
  EXPECT_EQ(problem_format("application/xml"), ProblemFormat::xml);
  EXPECT_EQ(problem_format("text/xml;q=0.5"), ProblemFormat::xml);
  EXPECT_EQ(problem_format("application/problem+xml, application/json;q=0.9"), ProblemFormat::xml);
  EXPECT_EQ(problem_format("application/xml;q=0.3, application/json;q=0.9"), ProblemFormat::json);
  EXPECT_EQ(problem_format("application/xml;q=0"), ProblemFormat::json);
}

TEST(Accept, the_most_specific_range_decides) {
  EXPECT_EQ(media_type_weight("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "text/html"), 700);
  EXPECT_EQ(media_type_weight("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "text/plain"), 300);
  EXPECT_EQ(media_type_weight("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "image/png"), 500);
  EXPECT_EQ(media_type_weight("TEXT/HTML ; Q=0.25", "text/html"), 250);
  EXPECT_EQ(media_type_weight("text/html;q=bad", "text/html"), 0);
  EXPECT_EQ(media_type_weight("text/html;q=1.5", "text/html"), 0);
  EXPECT_EQ(media_type_weight("nonsense", "text/html"), 0);
}

TEST(Accept, the_earlier_offer_wins_among_equals) {
  const std::array<std::string_view, 2> offers = {"application/json", "application/xml"};
  EXPECT_EQ(preferred_media_type("", offers), 0U);
  EXPECT_EQ(preferred_media_type("application/*", offers), 0U);
  EXPECT_EQ(preferred_media_type("application/xml, application/json;q=0.9", offers), 1U);
  EXPECT_EQ(preferred_media_type("text/html", offers), std::nullopt);
}

}  // namespace
}  // namespace linkspan::http
