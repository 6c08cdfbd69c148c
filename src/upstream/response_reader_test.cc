#include "upstream/response_reader.h"

#include <gtest/gtest.h>

namespace linkspan::upstream {
namespace {

using State = ResponseReader::State;

struct Read {
  State state;
  Response response;
  bool keep_alive;
  std::string slug;
};

// In pieces of `piece` bytes; then, if still wanted, the end of the connection.
Read read(std::string_view bytes, std::size_t piece, http::Method method = http::Method::get) {
  ResponseReader reader(method, {});
  State state = State::need_more;
  while (!bytes.empty() && state == State::need_more) {
    state = reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (state == State::need_more) state = reader.end();
  if (state == State::failed) return {state, {}, false, std::string(reader.take_error().slug())};
  return {state, reader.take(), reader.keep_alive(), ""};
}

struct Case {
  const char* name;
  const char* bytes;
  int status;  // 0: fails
  const char* body_or_slug;
  bool keep_alive;
};

const Case kCases[] = {
    {"length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, "abc", true},
    {"empty", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
    {"chunked",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nT: v\r\n\r\n", 200,
     "abc", true},
    {"until_close", "HTTP/1.1 200 OK\r\n\r\nabc", 200, "abc", false},
    {"asked_to_close", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\na", 200, "a", false},
    {"after_interim_answers",
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 "
     "Created\r\nContent-Length: 0\r\n\r\n",
     201, "", true},
    {"nothing", "", 0, "upstream-reset", false},
    {"half_a_head", "HTTP/1.1 200 OK\r\nConte", 0, "upstream-incomplete", false},
    {"half_a_body", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", 0, "upstream-incomplete", false},
    {"half_a_chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 0, "upstream-incomplete",
     false},
    {"no_http", "220 mail.example ESMTP\r\n\r\n", 0, "upstream-bad-response", false},
    {"switching_unasked", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 0,
     "upstream-bad-response", false},
};

TEST(ResponseReader, reads_every_framing_however_it_is_split) {
  for (const Case& c : kCases) {
    for (std::size_t piece = 1; piece <= 200; piece = piece < 8 ? piece + 1 : piece * 5) {
      const Read got = read(c.bytes, piece);
      EXPECT_EQ(got.state, c.status != 0 ? State::complete : State::failed) << c.name << " by " << piece;
      EXPECT_EQ(got.response.status, c.status) << c.name << " by " << piece;
      EXPECT_EQ(c.status != 0 ? got.response.body : got.slug, c.body_or_slug) << c.name << " by " << piece;
      EXPECT_EQ(got.keep_alive, c.keep_alive) << c.name << " by " << piece;
    }
  }
}

TEST(ResponseReader, answer_to_head_has_no_body) {
  const Read got = read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", 100, http::Method::head);
  EXPECT_EQ(got.state, State::complete);
  EXPECT_TRUE(got.keep_alive);
}

TEST(ResponseReader, connection_with_more_than_the_answer_is_not_kept) {
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc", 100).keep_alive);
}

}  // namespace
}  // namespace linkspan::upstream
