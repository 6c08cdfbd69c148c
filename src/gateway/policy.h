// The seam behind which each policy stands. A policy is compiled for an endpoint when a config is built, from
// that endpoint's settings; one that does not apply to an endpoint is not in its chain. policies/all.h holds
// the list and with it the order.
//
// Policies are immutable and shared by all workers; what they count lives outside
// (limits/rate_limit_state.h). They are plain functions on the head of a request: no I/O, no allocation, no
// waiting.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/limits/rate_cells.h"
#include "gateway/request_context.h"

namespace linkspan::gateway {

struct Explanation;

enum class Verdict : std::uint8_t { proceed, refuse };
// Who calls; whether the call may proceed.
enum class Phase : std::uint8_t { identify, admit };

class Policy {
 public:
  virtual ~Policy() = default;

  // As in the config and the explanation: "rate_limit".
  virtual std::string_view name() const = 0;

  // May add to the context; on refuse it has set context.refusal, and fields that belong to the answer
  // (WWW-Authenticate, Retry-After).
  virtual Verdict apply(RequestContext& context) const = 0;

  // Where apply() counts callers that are identified, by RateKey::slot, so that a cell can be asked from
  // memory as soon as the caller is known; null: nowhere. Asked once, when the chain is made.
  virtual const RateCells::Nearby* consumer_cells() const { return nullptr; }

  // Appends one step that says what apply() would decide now, without its effects: nothing is counted. May
  // set context.consumer, on which later policies depend.
  virtual Verdict explain(RequestContext& context, Explanation& explanation) const = 0;
};

// Sets the refusal and returns Verdict::refuse. `detail` must live as long as the context's texts.
inline Verdict refuse(RequestContext& context, const ErrorKind& kind, std::string_view detail) {
  context.refusal = {&kind, detail};
  return Verdict::refuse;
}

}  // namespace linkspan::gateway
