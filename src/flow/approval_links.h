// Links by which a person answers what a run asks (`wait_for` with `approval`): whoever has the link may
// decide, so it is signed, for one step of one run and for a time. It is a function of run and step, so an
// earlier step can mail it.
//
//   https://orders.example/approvals?t=abcd2345-17.ask.1764000000.SIGNATURE
//
// The signature is HMAC-SHA-256 by a key of the store, over a word that tells it from all else that is
// signed, the run, the step and the second in which it expires. The parts hold no dots. It stands in the
// query because access logs leave queries out. That it decides once is the run's to see to: its step no
// longer asks. Immutable; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hmac.h"
#include "base/result.h"

namespace linkspan::flow {

// Name of the key among the values of the store. It is never shown.
inline constexpr const char* kApprovalKeyName = "approvals:key";

struct ApprovalTicket {
  std::string run_id;
  std::string step;
  WallNs expires_at = 0;
  std::string id;  // "link:0f1e...": the same for the same link; does not tell its signature
};

class ApprovalLinks {
 public:
  // `key`: random bytes. `url`: where the page is.
  ApprovalLinks(std::string_view key, std::string url, std::int64_t valid_for_ns);

  std::string link(std::string_view run_id, std::string_view step, WallNs now) const;
  // Of what stands after "t=". Errors: approval_invalid, approval_expired.
  Result<ApprovalTicket> read(std::string_view token, WallNs now) const;

 private:
  std::string signature(std::string_view claims) const;

  Hmac hmac_;
  std::string url_;
  std::int64_t valid_for_ns_;
};

}  // namespace linkspan::flow
