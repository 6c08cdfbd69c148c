// Requests and answers on a connection: framing, order, bodies, refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "gateway/server/server_testing.h"
#include "http/chunked.h"

namespace linkspan::gateway {
namespace {

using testing::Client;
using ::testing::ElementsAre;
using testing::get;
using ::testing::HasSubstr;
using testing::Message;
using ::testing::Not;
using testing::post;
using testing::ServerTest;
using ::testing::StartsWith;

struct Requests : ServerTest {};

TEST_F(Requests, a_connection_answers_one_request_after_another) {
  start();
  Client client = connect();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send(get("/hello")));
    const Message answer = next(client);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_TRUE(answer.has("\r\nDate: Fri, 15 Jan 2027 08:00:00 GMT\r\n")) << answer.head;
    EXPECT_FALSE(answer.has("Connection:"));
  }
  EXPECT_EQ(server_->open_connections(), 1u);
}

TEST_F(Requests, pipelined_requests_are_answered_in_order) {
  start();
  Client client = connect();
  std::string burst;
  for (int i = 0; i < 100; ++i) burst += post("/echo", "Content-Length: 3\r\n", std::to_string(100 + i));
  ASSERT_TRUE(client.send(burst));
  for (int i = 0; i < 100; ++i) {
    if (i % 30 == 29) pass_ms(5);  // other connections get a turn between batches
    loop_->run_once(0);
    clock_.advance(2 * kNsPerMs);
    EXPECT_EQ(next(client).body, std::to_string(100 + i));
  }
}

TEST_F(Requests, a_request_split_at_any_byte_is_understood) {
  start();
  const std::string request =
      post("/echo", "Transfer-Encoding: chunked\r\n", "5;x=1\r\nhello\r\n3\r\n, y\r\n0\r\nT: 1\r\n\r\n");
  Client client = connect();
  for (std::size_t split = 1; split < request.size(); ++split) {
    ASSERT_TRUE(client.send(std::string_view(request).substr(0, split)));
    settle();
    ASSERT_TRUE(client.send(std::string_view(request).substr(split)));
    ASSERT_EQ(next(client).body, "hello, y") << "split at " << split;
  }
}

TEST_F(Requests, what_follows_a_chunked_body_is_the_next_request) {
  start();
  Client client = connect();
  const std::string chunked = post("/echo", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n");
  ASSERT_TRUE(client.send(chunked + chunked + get("/hello")));
  EXPECT_EQ(next(client).body, "abc");
  EXPECT_EQ(next(client).body, "abc");
  EXPECT_EQ(next(client).body, "hello");
  // The same when the body comes after its head, so that it is read separately and too far.
  ASSERT_TRUE(client.send(post("/echo", "Transfer-Encoding: chunked\r\n")));
  settle();
  ASSERT_TRUE(client.send("3\r\nxyz\r\n0\r\n\r\n" + chunked + get("/hello")));
  EXPECT_EQ(next(client).body, "xyz");
  EXPECT_EQ(next(client).body, "abc");
  EXPECT_EQ(next(client).body, "hello");
}

TEST_F(Requests, bodies_larger_than_the_buffers_arrive_whole) {
  start();
  Client client = connect();
  std::string body;
  for (int i = 0; body.size() < 90'000; ++i) body += std::to_string(i);
  const std::string request = post("/echo", "Content-Length: " + std::to_string(body.size()) + "\r\n", body);
  for (std::size_t at = 0; at < request.size(); at += 7001) {
    ASSERT_TRUE(client.send(std::string_view(request).substr(at, 7001)));
    settle();
  }
  EXPECT_EQ(next(client).body, body);
}

// Requests of all framings, one after another, and the bodies of their answers.
struct Conversation {
  std::string requests;
  std::vector<std::string> answers;

  Conversation(Random& random, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string body(random.below(i % 10 == 0 ? 30'000 : 300), static_cast<char>('a' + i % 26));
      answers.push_back(body);
      switch (random.below(3)) {
        case 0:
          answers.back() = "hello";
          requests += get("/hello");
          break;
        case 1:
          requests += post("/echo", "Content-Length: " + std::to_string(body.size()) + "\r\n", body);
          break;
        default:
          requests += post("/echo", "Transfer-Encoding: chunked\r\n", chunked(random, body));
      }
    }
  }

  static std::string chunked(Random& random, std::string_view body) {
    std::string text;
    while (!body.empty()) {
      const std::string_view chunk = body.substr(0, 1 + random.below(4'000));
      char header[http::kMaxChunkHeaderBytes];
      text.append(header, http::write_chunk_header(chunk.size(), header));
      text += chunk;
      text += http::kChunkEnd;
      body.remove_prefix(chunk.size());
    }
    return text += http::kLastChunk;
  }
};

TEST_F(Requests, a_long_conversation_has_the_same_answers_however_it_is_cut) {
  start();
  Random random(20'261'122);
  for (const std::uint64_t longest_piece : {50, 2'000, 60'000}) {
    const Conversation conversation(random, 60);
    Client client = connect();
    std::string_view left = conversation.requests;
    while (!left.empty()) {
      const std::string_view piece = left.substr(0, 1 + random.below(longest_piece));
      ASSERT_TRUE(client.send(piece));
      left.remove_prefix(piece.size());
      loop_->run_once(0);
      client.read();
      clock_.advance(kNsPerMs);
    }
    for (std::size_t i = 0; i < conversation.answers.size(); ++i) {
      clock_.advance(2 * kNsPerMs);
      ASSERT_EQ(next(client).body, conversation.answers[i])
          << "answer " << i << ", pieces to " << longest_piece;
    }
  }
}

TEST_F(Requests, head_is_answered_with_the_length_alone) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n" + get("/hello")));
  const Message head = next(client, true);
  EXPECT_TRUE(head.has("Content-Length: 5\r\n"));
  EXPECT_EQ(next(client).body, "hello");
}

TEST_F(Requests, http_1_0_closes_unless_it_asks_to_stay) {
  start();
  Client plain = connect();
  ASSERT_TRUE(plain.send("GET /hello HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(next(plain).has("Connection: close\r\n"));
  EXPECT_TRUE(ends(plain));
  Client staying = connect();
  ASSERT_TRUE(staying.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_TRUE(next(staying).has("Connection: keep-alive\r\n"));
  ASSERT_TRUE(staying.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_EQ(next(staying).status, 200);
}

TEST_F(Requests, connection_close_is_honoured) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(get("/hello", "Connection: close\r\n")));
  EXPECT_TRUE(next(client).has("Connection: close\r\n"));
  EXPECT_TRUE(ends(client));
  EXPECT_FALSE(client.reset);
}

TEST_F(Requests, a_client_that_has_ended_its_side_still_gets_its_answer) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(get("/long/300000")));
  client.end_sending();
  EXPECT_EQ(next(client).body.size(), 300'000u);
  EXPECT_TRUE(ends(client));
}

TEST_F(Requests, continue_is_sent_when_the_body_is_wanted) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(post("/echo", "Content-Length: 2\r\nExpect: 100-continue\r\n")));
  EXPECT_EQ(next(client).status, 100);
  ASSERT_TRUE(client.send("ok"));
  EXPECT_EQ(next(client).body, "ok");
}

TEST_F(Requests, no_continue_for_a_body_that_is_not_wanted) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(post("/ignore", "Content-Length: 2\r\nExpect: 100-continue\r\n")));
  const Message answer = next(client);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Connection: close\r\n"));
  Client large = connect();
  ASSERT_TRUE(large.send(post("/echo", "Content-Length: 100001\r\nExpect: 100-continue\r\n")));
  EXPECT_EQ(next(large).status, 413);
}

TEST_F(Requests, continue_does_not_overtake_an_answer_that_is_still_being_sent) {
  start();
  Client client = connect(4096);
  ASSERT_TRUE(
      client.send(get("/long/4000000") + post("/echo", "Content-Length: 2\r\nExpect: 100-continue\r\n")));
  settle();
  EXPECT_EQ(next(client).body, std::string(4'000'000, 'x'));
  EXPECT_EQ(next(client).status, 100);
  ASSERT_TRUE(client.send("ok"));
  EXPECT_EQ(next(client).body, "ok");
}

TEST_F(Requests, an_ignored_body_that_is_already_here_costs_no_connection) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(post("/ignore", "Content-Length: 3\r\n", "abc") + get("/hello")));
  EXPECT_FALSE(next(client).has("Connection: close"));
  EXPECT_EQ(next(client).body, "hello");
}

TEST_F(Requests, a_client_that_goes_on_sending_can_read_the_early_answer) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(post("/ignore", "Content-Length: 1000000\r\n")));
  settle();
  for (int i = 0; i < 10; ++i) {
    client.send(std::string(50'000, 'x'));
    settle();
  }
  EXPECT_EQ(next(client).status, 200);
  EXPECT_TRUE(ends(client));
  EXPECT_FALSE(client.reset);
}

TEST_F(Requests, a_body_past_the_limit_is_413_however_it_is_framed) {
  start();
  Client sized = connect();
  ASSERT_TRUE(sized.send(post("/echo", "Content-Length: 100001\r\n")));
  const Message refused = next(sized);
  EXPECT_EQ(refused.status, 413);
  EXPECT_THAT(refused.body, HasSubstr("urn:linkspan:error:body-too-large"));
  Client chunked = connect();
  ASSERT_TRUE(chunked.send(post("/echo", "Transfer-Encoding: chunked\r\n", "186a1\r\n")));
  ASSERT_TRUE(chunked.send(std::string(100'001, 'x')));
  EXPECT_EQ(next(chunked).status, 413);
}

TEST_F(Requests, broken_chunked_framing_is_refused_with_its_place) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(post("/echo", "Transfer-Encoding: chunked\r\n", "3\r\nabcX\r\n")));
  const Message answer = next(client);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("urn:linkspan:error:chunk-invalid"));
  EXPECT_TRUE(ends(client));
}

TEST_F(Requests, a_malformed_request_gets_a_problem_document_and_the_end) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send("GET /hello HTTP/1.1\r\nHost : h\r\n\r\n"));
  const Message answer = next(client);
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.has("Content-Type: application/problem+json\r\n"));
  EXPECT_TRUE(answer.has("Connection: close\r\n"));
  EXPECT_THAT(answer.body, HasSubstr("\"type\":\"urn:linkspan:error:header-invalid\""));
  EXPECT_TRUE(ends(client));
  EXPECT_EQ(handler_.requests, 0);
  EXPECT_THAT(handler_.malformed, ElementsAre("header-invalid"));
}

TEST_F(Requests, a_malformed_request_after_a_good_one_leaves_that_one_alone) {
  start();
  Client client = connect();
  ASSERT_TRUE(
      client.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n"
                  "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(next(client, true).status, 200);
  const Message answer = next(client);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("framing-ambiguous"));
}

TEST_F(Requests, oversized_heads_are_414_and_431) {
  start();
  Client target = connect();
  ASSERT_TRUE(target.send(get("/" + std::string(9000, 'a'))));
  EXPECT_EQ(next(target).status, 414);
  Client fields = connect();
  ASSERT_TRUE(fields.send(get("/hello", "A: " + std::string(40'000, 'a') + "\r\n")));
  EXPECT_EQ(next(fields).status, 431);
  Client many = connect();
  std::string lines;
  for (int i = 0; i < 200; ++i) lines += "A: b\r\n";
  ASSERT_TRUE(many.send(get("/hello", lines)));
  EXPECT_EQ(next(many).status, 431);
}

TEST_F(Requests, a_head_of_many_reads_up_to_the_limit_is_accepted) {
  start();
  Client client = connect();
  const std::string request = get("/hello", "A: " + std::string(30'000, 'a') + "\r\n");
  ASSERT_TRUE(client.send(get("/hello")));  // so that the head does not begin at the buffer's start
  for (std::size_t at = 0; at < request.size(); at += 999) {
    ASSERT_TRUE(client.send(std::string_view(request).substr(at, 999)));
    settle();
  }
  EXPECT_EQ(next(client).status, 200);
  EXPECT_EQ(next(client).status, 200);
}

TEST_F(Requests, problem_documents_come_in_the_format_that_is_asked_for) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(get("/nowhere")));
  const Message json = next(client);
  EXPECT_EQ(json.status, 404);
  EXPECT_TRUE(json.has("Content-Type: application/problem+json\r\n"));
  EXPECT_THAT(json.body, HasSubstr(R"("detail":"no <such> path","instance":"r-1")"));
  ASSERT_TRUE(client.send(get("/nowhere", "Accept: application/xml\r\n")));
  const Message xml = next(client);
  EXPECT_TRUE(xml.has("Content-Type: application/problem+xml\r\n"));
  EXPECT_THAT(xml.body, HasSubstr("<detail>no &lt;such&gt; path</detail><instance>r-1</instance>"));
  EXPECT_FALSE(xml.has("Connection: close"));
}

TEST_F(Requests, large_header_fields_of_an_answer_are_sent_whole) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(get("/fields")));
  const Message answer = next(client);
  EXPECT_EQ(answer.status, 200);
  EXPECT_GT(answer.head.size(), 20'000u);
  EXPECT_EQ(answer.body, "x");
}

TEST_F(Requests, a_request_that_nobody_answers_is_a_500) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(get("/silent") + get("/hello")));
  EXPECT_EQ(next(client).status, 500);
  EXPECT_EQ(next(client).body, "hello");
}

TEST_F(Requests, an_answer_that_cannot_be_completed_ends_in_a_reset) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send(get("/broken")));
  EXPECT_TRUE(ends(client));
  EXPECT_TRUE(client.reset);
  EXPECT_EQ(client.received, "");
}

TEST_F(Requests, a_client_that_leaves_in_the_middle_of_its_body_disturbs_nobody) {
  start();
  Client other = connect();
  for (const bool with_reset : {false, true}) {
    Client client = connect();
    ASSERT_TRUE(client.send(post("/echo", "Content-Length: 10\r\n", "abc")));
    settle();
    with_reset ? client.close_with_reset() : client.close();
    ASSERT_TRUE(other.send(get("/hello")));
    EXPECT_EQ(next(other).status, 200);
    EXPECT_TRUE(accepted(1));
  }
}

TEST_F(Requests, a_long_answer_reaches_a_slow_reader_whole) {
  start();
  Client client = connect(4096);
  ASSERT_TRUE(client.send(get("/long/5000000") + get("/hello")));
  settle();
  EXPECT_EQ(next(client).body.size(), 5'000'000u);
  EXPECT_EQ(next(client).body, "hello");
}

}  // namespace
}  // namespace linkspan::gateway
