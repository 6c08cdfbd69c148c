// Identifies the caller by an API key, by whichever of the endpoint's ways a key was sent. Refuses with
// credentials-missing or credentials-invalid (401) and one WWW-Authenticate for each way. Never shows a key.
//
// The upstream does not see the key: ProxyTarget drops the header field or query parameter that carried it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/policy.h"
#include "gateway/snapshot.h"

namespace linkspan::gateway {

class AuthenticatePolicy final : public Policy {
 public:
  // `auth_indices` into Config::auth; the snapshot outlives the policy.
  AuthenticatePolicy(const Snapshot& snapshot, const std::vector<std::uint32_t>& auth_indices);

  std::string_view name() const override { return "authenticate"; }
  Verdict apply(RequestContext& context) const override;
  Verdict explain(RequestContext& context, Explanation& explanation) const override;

 private:
  struct Way {
    const auth::ApiKeyMethod* method;
    std::string not_accepted;  // details of refusals, made in advance
    std::string repeated;
    std::string malformed;
  };
  // The way by which the caller was identified, or null and the context's refusal is set.
  const Way* identify(RequestContext& context) const;

  const Snapshot& snapshot_;
  std::vector<Way> ways_;
  std::string missing_;
};

}  // namespace linkspan::gateway
