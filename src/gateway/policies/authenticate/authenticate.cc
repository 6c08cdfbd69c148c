#include "gateway/policies/authenticate/authenticate.h"

#include <array>

#include "base/error_kinds.h"
#include "gateway/explain.h"

namespace linkspan::gateway {
namespace {

std::string place_of(const auth::ApiKeyMethod& method) {
  return (method.place == auth::KeyPlace::header ? "header " : "query parameter ") + method.name;
}

}  // namespace

AuthenticatePolicy::AuthenticatePolicy(const Snapshot& snapshot,
                                       const std::vector<std::uint32_t>& auth_indices)
    : snapshot_(snapshot) {
  missing_ = "This endpoint needs an API key in ";
  for (std::uint32_t index : auth_indices) {
    const auth::ApiKeyMethod& method = snapshot.auth_methods[index];
    const std::string place = place_of(method);
    if (!ways_.empty()) missing_ += " or ";
    missing_ += place;
    ways_.push_back({&method, "The API key in " + place + " is not one that is known here.",
                     "There is more than one API key in " + place + "; send one.",
                     "What is in " + place + " cannot be an API key: it is longer than " +
                         std::to_string(auth::kMaxApiKeyBytes) + " bytes or not percent-encoded correctly."});
  }
  missing_ += ", and there is none.";
}

const AuthenticatePolicy::Way* AuthenticatePolicy::identify(RequestContext& context) const {
  std::array<char, auth::kMaxApiKeyBytes> scratch;
  const ErrorKind* kind = &errors::credentials_missing;
  std::string_view detail = missing_;
  for (const Way& way : ways_) {
    const auth::PresentedKey presented = auth::find_presented_key(*way.method, *context.head, scratch);
    switch (presented.finding) {
      case auth::KeyFinding::missing:
        continue;
      case auth::KeyFinding::repeated:
        detail = way.repeated;
        break;
      case auth::KeyFinding::malformed:
        detail = way.malformed;
        break;
      case auth::KeyFinding::present: {
        const auth::ApiKeyEntry* entry = snapshot_.keys.find(presented.key, context.scratch->sha256);
        if (entry != nullptr) {
          context.consumer = entry->consumer;
          context.rate = entry->rate;
          context.key_id = entry->key_id;
          __builtin_prefetch(entry->consumer);  // the access log writes its name, and the key's
          __builtin_prefetch(entry->key_id.data());
          return &way;
        }
        detail = way.not_accepted;
        break;
      }
    }
    kind = &errors::credentials_invalid;
  }
  for (const Way& way : ways_) context.response_fields.add("WWW-Authenticate", way.method->challenge);
  context.refusal = {kind, detail};
  return nullptr;
}

Verdict AuthenticatePolicy::apply(RequestContext& context) const {
  return identify(context) != nullptr ? Verdict::proceed : Verdict::refuse;
}

Verdict AuthenticatePolicy::explain(RequestContext& context, Explanation& explanation) const {
  const Way* way = identify(context);
  if (way == nullptr) {
    explanation.add_step(name(), Verdict::refuse, std::string(context.refusal.detail));
    return Verdict::refuse;
  }
  explanation.add_step(name(), Verdict::proceed,
                       "consumer \"" + std::string(context.consumer->name) + "\" by key \"" +
                           std::string(context.key_id) + "\" in " + place_of(*way->method));
  return Verdict::proceed;
}

}  // namespace linkspan::gateway
