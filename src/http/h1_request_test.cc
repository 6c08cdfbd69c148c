#include "http/h1_request.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "http/chunked.h"
#include "http/testing/case_file.h"
#include "http/testing/same_parse.h"
#include "http/url.h"

namespace linkspan::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// As stated in the table.
constexpr HeadLimits kTableLimits{.max_header_bytes = 2048, .max_target_bytes = 1024, .max_fields = 20};

std::string describe_error(const ProtocolError& error) {
  return "error " + std::to_string(error.kind().status) + " " + std::string(error.kind().slug);
}

// What a connection makes of the bytes as they arrive: head, body, path.
class Receiver {
 public:
  // The outcome in the words of the table, all properties of a valid request included.
  std::string receive(const std::vector<std::string>& pieces) {
    for (const std::string& piece : pieces) {
      std::string moved = received_ + piece;  // a new place in memory each time
      received_.swap(moved);
      const std::string outcome = look();
      if (outcome != "incomplete") return outcome;
    }
    return "incomplete";
  }

 private:
  std::string look() {
    if (!head_done_) {
      const ParseStatus status = parse_request_head(received_, kTableLimits, scanned_, head_);
      if (status.state == ParseState::error) return describe_error(head_.error);
      scanned_ = status.bytes;
      if (status.state == ParseState::need_more) return "incomplete";
      head_done_ = true;
      description_ = describe();
      if (description_.starts_with("path-error")) return description_;
    }
    return look_at_body(std::string_view(received_).substr(scanned_));
  }

  std::string look_at_body(std::string_view body) {
    if (framing_ == Framing::length) return body.size() < length_ ? "incomplete" : description_;
    if (framing_ != Framing::chunked) return description_;
    ChunkStep step;
    do {
      step = decoder_.decode(body);
      scanned_ += step.consumed;
      body.remove_prefix(step.consumed);
    } while (step.state == ChunkState::data);
    if (step.state == ChunkState::error) return describe_error(decoder_.error());
    return step.state == ChunkState::end ? description_ : "incomplete";
  }

  std::string describe() {
    std::string path(head_.path);
    if (head_.target_form != TargetForm::asterisk) {
      std::string scratch(path.size(), '\0');
      ProtocolError error;
      path = normalize_path(head_.path, scratch, error);
      if (path.empty()) return "path-" + describe_error(error);
    }
    framing_ = head_.framing;
    length_ = head_.content_length;
    std::string text = head_.keep_alive ? "ok keep-alive" : "ok close";
    text += framing_ == Framing::none     ? " none"
            : framing_ == Framing::length ? " length=" + std::to_string(length_)
                                          : " chunked";
    text += " path=" + path + " host=" + std::string(head_.host) + " port=" + std::to_string(head_.port);
    text += " query=" + std::string(head_.query) + " upgrade=" + std::string(head_.upgrade);
    text += head_.expect_continue ? " expect-continue" : "";
    text += head_.accepts_trailers ? " trailers" : "";
    return text;
  }

  FieldStorage<20> storage_;
  RequestHead head_{storage_};
  ChunkedDecoder decoder_{MessageSide::request};
  std::string received_;
  std::string description_;
  std::size_t scanned_ = 0;
  bool head_done_ = false;
  Framing framing_ = Framing::none;
  std::uint64_t length_ = 0;
};

bool agrees(const std::string& outcome, const std::string& expect) {
  if (!expect.starts_with("ok")) return outcome == expect;
  const std::vector<std::string> properties = testing::words(outcome);
  const std::set<std::string> actual(properties.begin(), properties.end());
  for (const std::string& wanted : testing::words(expect)) {
    if (!actual.contains(wanted)) return false;
  }
  return true;
}

TEST(H1RequestTable, every_case_has_its_outcome_however_the_bytes_are_split) {
  const auto cases = testing::read_cases(LINKSPAN_SOURCE_DIR "/tests/data/http1_requests.txt");
  EXPECT_GE(cases.size(), 150U);
  std::set<std::string> names;
  for (const testing::Case& one : cases) {
    EXPECT_TRUE(names.insert(one.name).second) << "two cases named " << one.name;
    for (const auto& pieces : testing::all_splits(one.bytes)) {
      Receiver receiver;
      const std::string outcome = receiver.receive(pieces);
      const bool good = agrees(outcome, one.expect);
      EXPECT_TRUE(good) << one.name << ": " << outcome << " instead of " << one.expect << ", split into "
                        << pieces.size() << " pieces, the first of " << pieces[0].size() << " bytes";
      if (!good) break;
    }
  }
}

struct Parsed {
  FieldStorage<> storage;
  RequestHead head{storage};
  ParseStatus status{};
  std::string bytes;

  explicit Parsed(std::string text, const HeadLimits& limits = {}) : bytes(std::move(text)) {
    status = parse_request_head(bytes, limits, 0, head);
  }
};

// Lines at the end of the buffer are read another way than those with more behind them.
TEST(H1RequestTable, no_outcome_depends_on_what_follows_the_head) {
  for (const testing::Case& one : testing::read_cases(LINKSPAN_SOURCE_DIR "/tests/data/http1_requests.txt")) {
    const Parsed alone(one.bytes, kTableLimits);
    const std::string more = one.bytes + std::string(64, 'x');
    if (alone.status.state == ParseState::need_more || more.size() > kTableLimits.max_header_bytes) continue;
    testing::expect_same_parse(alone, Parsed(more, kTableLimits), one.name);
  }
}

TEST(H1Request, lines_that_are_nearly_plain_are_read_alike_everywhere) {
  std::vector<std::string> lines = {"X:v",     "X: v",  "X:  v",    "X: \tv",  "X:\tv",    "X: v ",
                                    "X: v\t",  "X:",    "X: ",      "X: \xff", "X: v\x7f", "X: v\rw",
                                    "X: v\nw", "X : v", "X\t: v",   " X: v",   ": v",      "X_y: v",
                                    "X.y: v",  "X",     "X\x80: v", "X: v\r"};
  for (std::size_t size : {15, 16, 17, 30, 31, 32, 33, 34, 48}) {
    lines.push_back(std::string(size, 'n') + ": value");
    lines.push_back(std::string(size, 'n') + ":value");
    lines.push_back("X: " + std::string(size, 'v'));
    lines.push_back("X: " + std::string(size, 'v') + " ");
    lines.push_back("X: " + std::string(size, 'v') + "\x01");
  }
  for (const std::string& line : lines) {
    const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n" + line + "\r\n\r\n";
    testing::expect_same_parse(Parsed(head), Parsed(head + std::string(64, 'x')), line);
  }
}

TEST(H1Request, views_and_fields_are_those_of_the_buffer) {
  const Parsed parsed(
      "PATCH /a/b?c HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nx-one: 2\r\nCookie:  k=v \r\n\r\nrest");
  ASSERT_EQ(parsed.status.state, ParseState::complete);
  EXPECT_EQ(parsed.bytes.substr(parsed.status.bytes), "rest");
  EXPECT_EQ(parsed.head.method, Method::patch);
  EXPECT_EQ(parsed.head.target, "/a/b?c");
  EXPECT_EQ(parsed.head.path, "/a/b");
  EXPECT_EQ(parsed.head.query, "c");
  EXPECT_EQ(parsed.head.fields.size(), 4U);
  EXPECT_EQ(parsed.head.fields.value(HeaderId::cookie), "k=v");
  ASSERT_NE(parsed.head.fields.find("X-ONE"), nullptr);
  EXPECT_EQ(parsed.head.fields.find("X-ONE")->value(), "1");
  EXPECT_EQ(parsed.head.fields.find("X-Two"), nullptr);
}

TEST(H1Request, fields_named_by_connection_are_marked_unless_all_need_them) {
  const Parsed parsed(
      "GET / HTTP/1.1\r\nHost: h\r\nX-Hop: 1\r\nAuthorization: a\r\nConnection: x-hop, Authorization, "
      "Host\r\n\r\n");
  ASSERT_EQ(parsed.status.state, ParseState::complete);
  EXPECT_TRUE(parsed.head.fields.find("X-Hop")->connection_named);
  EXPECT_FALSE(parsed.head.fields.find(HeaderId::authorization)->connection_named);
  EXPECT_FALSE(parsed.head.fields.find(HeaderId::host)->connection_named);
}

TEST(H1Request, a_head_is_reused_without_traces_of_the_one_before) {
  FieldStorage<> storage;
  RequestHead head(storage);
  const std::string first =
      "POST http://a:1/x?y HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close, "
      "upgrade\r\n"
      "Upgrade: websocket\r\nTE: trailers\r\nExpect: 100-continue\r\n\r\n";
  const std::string second = "GET /z HTTP/1.1\r\nHost: b\r\n\r\n";
  ASSERT_EQ(parse_request_head(first, {}, 0, head).state, ParseState::complete);
  ASSERT_EQ(parse_request_head(second, {}, 0, head).state, ParseState::complete);
  EXPECT_EQ(head.target_form, TargetForm::origin);
  EXPECT_EQ(head.framing, Framing::none);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.expect_continue);
  EXPECT_FALSE(head.accepts_trailers);
  EXPECT_FALSE(head.has_query);
  EXPECT_EQ(head.authority, "b");
  EXPECT_EQ(head.port, 0);
  EXPECT_EQ(head.upgrade, "");
  EXPECT_EQ(head.fields.size(), 1U);
  EXPECT_FALSE(head.fields.contains(HeaderId::te));
}

TEST(H1Request, a_detail_says_what_and_where) {
  const Parsed parsed("GET / HTTP/1.1\r\nHost: h\r\nX-Token : s3cret\r\n\r\n");
  ASSERT_EQ(parsed.status.state, ParseState::error);
  EXPECT_EQ(parsed.head.error.detail(), "white space before the colon of field \"X-Token\", at byte 32");
}

TEST(H1Request, a_detail_never_echoes_a_value) {
  const char* const heads[] = {
      "GET /?key=s3cret\x01 HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: s3cret@h\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: s3cret\x01\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nCookie: s3cret\ns3cret\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nX-Api-Key: s3cret\r\n s3cret\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nExpect: s3cret\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: s3cret\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: s3cret\r\n\r\n",
  };
  for (const char* head : heads) {
    const Parsed parsed(head);
    ASSERT_EQ(parsed.status.state, ParseState::error) << head;
    EXPECT_THAT(std::string(parsed.head.error.detail()), Not(HasSubstr("s3cret"))) << head;
  }
}

TEST(H1Request, echoed_names_are_escaped_and_clipped) {
  const Parsed bad_version("GET / HTTP/1.1" + std::string(100, 'x') + "\r\nHost: h\r\n\r\n");
  ASSERT_EQ(bad_version.status.state, ParseState::error);
  EXPECT_THAT(std::string(bad_version.head.error.detail()), HasSubstr("xxx...\""));
  EXPECT_LT(bad_version.head.error.detail().size(), 120U);
  const Parsed quoted("GET / HTTP/\xff\"\r\nHost: h\r\n\r\n");
  EXPECT_THAT(std::string(quoted.head.error.detail()), HasSubstr("\"HTTP/\\xff\\x22\""));
}

TEST(H1Request, a_slow_sender_of_a_large_head_gets_the_same_result) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
  while (bytes.size() < 30000)
    bytes += "X-Filler-" + std::to_string(bytes.size()) + ": " + std::string(400, 'v') + "\r\n";
  bytes += "\r\n";
  FieldStorage<> storage;
  RequestHead head(storage);
  std::size_t scanned = 0;
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const ParseStatus status = parse_request_head(std::string_view(bytes).substr(0, size), {}, scanned, head);
    ASSERT_EQ(status.state, ParseState::need_more);
    scanned = status.bytes;
  }
  const ParseStatus status = parse_request_head(bytes, {}, scanned, head);
  EXPECT_EQ(status.state, ParseState::complete);
  EXPECT_EQ(status.bytes, bytes.size());
}

}  // namespace
}  // namespace linkspan::http
