#include "upstream/retry.h"

#include <gtest/gtest.h>

namespace linkspan::upstream {
namespace {

struct Case {
  const char* name;
  AttemptFacts facts;
  RetryVerdict verdict;
};

class RetryVerdictTable : public ::testing::TestWithParam<Case> {};

TEST_P(RetryVerdictTable, follows_the_rule) {
  RetryPolicy policy;
  policy.attempts = 3;
  EXPECT_EQ(retry_verdict(policy, GetParam().facts), GetParam().verdict);
}

constexpr auto kGiveUp = RetryVerdict::give_up;
constexpr auto kRetry = RetryVerdict::retry;
constexpr auto kFree = RetryVerdict::retry_free;

const Case kCases[] = {
    {"get_after_refused_connect", {.failure = Failure::connect, .idempotent = true}, kRetry},
    {"post_after_refused_connect", {.failure = Failure::connect, .idempotent = false}, kRetry},
    {"post_with_streamed_body_not_begun_after_refused_connect",
     {.failure = Failure::connect, .body_replayable = true},
     kRetry},
    {"body_already_consumed_cannot_be_sent_again",
     {.failure = Failure::connect, .body_replayable = false},
     kGiveUp},
    {"nothing_is_retried_without_sockets", {.failure = Failure::own_want, .idempotent = true}, kGiveUp},
    {"get_after_reset", {.failure = Failure::reset, .idempotent = true, .bytes_sent = true}, kRetry},
    {"post_after_reset", {.failure = Failure::reset, .bytes_sent = true}, kGiveUp},
    {"post_after_reset_with_nothing_sent", {.failure = Failure::reset, .bytes_sent = false}, kRetry},
    {"put_after_reset_with_body_gone",
     {.failure = Failure::reset, .idempotent = true, .bytes_sent = true, .body_replayable = false},
     kGiveUp},
    {"get_after_reset_within_the_answer",
     {.failure = Failure::reset, .idempotent = true, .bytes_sent = true, .response_started = true},
     kGiveUp},
    {"refused_connect_cannot_follow_an_answer",
     {.failure = Failure::connect, .idempotent = true, .response_started = true},
     kGiveUp},
    {"get_on_stale_connection", {.failure = Failure::stale, .idempotent = true, .bytes_sent = true}, kFree},
    {"get_on_stale_connection_in_last_attempt",
     {.failure = Failure::stale, .idempotent = true, .bytes_sent = true, .attempts = 3},
     kFree},
    {"post_on_stale_connection", {.failure = Failure::stale, .bytes_sent = true}, kGiveUp},
    {"post_on_stale_connection_with_nothing_sent", {.failure = Failure::stale}, kFree},
    {"second_stale_connection_counts_as_reset",
     {.failure = Failure::stale, .idempotent = true, .bytes_sent = true, .free_retry_used = true},
     kRetry},
    {"timeout_is_not_retried_unless_asked",
     {.failure = Failure::timeout, .idempotent = true, .bytes_sent = true},
     kGiveUp},
    {"get_answered_503",
     {.failure = Failure::status, .status = 503, .idempotent = true, .bytes_sent = true},
     kRetry},
    {"post_answered_503", {.failure = Failure::status, .status = 503, .bytes_sent = true}, kGiveUp},
    {"get_answered_500_not_listed",
     {.failure = Failure::status, .status = 500, .idempotent = true, .bytes_sent = true},
     kGiveUp},
    {"get_answered_200",
     {.failure = Failure::status, .status = 200, .idempotent = true, .bytes_sent = true},
     kGiveUp},
    {"garbage_is_not_asked_for_twice",
     {.failure = Failure::bad_response, .idempotent = true, .bytes_sent = true},
     kGiveUp},
    {"last_attempt", {.failure = Failure::connect, .idempotent = true, .attempts = 3}, kGiveUp},
    {"attempt_before_the_last", {.failure = Failure::connect, .idempotent = true, .attempts = 2}, kRetry},
};

INSTANTIATE_TEST_SUITE_P(Table, RetryVerdictTable, ::testing::ValuesIn(kCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(RetryPolicy, switched_off_failures_are_final) {
  RetryPolicy policy;
  policy.on_connect = policy.on_reset = false;
  policy.on_statuses.clear();
  for (const Failure failure : {Failure::connect, Failure::reset, Failure::status}) {
    EXPECT_EQ(retry_verdict(policy, {.failure = failure, .status = 503, .idempotent = true}), kGiveUp);
  }
  policy.on_timeout = true;
  EXPECT_EQ(retry_verdict(policy, {.failure = Failure::timeout, .idempotent = true, .bytes_sent = true}),
            kRetry);
}

TEST(RetryBudget, retries_stay_within_their_share_of_requests) {
  RetryBudget budget(0.2, 0, 0);
  int granted = 0;
  for (int request = 0; request < 1000; ++request) {
    budget.deposit();
    granted += budget.withdraw(0) ? 1 : 0;
  }
  EXPECT_NEAR(granted, 200, 1);
}

TEST(RetryBudget, a_floor_allows_retries_where_there_is_little_traffic) {
  RetryBudget budget(0.2, 3, 0);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(budget.withdraw(0));
  EXPECT_FALSE(budget.withdraw(0));
  EXPECT_TRUE(budget.withdraw(kNsPerSecond / 2));
  EXPECT_FALSE(budget.withdraw(kNsPerSecond / 2));
}

TEST(RetryBudget, unused_shares_do_not_pile_up_without_end) {
  RetryBudget budget(0.2, 0, 0);
  for (int request = 0; request < 1'000'000; ++request) budget.deposit();
  int granted = 0;
  while (budget.withdraw(0)) ++granted;
  EXPECT_EQ(granted, 100);
}

TEST(RetryBudget, zero_means_no_retries) {
  RetryBudget budget(0, 10, 0);
  budget.deposit();
  EXPECT_FALSE(budget.withdraw(kNsPerSecond * 100));
}

TEST(RetryDelay, grows_and_is_bounded) {
  EXPECT_EQ(retry_delay_ns(2, 0), 0);
  EXPECT_LE(retry_delay_ns(2, 0.999), 25 * kNsPerMs);
  EXPECT_GT(retry_delay_ns(3, 0.999), retry_delay_ns(2, 0.999));
  EXPECT_LE(retry_delay_ns(1000, 0.999), kNsPerSecond);
}

}  // namespace
}  // namespace linkspan::upstream
