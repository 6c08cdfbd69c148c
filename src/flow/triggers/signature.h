// Whether a webhook is from whom it says: signatures over the body as it came, byte for byte, with a secret
// that only the sender has besides. Three schemes:
//
// - Standard Webhooks 1.0.0 (standardwebhooks.com): webhook-id, webhook-timestamp and webhook-signature, the
//   last a list with blanks of "v1," and base64 of HMAC-SHA256 over "id.timestamp.body"; one that fits
//   suffices, so that senders can change their secret. Versions other than v1 are passed over. The timestamp
//   must be within five minutes of now, so that a recorded message cannot be sent again later; within them
//   its id, which is signed, tells that it is the same.
// - GitHub: X-Hub-Signature-256, "sha256=" and hexadecimal HMAC-SHA256 over the body.
// - Any other HMAC over the body in a header (config::HmacConfig).
//
// The latter two sign neither an id nor a time: whoever has recorded a message can send it again. A dedupe
// key from the body recognises it.
//
// Immutable: any thread. Nothing of a secret or of a computed signature is in any error.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/hmac.h"
#include "base/result.h"
#include "config/flow_config.h"

namespace linkspan::flow {

struct WebhookHeader {
  std::string_view name;  // in any case
  std::string_view value;
};

struct VerifiedWebhook {
  // What the sender calls this message, the same each time it is sent: webhook-id, which is signed, or
  // X-GitHub-Delivery, which is not. Empty if the scheme has none or GitHub's header is missing.
  std::string message_id;
  std::optional<WallNs> sent_at;  // of Standard Webhooks; of this attempt, not of the event

  bool operator==(const VerifiedWebhook&) const = default;
};

inline constexpr std::int64_t kWebhookToleranceNs = 300 * kNsPerSecond;
inline constexpr std::size_t kMaxWebhookIdBytes = 256;

class WebhookVerifier {
 public:
  // Errors: config_invalid: not exactly one scheme, an empty secret, a secret of Standard Webhooks that is
  // not base64 (with or without "whsec_"), or a number of bits other than 256 and 512.
  static Result<WebhookVerifier> make(const config::VerifyConfig& config);

  // Errors: webhook_unsigned if a header of the scheme is missing, webhook_invalid for all else that is
  // wrong: another signature, too old or too new, malformed, or a header that comes twice.
  Result<VerifiedWebhook> verify(std::span<const WebhookHeader> headers, std::string_view body,
                                 WallNs now) const;

 private:
  enum class Scheme : std::uint8_t { standard_webhooks, github, hmac };

  WebhookVerifier(Scheme scheme, Hmac hmac) : scheme_(scheme), hmac_(hmac) {}
  Result<VerifiedWebhook> verify_standard(std::span<const WebhookHeader> headers, std::string_view body,
                                          WallNs now) const;
  Result<void> verify_body(std::span<const WebhookHeader> headers, std::string_view body) const;

  Scheme scheme_;
  Hmac hmac_;
  std::string header_;  // of github and hmac
  std::string prefix_;
  bool base64_ = false;
};

}  // namespace linkspan::flow
