#include "flow/triggers/signature.h"

#include "base/digest.h"
#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan::flow {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kSignatureVersion = "v1,";

Error invalid(std::string detail) {
  return Error(errors::webhook_invalid, std::move(detail));
}

// The one header of a name. A second could be the one that somebody else looks at.
Result<std::string_view> required(std::span<const WebhookHeader> headers, std::string_view name) {
  const WebhookHeader* found = nullptr;
  for (const WebhookHeader& header : headers) {
    if (!equals_ignore_case(header.name, name)) continue;
    if (found != nullptr) return invalid("the header " + std::string(name) + " comes more than once");
    found = &header;
  }
  if (found == nullptr || found->value.empty())
    return Error(errors::webhook_unsigned, "the header " + std::string(name) + " is missing");
  return found->value;
}

Error no_match() {
  return invalid("the signature does not belong to this body and the configured secret");
}

Result<Hmac> standard_key(const config::Secret& secret) {
  std::string_view text = secret.reveal();
  if (text.starts_with(kSecretPrefix)) text.remove_prefix(kSecretPrefix.size());
  const std::optional<std::vector<std::uint8_t>> key = decode_base64(text);
  if (!key || key->empty())
    return Error(
        errors::config_invalid,
        "a secret of Standard Webhooks is base64, as a rule with \"whsec_\" before it; this one is not");
  return Hmac(Sha2::sha256, *key);
}

Result<Hmac> text_key(const config::Secret& secret, std::uint32_t bits) {
  if (secret.empty()) return Error(errors::config_invalid, "the secret is empty");
  if (bits != 256 && bits != 512)
    return Error(errors::config_invalid, "an HMAC has 256 or 512 bits, not " + std::to_string(bits));
  return Hmac(bits == 256 ? Sha2::sha256 : Sha2::sha512, as_bytes(secret.reveal()));
}

// Signed are "id.timestamp.body": with a dot in the id, the same signature would fit another id and body.
Result<void> check_id(std::string_view id) {
  if (id.size() > kMaxWebhookIdBytes) return invalid("webhook-id is too long");
  if (id.find('.') != std::string_view::npos) return invalid("webhook-id must not have a dot in it");
  return {};
}

Result<WallNs> check_timestamp(std::string_view text, WallNs now) {
  const std::optional<std::uint64_t> seconds = parse_u64(text);
  if (!seconds || *seconds > static_cast<std::uint64_t>(INT64_MAX / kNsPerSecond))
    return invalid("webhook-timestamp is not a number of seconds since 1970");
  const WallNs sent_at = static_cast<WallNs>(*seconds) * kNsPerSecond;
  if (sent_at < now - kWebhookToleranceNs)
    return invalid("webhook-timestamp is " + std::to_string((now - sent_at) / kNsPerSecond) +
                   " seconds ago; at most 300 are accepted");
  if (sent_at > now + kWebhookToleranceNs)
    return invalid("webhook-timestamp is " + std::to_string((sent_at - now) / kNsPerSecond) +
                   " seconds ahead of the clock here; at most 300 are accepted");
  return sent_at;
}

}  // namespace

Result<WebhookVerifier> WebhookVerifier::make(const config::VerifyConfig& config) {
  const int schemes = int{config.standard_webhooks.has_value()} + int{config.github.has_value()} +
                      int{config.hmac.has_value()};
  if (schemes != 1)
    return Error(errors::config_invalid, "expected exactly one of standard_webhooks, github and hmac");
  Result<Hmac> key = config.standard_webhooks ? standard_key(*config.standard_webhooks)
                     : config.github          ? text_key(*config.github, 256)
                                              : text_key(config.hmac->secret, config.hmac->bits);
  if (!key) return std::move(key).error();
  if (config.standard_webhooks) return WebhookVerifier(Scheme::standard_webhooks, *key);
  if (config.github) {
    WebhookVerifier verifier(Scheme::github, *key);
    verifier.header_ = "X-Hub-Signature-256";
    verifier.prefix_ = "sha256=";
    return verifier;
  }
  WebhookVerifier verifier(Scheme::hmac, *key);
  verifier.header_ = config.hmac->header;
  verifier.prefix_ = config.hmac->prefix;
  verifier.base64_ = config.hmac->base64;
  return verifier;
}

Result<VerifiedWebhook> WebhookVerifier::verify(std::span<const WebhookHeader> headers, std::string_view body,
                                                WallNs now) const {
  if (scheme_ == Scheme::standard_webhooks) return verify_standard(headers, body, now);
  Result<void> verified = verify_body(headers, body);
  if (!verified) return std::move(verified).error();
  VerifiedWebhook webhook;
  if (scheme_ == Scheme::github) {
    const Result<std::string_view> id = required(headers, "X-GitHub-Delivery");
    if (id && id->size() <= kMaxWebhookIdBytes) webhook.message_id = *id;
  }
  return webhook;
}

Result<VerifiedWebhook> WebhookVerifier::verify_standard(std::span<const WebhookHeader> headers,
                                                         std::string_view body, WallNs now) const {
  Result<std::string_view> id = required(headers, "webhook-id");
  if (!id) return std::move(id).error();
  Result<std::string_view> timestamp = required(headers, "webhook-timestamp");
  if (!timestamp) return std::move(timestamp).error();
  Result<std::string_view> signatures = required(headers, "webhook-signature");
  if (!signatures) return std::move(signatures).error();
  Result<void> id_is_good = check_id(*id);
  if (!id_is_good) return std::move(id_is_good).error();

  const std::string expected = encode_base64(hmac_.sign({*id, ".", *timestamp, ".", body}));
  bool has_version = false;
  bool matches = false;
  for (std::string_view signature : split(*signatures, ' ')) {
    if (!signature.starts_with(kSignatureVersion)) continue;
    has_version = true;
    signature.remove_prefix(kSignatureVersion.size());
    matches = matches || constant_time_equal(signature, expected);
  }
  if (!has_version) return invalid("webhook-signature has no signature of version v1");
  if (!matches) return no_match();
  Result<WallNs> sent_at = check_timestamp(*timestamp, now);
  if (!sent_at) return std::move(sent_at).error();
  return VerifiedWebhook{std::string(*id), *sent_at};
}

Result<void> WebhookVerifier::verify_body(std::span<const WebhookHeader> headers,
                                          std::string_view body) const {
  Result<std::string_view> value = required(headers, header_);
  if (!value) return std::move(value).error();
  if (!value->starts_with(prefix_))
    return invalid("the header " + header_ + " does not begin with \"" + prefix_ + "\"");
  const std::string_view signature = value->substr(prefix_.size());
  const HmacTag expected = hmac_.sign({body});
  if (base64_) return constant_time_equal(signature, encode_base64(expected)) ? Result<void>() : no_match();
  HmacTag given;
  given.size = expected.size;
  const bool is_hex = decode_hex(signature, std::span(given.bytes.data(), given.size));
  if (!is_hex || !constant_time_equal(given, expected)) return no_match();
  return {};
}

}  // namespace linkspan::flow
