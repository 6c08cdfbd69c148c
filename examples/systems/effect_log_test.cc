#include "systems/effect_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "systems/mail.h"
#include "systems/payments.h"

namespace linkspan::systems {
namespace {

using testing::HasSubstr;

struct Outcome {
  Answer answer;
  bool repeated;
};

Outcome post(EffectLog& log, const System& system, std::string_view path, std::string_view key,
             std::string_view body) {
  const System::Match match = system.find(http::Method::post, path);
  const std::uint64_t entry = log.arrived(system, *match.operation, key);
  bool repeated = false;
  Answer answer =
      log.perform(entry, system, *match.operation, {.id = match.id, .query = {}, .body = body}, repeated);
  return {std::move(answer), repeated};
}

constexpr std::string_view kCharge = R"({"amount":100,"currency":"EUR","token":"t"})";
constexpr std::string_view kMessage = R"({"to":"a@example.com","template":"paid"})";

TEST(EffectLog, a_repeated_key_gets_the_recorded_answer_and_has_no_second_effect) {
  EffectLog log;
  const Payments payments;
  const Outcome first = post(log, payments, "/charges", "k1", kCharge);
  const Outcome second = post(log, payments, "/charges", "k1", kCharge);
  EXPECT_FALSE(first.repeated);
  EXPECT_TRUE(second.repeated);
  EXPECT_EQ(second.answer.status, 201);
  EXPECT_EQ(second.answer.body, first.answer.body);
  EXPECT_EQ(
      log.to_json(""),
      R"({"effects":[{"system":"payments","operation":"createCharge","key":"k1","attempts":2,"effects":1,)"
      R"("order":1,"status":201,"resource":"/charges/ch-1"}],"forgotten":0})");
}

TEST(EffectLog, calls_without_a_key_have_an_effect_each) {
  EffectLog log;
  const Payments payments;
  EXPECT_EQ(post(log, payments, "/charges", "", kCharge).answer.location, "/charges/ch-1");
  EXPECT_EQ(post(log, payments, "/charges", "", kCharge).answer.location, "/charges/ch-2");
}

TEST(EffectLog, a_refusal_is_recorded_for_its_key) {
  EffectLog log;
  const Payments payments;
  const std::string_view declined = R"({"amount":100,"currency":"EUR","token":"declined"})";
  EXPECT_EQ(post(log, payments, "/charges", "k1", declined).answer.status, 402);
  EXPECT_TRUE(post(log, payments, "/charges", "k1", declined).repeated);
  EXPECT_THAT(log.to_json(""), HasSubstr(R"("attempts":2,"effects":0,"order":null,"status":402)"));
}

TEST(EffectLog, a_key_with_another_body_is_refused) {
  EffectLog log;
  const Payments payments;
  post(log, payments, "/charges", "k1", kCharge);
  EXPECT_EQ(
      post(log, payments, "/charges", "k1", R"({"amount":200,"currency":"EUR","token":"t"})").answer.status,
      422);
}

TEST(EffectLog, an_attempt_that_met_a_fault_counts_and_the_next_one_has_the_effect) {
  EffectLog log;
  const Payments payments;
  log.arrived(payments, *payments.find(http::Method::post, "/charges").operation, "k1");
  EXPECT_THAT(log.to_json(""), HasSubstr(R"("attempts":1,"effects":0,"order":null,"status":null)"));
  EXPECT_FALSE(post(log, payments, "/charges", "k1", kCharge).repeated);
  EXPECT_THAT(log.to_json(""), HasSubstr(R"("attempts":2,"effects":1)"));
}

TEST(EffectLog, the_order_of_effects_spans_systems_and_one_system_can_be_asked_for) {
  EffectLog log;
  const Payments payments;
  const Mail mail;
  post(log, payments, "/charges", "a", kCharge);
  post(log, mail, "/messages", "a", kMessage);
  EXPECT_EQ(log.to_json("mail"),
            R"({"effects":[{"system":"mail","operation":"send","key":"a","attempts":1,"effects":1,)"
            R"("order":2,"status":202,"resource":"/messages/m-1"}],"forgotten":0})");
}

TEST(EffectLog, the_oldest_entries_are_forgotten_beyond_the_limit) {
  EffectLog log(2);
  const Mail mail;
  for (const char* key : {"a", "b", "c"}) post(log, mail, "/messages", key, kMessage);
  EXPECT_THAT(log.to_json(""), HasSubstr(R"("forgotten":1)"));
  EXPECT_TRUE(post(log, mail, "/messages", "c", kMessage).repeated);
  EXPECT_FALSE(post(log, mail, "/messages", "a", kMessage).repeated);
}

TEST(EffectLog, after_clearing_nothing_is_remembered) {
  EffectLog log;
  const Mail mail;
  post(log, mail, "/messages", "a", kMessage);
  log.clear();
  EXPECT_EQ(log.to_json(""), R"({"effects":[],"forgotten":0})");
  EXPECT_FALSE(post(log, mail, "/messages", "a", kMessage).repeated);
}

}  // namespace
}  // namespace linkspan::systems
