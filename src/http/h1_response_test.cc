#include "http/h1_response.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "http/chunked.h"
#include "http/testing/case_file.h"
#include "http/testing/same_parse.h"

namespace linkspan::http {
namespace {

constexpr HeadLimits kTableLimits{.max_header_bytes = 2048, .max_target_bytes = 1024, .max_fields = 20};

class Receiver {
 public:
  explicit Receiver(Method method) : method_(method) {}

  std::string receive(const std::vector<std::string>& pieces) {
    for (const std::string& piece : pieces) {
      std::string moved = received_ + piece;
      received_.swap(moved);
      const std::string outcome = look();
      if (outcome != "incomplete") return outcome;
    }
    return "incomplete";
  }

 private:
  std::string look() {
    if (!head_done_) {
      const ParseStatus status = parse_response_head(received_, method_, kTableLimits, scanned_, head_);
      if (status.state == ParseState::error) return describe_error(head_.error);
      scanned_ = status.bytes;
      if (status.state == ParseState::need_more) return "incomplete";
      head_done_ = true;
      describe();
    }
    std::string_view body = std::string_view(received_).substr(scanned_);
    if (head_.framing == Framing::length)
      return body.size() < head_.content_length ? "incomplete" : description_;
    if (head_.framing != Framing::chunked) return description_;
    ChunkStep step;
    do {
      step = decoder_.decode(body);
      scanned_ += step.consumed;
      body.remove_prefix(step.consumed);
    } while (step.state == ChunkState::data);
    if (step.state == ChunkState::error) return describe_error(decoder_.error());
    return step.state == ChunkState::end ? description_ : "incomplete";
  }

  static std::string describe_error(const ProtocolError& error) {
    return &error.kind() == &errors::upstream_bad_response && !error.detail().empty() ? "error"
                                                                                      : "wrong error";
  }

  void describe() {
    description_ = "ok " + std::to_string(head_.status) + (head_.keep_alive ? " keep-alive" : " close");
    switch (head_.framing) {
      case Framing::none:
        description_ += " none";
        break;
      case Framing::length:
        description_ += " length=" + std::to_string(head_.content_length);
        break;
      case Framing::chunked:
        description_ += " chunked";
        break;
      case Framing::until_close:
        description_ += " until-close";
        break;
    }
    description_ += head_.interim ? " interim" : "";
    description_ += head_.switches_protocol ? " switches" : "";
    description_ += " reason=" + std::string(head_.reason);
  }

  Method method_;
  FieldStorage<20> storage_;
  ResponseHead head_{storage_};
  ChunkedDecoder decoder_{MessageSide::response};
  std::string received_;
  std::string description_;
  std::size_t scanned_ = 0;
  bool head_done_ = false;
};

bool agrees(const std::string& outcome, const std::string& expect) {
  if (!expect.starts_with("ok")) return outcome == expect;
  const std::vector<std::string> properties = testing::words(outcome);
  const std::set<std::string> actual(properties.begin(), properties.end());
  for (const std::string& wanted : testing::words(expect)) {
    if (!actual.contains(wanted)) return false;
  }
  return actual.contains("interim") == (expect.find(" interim") != std::string::npos) &&
         actual.contains("switches") == (expect.find(" switches") != std::string::npos);
}

TEST(H1ResponseTable, every_case_has_its_outcome_however_the_bytes_are_split) {
  const auto cases = testing::read_cases(LINKSPAN_SOURCE_DIR "/tests/data/http1_responses.txt");
  EXPECT_GE(cases.size(), 60U);
  for (const testing::Case& one : cases) {
    const auto method = one.other.find("method");
    for (const auto& pieces : testing::all_splits(one.bytes)) {
      Receiver receiver(method == one.other.end() ? Method::get : parse_method(method->second));
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
  ResponseHead head{storage};
  ParseStatus status{};
  std::string bytes;

  explicit Parsed(std::string text) : bytes(std::move(text)) {
    status = parse_response_head(bytes, Method::get, kTableLimits, 0, head);
  }
};

// Lines at the end of the buffer are read another way than those with more behind them.
TEST(H1ResponseTable, no_outcome_depends_on_what_follows_the_head) {
  for (const testing::Case& one :
       testing::read_cases(LINKSPAN_SOURCE_DIR "/tests/data/http1_responses.txt")) {
    const Parsed alone(one.bytes);
    const std::string more = one.bytes + std::string(64, 'x');
    if (alone.status.state == ParseState::need_more || more.size() > kTableLimits.max_header_bytes) continue;
    testing::expect_same_parse(alone, Parsed(more), one.name);
  }
  for (const std::string line : {"X : v", "X\t : v", "X:v", "X: v ", "X\x01: v", "X-y: v"}) {
    const std::string head = "HTTP/1.1 200 OK\r\n" + line + "\r\n\r\n";
    testing::expect_same_parse(Parsed(head), Parsed(head + std::string(64, 'x')), line);
  }
}

TEST(H1Response, a_field_with_space_before_its_colon_is_known_by_name_and_marked_for_rewriting) {
  FieldStorage<> storage;
  ResponseHead head(storage);
  const std::string bytes = "HTTP/1.1 200 OK\r\nServer : x\r\nContent-Length: 0\r\n\r\n";
  ASSERT_EQ(parse_response_head(bytes, Method::get, {}, 0, head).state, ParseState::complete);
  ASSERT_NE(head.fields.find(HeaderId::server), nullptr);
  EXPECT_TRUE(head.fields.find(HeaderId::server)->rewrite);
  EXPECT_EQ(head.fields.find(HeaderId::server)->name(), "Server");
  EXPECT_EQ(head.fields.value(HeaderId::server), "x");
  EXPECT_FALSE(head.fields.find(HeaderId::content_length)->rewrite);
}

TEST(H1Response, the_detail_of_garbage_shows_its_beginning) {
  FieldStorage<> storage;
  ResponseHead head(storage);
  ASSERT_EQ(parse_response_head("SSH-2.0-OpenSSH_9.2p1\r\n", Method::get, {}, 0, head).state,
            ParseState::error);
  EXPECT_EQ(head.error.detail(),
            "the answer does not begin with HTTP/1.1 or HTTP/1.0 but \"SSH-2.0-\", at byte 0");
}

}  // namespace
}  // namespace linkspan::http
