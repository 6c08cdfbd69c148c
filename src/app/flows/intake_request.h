// What a request has to be for a run to start, and how it starts: verified, read, checked against the flow's
// input, with the key by which it happens once. No I/O; one thread, with the parser and the evaluator that it
// is given.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/flows/flow_set.h"
#include "base/clock.h"
#include "base/error.h"
#include "data/json_parse.h"
#include "flow/engine.h"
#include "flow/plan/expression.h"
#include "http/h1_request.h"

namespace linkspan::app {

struct IntakeInput {
  const FlowEntry& flow;
  FlowRoute::Kind kind = FlowRoute::Kind::answer;
  const config::Config& config;
  const config::EndpointConfig& endpoint;  // of `config`
  const http::RequestHead& head;
  std::string_view body;
  std::string_view consumer;  // empty: nobody known
  std::string_view request_id;
  WallNs now = 0;
};

struct InputProblem {
  std::string pointer;  // JSON Pointer into the body
  std::string message;
};

struct IntakeRefusal {
  const ErrorKind* kind = nullptr;
  std::string detail;
  std::vector<InputProblem> problems;
};

// Refused: media_type_unsupported, webhook_unsigned, webhook_invalid, json_*, input_invalid, bad_request (an
// idempotency key that is none), jq_* (the dedupe key cannot be computed).
std::variant<flow::StartRequest, IntakeRefusal> make_start_request(const IntakeInput& input,
                                                                   data::JsonParser& parser,
                                                                   flow::Evaluator& evaluator);

// The refusal as a problem document (RFC 9457, JSON) with the member "errors": [{"pointer", "detail"}].
std::string problem_document(const IntakeRefusal& refusal, std::string_view instance);

}  // namespace linkspan::app
