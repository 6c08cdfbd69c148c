#include "http/head_writer.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "http/h1_request.h"
#include "http/h1_response.h"

namespace linkspan::http {
namespace {

std::string copied(const std::string& request, const CopyRules& rules) {
  FieldStorage<> storage;
  RequestHead head(storage);
  EXPECT_EQ(parse_request_head(request, {}, 0, head).state, ParseState::complete);
  std::array<char, 1024> space;
  HeadWriter out(space);
  copy_end_to_end(head.fields, rules, out);
  EXPECT_TRUE(out.ok());
  return std::string(out.written());
}

TEST(HeadWriter, writes_a_whole_head) {
  std::array<char, 256> space;
  HeadWriter out(space);
  out.status_line(404);
  out.field("Content-Type", "text/plain");
  out.content_length(12);
  out.begin_field("Via");
  out.raw("1.1 a");
  out.end_line();
  out.end();
  EXPECT_TRUE(out.ok());
  EXPECT_EQ(out.written(),
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 12\r\nVia: 1.1 a\r\n\r\n");
}

TEST(HeadWriter, an_unregistered_status_has_no_reason) {
  std::array<char, 64> space;
  HeadWriter out(space);
  out.status_line(299);
  EXPECT_EQ(out.written(), "HTTP/1.1 299 \r\n");
}

TEST(HeadWriter, never_writes_past_its_space_and_stays_failed) {
  for (std::size_t bytes = 0; bytes < 40; ++bytes) {
    std::array<char, 41> space;
    space.fill('#');
    HeadWriter out({space.data(), bytes});
    out.request_line("GET", "/path");
    out.field("Host", "example");
    out.end();
    EXPECT_EQ(out.ok(), bytes >= 37);
    for (std::size_t i = bytes; i < space.size(); ++i) ASSERT_EQ(space[i], '#');
    out.raw("");
    EXPECT_EQ(out.ok(), bytes >= 37);
  }
}

TEST(HeadWriter, text_from_elsewhere_cannot_split_a_message) {
  std::array<char, 256> space;
  HeadWriter out(space);
  EXPECT_FALSE(out.checked_field("X-A", "b\r\nX-B: c"));
  EXPECT_FALSE(out.checked_field("X-A", std::string_view("b\0c", 3)));
  EXPECT_FALSE(out.checked_field("X-A", " padded"));
  EXPECT_FALSE(out.checked_field("X A", "b"));
  EXPECT_FALSE(out.checked_field("X-A:", "b"));
  EXPECT_FALSE(out.checked_field("", "b"));
  EXPECT_EQ(out.size(), 0U);
  EXPECT_TRUE(out.checked_field("X-A", "b\tc \xc3\xbc"));
  EXPECT_EQ(out.written(), "X-A: b\tc \xc3\xbc\r\n");
}

TEST(CopyEndToEnd, drops_what_concerns_the_connection_and_keeps_the_rest_verbatim_in_order) {
  EXPECT_EQ(
      copied(
          "GET / HTTP/1.1\r\nHost: h\r\nX-One:1\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\n"
          "x-hop: gone\r\nX-Two:  2 \r\nTE: trailers\r\nTrailer: X-Sum\r\nUpgrade: foo\r\n"
          "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\nHTTP2-Settings: A\r\nX-Three: "
          "3\r\n\r\n",
          {}),
      "Host: h\r\nX-One:1\r\nX-Two:  2 \r\nX-Three: 3\r\n");
}

TEST(CopyEndToEnd, drops_the_callers_ids_and_names) {
  const std::array<std::string_view, 1> names = {"x-own-key"};
  EXPECT_EQ(copied("GET / HTTP/1.1\r\nHost: h\r\nX-Own-Key: k\r\nAccept: a\r\nVia: v\r\n\r\n",
                   {.drop = {HeaderId::host, HeaderId::via}, .drop_names = names}),
            "Accept: a\r\n");
}

TEST(CopyEndToEnd, the_framing_of_a_chunked_request_is_left_to_the_writer) {
  EXPECT_EQ(copied("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", {}), "Host: h\r\n");
}

TEST(CopyEndToEnd, odd_spellings_go_on_in_their_plain_form) {
  EXPECT_EQ(copied("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0012\r\nX-A: b\r\n\r\n", {}),
            "Host: h\r\nContent-Length: 12\r\nX-A: b\r\n");
  FieldStorage<> storage;
  ResponseHead head(storage);
  const std::string response = "HTTP/1.1 200 OK\r\nX-A : b\r\nContent-Length:0\r\n\r\n";
  ASSERT_EQ(parse_response_head(response, Method::get, {}, 0, head).state, ParseState::complete);
  std::array<char, 256> space;
  HeadWriter out(space);
  copy_end_to_end(head.fields, {}, out);
  EXPECT_EQ(out.written(), "X-A: b\r\nContent-Length:0\r\n");
}

TEST(CopyEndToEnd, a_head_without_fields_copies_nothing) {
  EXPECT_EQ(copied("GET / HTTP/1.0\r\n\r\n", {}), "");
}

TEST(CopyEndToEnd, names_that_cgi_cannot_tell_from_dropped_ones_are_dropped_where_asked) {
  const std::string request =
      "GET / HTTP/1.1\r\nHost: h\r\nX_Forwarded_For: 1\r\nx_request-id: 2\r\nContent_Length: 3\r\n"
      "X_Internal_Token: 4\r\nTransfer_Encoding: 5\r\nX_Other: 6\r\n\r\n";
  const std::string_view names[] = {"X-Internal-Token"};
  CopyRules rules{.drop = {HeaderId::host, HeaderId::x_forwarded_for, HeaderId::x_request_id},
                  .drop_names = names,
                  .drop_lookalikes = true};
  EXPECT_EQ(copied(request, rules), "X_Other: 6\r\n");
  rules.drop_lookalikes = false;
  EXPECT_EQ(copied(request, rules),
            request.substr(request.find("X_F"), request.size() - request.find("X_F") - 2));
}

}  // namespace
}  // namespace linkspan::http
