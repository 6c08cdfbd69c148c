// What a person sees at the link of an approval: plain HTML without scripts or styles, all that flows put
// into it escaped. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "flow/approval_links.h"
#include "store/store.h"

namespace linkspan::app {

enum class ApprovalState : std::uint8_t {
  asked,    // the run waits for the decision
  decided,  // it has been made
  not_yet,  // the run has not come to it
  over      // the run no longer asks: it was too late, or the run went another way
};

struct ApprovalView {
  ApprovalState state = ApprovalState::not_yet;
  std::string flow;
  std::string question;
  WallNs asked_at = 0;  // 0: not yet
};

// Of a step of a run, as its journal says.
ApprovalView approval_view(const store::StoredRun& run, std::string_view step);

// The question with a form of two buttons, `decision` being "approve" or "reject", that POSTs to where it is.
std::string question_page(const ApprovalView& view, const flow::ApprovalTicket& ticket);
// Why there is nothing to decide.
std::string_view why_not(ApprovalState state);
std::string message_page(std::string_view title, std::string_view text);

}  // namespace linkspan::app
