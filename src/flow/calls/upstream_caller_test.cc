#include "flow/calls/upstream_caller.h"

#include "upstream/upstream_testing.h"

namespace linkspan::flow {
namespace {

using ::testing::HasSubstr;
using upstream::testing::api_of;
using upstream::testing::Reply;
using upstream::testing::server_at;
using upstream::testing::TestServer;

class UpstreamCallerTest : public upstream::testing::UpstreamTest {
 protected:
  UpstreamCallerTest() : server(*loop), caller(*set, *loop) {}

  CallOutcome outcome_of(Outgoing request) {
    std::optional<CallOutcome> outcome;
    caller.call(std::move(request), [&](CallOutcome told) { outcome = std::move(told); });
    EXPECT_FALSE(outcome) << "told before call() ended";
    for (int round = 0; round < 900 && !outcome; ++round) {
      loop->run_once(1);
      clock.advance(kNsPerMs);
    }
    if (!outcome) {
      ADD_FAILURE() << "the call did not end";
      return {};
    }
    return std::move(*outcome);
  }
  static Outgoing charge() {
    return {.api = "payments",
            .operation = "createCharge",
            .method = http::Method::post,
            .target = "/charges",
            .headers = {{"Idempotency-Key", "k-1"}, {"Content-Type", "application/json"}},
            .body = R"({"amount":5})",
            .repeatable = false,
            .timeout_ns = 0};
  }
  upstream::ClusterSettings payments() { return api_of({server_at(server.port())}, "payments"); }

  TestServer server;
  UpstreamCaller caller;
};

TEST_F(UpstreamCallerTest, sends_the_request_and_gives_the_answer) {
  upstream::ClusterSettings settings = payments();
  settings.credential_lines = "Authorization: Bearer abc\r\n";
  settings.credential_names = {"authorization"};
  adopt(settings);
  server.script([](const std::string&) {
    return Reply{.bytes = "HTTP/1.1 201 Created\r\nX-Id: 7\r\nContent-Length: 3\r\n\r\n{ }"};
  });
  const CallOutcome outcome = outcome_of(charge());
  ASSERT_TRUE(outcome.answer);
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.answer->status, 201);
  EXPECT_EQ(outcome.answer->body, "{ }");
  EXPECT_THAT(outcome.answer->headers, ::testing::Contains(::testing::Pair("X-Id", "7")));
  EXPECT_THAT(server.requests().at(0),
              ::testing::AllOf(HasSubstr("POST /charges HTTP/1.1\r\n"), HasSubstr("Idempotency-Key: k-1\r\n"),
                               HasSubstr("Authorization: Bearer abc\r\n"), HasSubstr("{\"amount\":5}")));
}

TEST_F(UpstreamCallerTest, an_api_that_is_gone_cannot_have_been_reached) {
  const CallOutcome outcome = outcome_of(charge());
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->slug(), "upstream-none-available");
  EXPECT_FALSE(outcome.may_have_happened);
}

TEST_F(UpstreamCallerTest, a_refused_connection_cannot_have_been_an_effect) {
  adopt(payments());
  server.stop();
  const CallOutcome outcome = outcome_of(charge());
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->slug(), "upstream-connect-refused");
  EXPECT_FALSE(outcome.may_have_happened);
}

TEST_F(UpstreamCallerTest, a_name_that_is_not_found_cannot_have_been_an_effect) {
  upstream::ClusterSettings settings = payments();
  settings.servers[0].host = "nowhere.example";
  resolver.names["nowhere.example"] = {"not an address"};
  adopt(settings);
  const CallOutcome outcome = outcome_of(charge());
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->slug(), "upstream-dns-failed");
  EXPECT_FALSE(outcome.may_have_happened);
}

TEST_F(UpstreamCallerTest, a_request_that_cannot_be_sent_is_told_later_too) {
  adopt(payments());
  Outgoing request = charge();
  request.target = "not a path";
  const CallOutcome outcome = outcome_of(std::move(request));
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->slug(), "target-invalid");
  EXPECT_FALSE(outcome.may_have_happened);
}

TEST_F(UpstreamCallerTest, an_answer_that_was_lost_may_have_been_an_effect_and_is_not_asked_for_again) {
  adopt(payments());
  server.script([](const std::string&) { return Reply{.bytes = "", .reset = true}; });
  const CallOutcome outcome = outcome_of(charge());
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->slug(), "upstream-reset");
  EXPECT_TRUE(outcome.may_have_happened);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(UpstreamCallerTest, an_earlier_attempt_that_was_sent_counts_whatever_the_last_error_is) {
  adopt(payments());
  server.script([this](const std::string&) {
    loop->post([this] { server.stop(); });
    return Reply{.bytes = "", .reset = true};
  });
  Outgoing request = charge();
  request.repeatable = true;
  const CallOutcome outcome = outcome_of(std::move(request));
  ASSERT_TRUE(outcome.error);
  EXPECT_TRUE(outcome.may_have_happened);
}

TEST_F(UpstreamCallerTest, what_is_repeatable_is_tried_again) {
  adopt(payments());
  server.script([calls = 0](const std::string&) mutable {
    return ++calls == 1 ? Reply{.bytes = "", .reset = true} : Reply{};
  });
  Outgoing request = charge();
  request.repeatable = true;
  const CallOutcome outcome = outcome_of(std::move(request));
  ASSERT_TRUE(outcome.answer);
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(UpstreamCallerTest, a_call_ends_with_its_own_timeout) {
  adopt(payments());
  server.script([](const std::string&) { return Reply{.bytes = "", .hang = true}; });
  Outgoing request = charge();
  request.timeout_ns = 50 * kNsPerMs;
  const CallOutcome outcome = outcome_of(std::move(request));
  ASSERT_TRUE(outcome.error);
  EXPECT_THAT(std::string(outcome.error->slug()), HasSubstr("upstream-timeout"));
  EXPECT_TRUE(outcome.may_have_happened);
}

TEST_F(UpstreamCallerTest, the_next_call_may_be_made_where_an_outcome_is_told) {
  adopt(payments());
  int answered = 0;
  UpstreamCaller::Done next = [&](CallOutcome outcome) {
    ASSERT_TRUE(outcome.answer);
    if (++answered < 5) caller.call(charge(), next);
  };
  caller.call(charge(), next);
  run_until([&] { return answered == 5; });
  EXPECT_EQ(caller.under_way(), 0U);
}

TEST_F(UpstreamCallerTest, its_end_breaks_off_what_is_under_way) {
  adopt(payments());
  server.script([](const std::string&) { return Reply{.bytes = "", .hang = true}; });
  bool told = false;
  {
    UpstreamCaller short_lived(*set, *loop);
    short_lived.call(charge(), [&](CallOutcome) { told = true; });
    settle();
    Outgoing bad = charge();
    bad.api = "nobody";
    short_lived.call(std::move(bad), [&](CallOutcome) { told = true; });
  }
  settle();
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace linkspan::flow
