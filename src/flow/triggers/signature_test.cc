#include "flow/triggers/signature.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan::flow {
namespace {

using ::testing::HasSubstr;
using Headers = std::vector<WebhookHeader>;

// The published vector of the Standard Webhooks libraries.
constexpr std::string_view kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view kTimestamp = "1614265330";
constexpr std::string_view kBody = R"({"test": 2432232314})";
constexpr std::string_view kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr WallNs kSentAt = 1'614'265'330 * kNsPerSecond;

WebhookVerifier made(const config::VerifyConfig& config) {
  Result<WebhookVerifier> verifier = WebhookVerifier::make(config);
  EXPECT_TRUE(verifier) << (verifier ? "" : verifier.error().to_string());
  return std::move(*verifier);
}

WebhookVerifier standard(std::string_view secret = kSecret) {
  return made({.standard_webhooks = config::Secret(std::string(secret)), .github = {}, .hmac = {}});
}

WebhookVerifier github(std::string_view secret) {
  return made({.standard_webhooks = {}, .github = config::Secret(std::string(secret)), .hmac = {}});
}

WebhookVerifier hmac(std::string_view prefix, bool base64, std::uint32_t bits) {
  config::HmacConfig config{
      .header = "X-Signature", .secret = config::Secret("Jefe"), .prefix = std::string(prefix)};
  config.base64 = base64;
  config.bits = bits;
  return made({.standard_webhooks = {}, .github = {}, .hmac = config});
}

Headers standard_headers(std::string_view signature = kSignature) {
  return {{"Webhook-Id", kId}, {"WEBHOOK-TIMESTAMP", kTimestamp}, {"webhook-signature", signature}};
}

std::string refusal(const Result<VerifiedWebhook>& webhook) {
  return webhook ? "accepted" : webhook.error().to_string();
}

TEST(StandardWebhooks, the_published_vector_is_accepted) {
  const auto webhook = standard().verify(standard_headers(), kBody, kSentAt + kNsPerSecond);
  ASSERT_TRUE(webhook) << refusal(webhook);
  EXPECT_EQ(*webhook, (VerifiedWebhook{std::string(kId), kSentAt}));
}

TEST(StandardWebhooks, the_secret_may_lack_its_prefix) {
  EXPECT_TRUE(standard(kSecret.substr(6)).verify(standard_headers(), kBody, kSentAt));
}

TEST(StandardWebhooks, one_of_several_signatures_suffices) {
  const std::string several =
      "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v1a,x  " + std::string(kSignature) + " v2,y";
  EXPECT_TRUE(standard().verify(standard_headers(several), kBody, kSentAt));
}

TEST(StandardWebhooks, what_is_signed_cannot_be_changed) {
  const auto verifier = standard();
  EXPECT_EQ(
      refusal(verifier.verify(standard_headers(), "{}", kSentAt)),
      "webhook-signature-invalid: the signature does not belong to this body and the configured secret");
  Headers other_id = standard_headers();
  other_id[0].value = "msg_other";
  EXPECT_FALSE(verifier.verify(other_id, kBody, kSentAt));
  Headers other_time = standard_headers();
  other_time[1].value = "1614265331";
  EXPECT_FALSE(verifier.verify(other_time, kBody, kSentAt));
  EXPECT_FALSE(standard("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").verify(standard_headers(), kBody, kSentAt));
}

TEST(StandardWebhooks, messages_count_for_five_minutes) {
  const auto verifier = standard();
  EXPECT_TRUE(verifier.verify(standard_headers(), kBody, kSentAt + kWebhookToleranceNs));
  EXPECT_TRUE(verifier.verify(standard_headers(), kBody, kSentAt - kWebhookToleranceNs));
  EXPECT_EQ(refusal(verifier.verify(standard_headers(), kBody, kSentAt + kWebhookToleranceNs + kNsPerSecond)),
            "webhook-signature-invalid: webhook-timestamp is 301 seconds ago; at most 300 are accepted");
  EXPECT_THAT(
      refusal(verifier.verify(standard_headers(), kBody, kSentAt - kWebhookToleranceNs - kNsPerSecond)),
      HasSubstr("301 seconds ahead of the clock here"));
}

TEST(StandardWebhooks, a_missing_header_is_unsigned) {
  for (std::size_t i = 0; i < 3; ++i) {
    Headers headers = standard_headers();
    headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(i));
    const auto webhook = standard().verify(headers, kBody, kSentAt);
    ASSERT_FALSE(webhook);
    EXPECT_EQ(&webhook.error().kind(), &errors::webhook_unsigned);
  }
  EXPECT_EQ(refusal(standard().verify({}, kBody, kSentAt)),
            "webhook-unsigned: the header webhook-id is missing");
}

TEST(StandardWebhooks, odd_headers_are_refused) {
  const auto verifier = standard();
  Headers twice = standard_headers();
  twice.push_back({"webhook-id", "other"});
  EXPECT_THAT(refusal(verifier.verify(twice, kBody, kSentAt)), HasSubstr("webhook-id comes more than once"));
  EXPECT_THAT(refusal(verifier.verify(standard_headers("v1a,abc"), kBody, kSentAt)),
              HasSubstr("no signature of version v1"));
  for (const std::string_view signature : {"v1,", "v1", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                                           "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE"})
    EXPECT_FALSE(verifier.verify(standard_headers(signature), kBody, kSentAt)) << signature;
}

// "a.1614265330" and "x" are signed as "a" and "1614265330.x" would be.
TEST(StandardWebhooks, an_id_with_a_dot_is_refused) {
  Headers headers = standard_headers();
  headers[0].value = "msg.1";
  EXPECT_THAT(refusal(standard().verify(headers, kBody, kSentAt)), HasSubstr("must not have a dot"));
}

TEST(StandardWebhooks, a_timestamp_that_is_signed_but_no_time_is_refused) {
  for (const std::string_view timestamp : {"-1", "1614265330.5", "18446744073709551615", "now"}) {
    const Hmac key(Sha2::sha256, *decode_base64(kSecret.substr(6)));
    const std::string signature = "v1," + encode_base64(key.sign({kId, ".", timestamp, ".", kBody}));
    const Headers headers = {
        {"webhook-id", kId}, {"webhook-timestamp", timestamp}, {"webhook-signature", signature}};
    EXPECT_THAT(refusal(standard().verify(headers, kBody, kSentAt)), HasSubstr("not a number of seconds"))
        << timestamp;
  }
}

// The example of GitHub's documentation.
TEST(GitHubWebhook, the_documented_example_is_accepted) {
  const auto verifier = github("It's a Secret to Everybody");
  const Headers headers = {
      {"x-hub-signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
      {"X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"}};
  const auto webhook = verifier.verify(headers, "Hello, World!", 0);
  ASSERT_TRUE(webhook) << refusal(webhook);
  EXPECT_EQ(webhook->message_id, "72d3162e-cc78-11e3-81ab-4c9367dc0958");
  EXPECT_EQ(webhook->sent_at, std::nullopt);
  EXPECT_FALSE(verifier.verify(headers, "Hello, World?", 0));
}

TEST(GitHubWebhook, the_old_header_does_not_count) {
  const Headers headers = {{"X-Hub-Signature", "sha1=7d38cdd689735b008b3c702edd92eea23791c5f6"}};
  EXPECT_EQ(refusal(github("s").verify(headers, "", 0)),
            "webhook-unsigned: the header X-Hub-Signature-256 is missing");
}

// RFC 4231 section 4.3.
TEST(HmacWebhook, hexadecimal_and_base64_of_256_and_512_bits) {
  constexpr std::string_view kText = "what do ya want for nothing?";
  constexpr std::string_view k256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  EXPECT_TRUE(hmac("", false, 256).verify(Headers{{"x-signature", k256}}, kText, 0));
  EXPECT_TRUE(
      hmac("sha256=", false, 256).verify(Headers{{"x-signature", "sha256=" + std::string(k256)}}, kText, 0));
  EXPECT_TRUE(
      hmac("", true, 256)
          .verify(Headers{{"x-signature", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="}}, kText, 0));
  EXPECT_TRUE(hmac("", false, 512)
                  .verify(Headers{{"x-signature",
                                   "164B7A7BFCF819E2E395FBE73B56E0A387BD64222E831FD610270CD7EA250554"
                                   "9758BF75C05A994A6D034F65F8F0E6FDCAEAB1A34D4A6B4B636E070A38BCE737"}},
                          kText, 0))
      << "capitals too";
  EXPECT_FALSE(hmac("", false, 512).verify(Headers{{"x-signature", k256}}, kText, 0));
  EXPECT_THAT(refusal(hmac("sha256=", false, 256).verify(Headers{{"x-signature", k256}}, kText, 0)),
              HasSubstr("does not begin with \"sha256=\""));
}

TEST(WebhookVerifier, a_config_that_cannot_verify_is_refused) {
  const auto refused = [](const config::VerifyConfig& config) {
    const auto verifier = WebhookVerifier::make(config);
    return verifier ? "accepted" : verifier.error().to_string();
  };
  EXPECT_THAT(refused({}), HasSubstr("exactly one of"));
  EXPECT_THAT(refused({.standard_webhooks = config::Secret("not base64!"), .github = {}, .hmac = {}}),
              HasSubstr("base64"));
  EXPECT_THAT(refused({.standard_webhooks = config::Secret("whsec_"), .github = {}, .hmac = {}}),
              HasSubstr("base64"));
  EXPECT_THAT(refused({.standard_webhooks = {}, .github = config::Secret(""), .hmac = {}}),
              HasSubstr("empty"));
  config::HmacConfig odd{.header = "x", .secret = config::Secret("s"), .prefix = ""};
  odd.bits = 384;
  EXPECT_THAT(refused({.standard_webhooks = {}, .github = {}, .hmac = odd}), HasSubstr("256 or 512"));
}

TEST(WebhookVerifier, errors_never_show_a_secret_or_a_signature) {
  const std::string text =
      refusal(standard().verify(standard_headers("v1,abc"), "{}", kSentAt)) +
      WebhookVerifier::make({.standard_webhooks = config::Secret("hush!"), .github = {}, .hmac = {}})
          .error()
          .to_string();
  EXPECT_EQ(text.find("MfKQ"), std::string::npos);
  EXPECT_EQ(text.find("hush"), std::string::npos);
}

}  // namespace
}  // namespace linkspan::flow
