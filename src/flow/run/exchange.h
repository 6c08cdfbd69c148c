// Between expressions and messages: the request that a call makes, as the journal keeps it, as it is sent,
// and the answer as expressions see it. Pure functions; one thread for an Evaluator.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/json.h"
#include "flow/caller.h"
#include "flow/plan/plan.h"

namespace linkspan::flow {

// What expressions see when a request is made.
struct Values {
  const data::JsonValue& input;
  std::span<const data::JsonValue> variables;
  const data::JsonValue* given = nullptr;  // a body instead of the call's own; null or a null value: none
};

// {operation, method, target, headers, and json (the body as a value) or body (as text)}. Without
// credentials: they are added when it is sent. `key` goes into the call's key header. Errors: jq_failed,
// jq_limit_exceeded; flow_failed for arguments that cannot be written by the description, all named.
Result<data::JsonValue> make_request(const Call& call, Evaluator& evaluator, const Values& values,
                                     std::string_view key);

// What to send, from what make_request gave.
Outgoing to_outgoing(const Call& call, const data::JsonValue& request, std::int64_t timeout_ns);

// {status, headers, body}: header names in lower case; a JSON or XML body as a value, other text as a string,
// no body and bytes that are no text as null. Errors: flow_failed for a body that is not what its
// Content-Type says.
Result<data::JsonValue> read_answer(const Call& call, const Incoming& answer);

}  // namespace linkspan::flow
