#include <algorithm>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/container_types.h"
#include "config/describe.h"
#include "config/header_types.h"
#include "config/object_type.h"
#include "config/scalar_types.h"

namespace linkspan::config {
namespace {

void check_api_key_auth(ApiKeyAuthConfig& auth, const ObjectView& view) {
  if (view.given("header") && view.given("query")) {
    view.problem("query", "a key is either in a header or in the query; leave one out");
  }
  if (!view.given("header") && !view.given("query")) auth.header = "X-Api-Key";
}

Typed<ApiKeyAuthConfig> api_key_auth_type() {
  return object<ApiKeyAuthConfig>(
             "API keys, in a header field or in the query; `X-Api-Key` if neither is given.")
      .field("header", &ApiKeyAuthConfig::header, header_name(), "The header field that carries the key.")
      .field("query", &ApiKeyAuthConfig::query, text(), "The query parameter that carries the key.")
      .check<check_api_key_auth>()
      .done();
}

void check_auth(AuthConfig&, const ObjectView& view) {
  if (!view.given("api_key") && !view.has_unknown_keys()) view.problem("needs api_key");
}

Result<Digest> parse_sha256(std::string_view text) {
  Digest digest{};
  if (!decode_hex(text, digest)) return Error(errors::config_invalid, {});
  return digest;
}

std::string format_sha256(const Digest& digest) {
  return encode_hex(digest);
}

Typed<KeyConfig> key_type() {
  return object<KeyConfig>("An API key; `linkspan keys new` makes one and prints this.")
      .field("id", &KeyConfig::id, text(), "What logs call the key; unique within the consumer.")
      .required()
      .field("sha256", &KeyConfig::sha256,
             parsed<Digest>({.form = "64 hex digits",
                             .expected = "the SHA-256 of the key, as 64 hex digits",
                             .pattern = "[0-9A-Fa-f]{64}"},
                            parse_sha256, format_sha256),
             "SHA-256 of the key.")
      .required()
      .done();
}

void fill_burst(RateLimitConfig& rate, const ObjectView& view) {
  if (view.given("burst")) return;
  rate.burst = rate.limit.count;
  if (view.from_reference("limit")) view.hide("burst");
}

void fill_consumer_rate(RateLimitConfig& rate, const ObjectView& view) {
  fill_burst(rate, view);
  rate.per = RatePer::consumer;
}

Typed<RateLimitConfig> consumer_rate_type() {
  return object<RateLimitConfig>("A limit over all requests of the consumer. A rate alone will do.")
      .scalar("limit")
      .field("limit", &RateLimitConfig::limit, rate(), "Requests in a time.")
      .required()
      .field("burst", &RateLimitConfig::burst, count64({1, kAnyCount}),
             "Requests that may come at once; as many as in `limit` if not given.")
      .check<fill_consumer_rate>()
      .done();
}

void check_consumer(ConsumerConfig& consumer, const ObjectView& view) {
  if (!view.ok("keys")) return;
  std::vector<std::string_view> ids;
  for (const KeyConfig& key : consumer.keys) ids.push_back(key.id);
  std::sort(ids.begin(), ids.end());
  if (std::adjacent_find(ids.begin(), ids.end()) != ids.end())
    view.problem("keys", "two keys have the same id");
}

}  // namespace

Typed<AuthConfig> auth_type() {
  return object<AuthConfig>("A way to know a caller.")
      .field("api_key", &AuthConfig::api_key, optional(api_key_auth_type()), "By an API key of a consumer.")
      .check<check_auth>()
      .done();
}

Typed<ConsumerConfig> consumer_type() {
  return object<ConsumerConfig>("A known caller.")
      .field("keys", &ConsumerConfig::keys, list(key_type()), "Its API keys.")
      .field("rate", &ConsumerConfig::rate, optional(consumer_rate_type()), "How often it may call.")
      .check<check_consumer>()
      .done();
}

Typed<RateLimitConfig> endpoint_rate_type() {
  return object<RateLimitConfig>("How often an endpoint may be called. A rate alone will do.")
      .scalar("limit")
      .field("limit", &RateLimitConfig::limit, rate(), "Requests in a time.")
      .required()
      .field("burst", &RateLimitConfig::burst, count64({1, kAnyCount}),
             "Requests that may come at once; as many as in `limit` if not given.")
      .field("per", &RateLimitConfig::per,
             choice<RatePer>({{"consumer", RatePer::consumer},
                              {"address", RatePer::address},
                              {"endpoint", RatePer::endpoint}}),
             "What is counted: each consumer, each client address, or the endpoint as a whole. `consumer` "
             "where the "
             "endpoint has `auth`, else `address`.")
      .check<fill_burst>()
      .done();
}

}  // namespace linkspan::config
