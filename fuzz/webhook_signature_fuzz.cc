// Verification of webhooks on arbitrary headers ("name: value" lines) and bodies (after an empty line).
// Invariants: nothing is accepted that the secret did not sign, save by who finds a collision; what it signed
// is accepted; errors are of the two kinds.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "flow/triggers/signature.h"

namespace {

using namespace linkspan;
using namespace linkspan::flow;

constexpr std::string_view kKey = "0123456789abcdef01234567";
constexpr WallNs kNow = 1'614'265'330 * kNsPerSecond;

void require(bool condition) {
  if (!condition) std::abort();
}

WebhookVerifier made(const config::VerifyConfig& config) {
  Result<WebhookVerifier> verifier = WebhookVerifier::make(config);
  require(verifier.ok());
  return std::move(*verifier);
}

void check(const WebhookVerifier& verifier, const std::vector<WebhookHeader>& headers,
           std::string_view body) {
  const Result<VerifiedWebhook> webhook = verifier.verify(headers, body, kNow);
  require(!webhook.ok());
  require(&webhook.error().kind() == &errors::webhook_unsigned ||
          &webhook.error().kind() == &errors::webhook_invalid);
}

void check_signed(const WebhookVerifier& verifier, std::string_view id, std::string_view body) {
  const Hmac key(Sha2::sha256, as_bytes(kKey));
  const std::string signature = "v1," + encode_base64(key.sign({id, ".1614265330.", body}));
  const WebhookHeader headers[] = {
      {"webhook-id", id}, {"webhook-timestamp", "1614265330"}, {"webhook-signature", signature}};
  const Result<VerifiedWebhook> webhook = verifier.verify(headers, body, kNow);
  const bool usable =
      !id.empty() && id.size() <= kMaxWebhookIdBytes && id.find('.') == std::string_view::npos;
  require(webhook.ok() == usable && (!usable || webhook->message_id == id));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<WebhookHeader> headers;
  while (!text.empty()) {
    const auto [line, rest] = split_once(text, '\n');
    text = rest.value_or("");
    if (line.empty()) break;
    const auto [name, value] = split_once(line, ':');
    headers.push_back({name, trim(value.value_or(""))});
  }
  const WebhookVerifier standard =
      made({.standard_webhooks = config::Secret("whsec_" + encode_base64(as_bytes(kKey))),
            .github = {},
            .hmac = {}});
  check(standard, headers, text);
  check_signed(standard, headers.empty() ? "" : headers[0].value, text);
  check(made({.standard_webhooks = {}, .github = config::Secret(std::string(kKey)), .hmac = {}}), headers,
        text);
  for (const bool base64 : {false, true}) {
    config::HmacConfig hmac{
        .header = "x-signature", .secret = config::Secret(std::string(kKey)), .prefix = "v="};
    hmac.base64 = base64;
    hmac.bits = base64 ? 512 : 256;
    check(made({.standard_webhooks = {}, .github = {}, .hmac = hmac}), headers, text);
  }
  return 0;
}
