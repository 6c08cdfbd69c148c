// Flows: durable integrations, as they are written. What they mean is compiled and checked against the
// descriptions of APIs by flow/plan.h.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/units.h"
#include "config/types.h"

namespace linkspan::config {

// A value that is computed when it is needed: jq text, or a number, boolean or null that stands for itself.
// So does a reference alone (`${env:NAME}`): it is a literal string, and one that must not be shown
// (is_secret()).
struct Expression {
  Origin origin;            // of the value; of a block scalar, of the | or > in front of it
  std::string text;         // jq; for a literal its JSON
  bool is_literal = false;  // written in YAML as a number, boolean or null, or a reference alone

  bool empty() const { return text.empty(); }
  bool operator==(const Expression&) const = default;
};

// `name: expression` of a mapping, in the order written.
struct NamedExpression {
  Origin origin;
  std::string name;
  Expression value;

  bool operator==(const NamedExpression&) const = default;
};

// What is given to an operation.
struct CallArguments {
  std::string call;  // "api.operation"
  Origin call_origin;
  std::vector<NamedExpression> path;
  std::vector<NamedExpression> query;
  std::vector<NamedExpression> headers;
  std::optional<Expression> body;

  bool operator==(const CallArguments&) const = default;
};

struct UndoConfig : CallArguments {
  Origin origin;
  std::optional<Expression> when;

  bool operator==(const UndoConfig&) const = default;
};

// Asks whether a call whose outcome is not known took place.
struct ProbeConfig : CallArguments {
  Origin origin;
  Expression found;  // of the answer {status, headers, body}: what the call's body would have been; null: it
                     // did not take place

  bool operator==(const ProbeConfig&) const = default;
};

struct StepRetryConfig {
  bool on_network = true;  // no answer: refused, reset, late
  std::vector<StatusRange> on_statuses = {{408, 408}, {425, 425}, {429, 429}, {500, 599}};
  uint32_t attempts = kUnlimited;              // the first included
  Duration within = std::chrono::minutes(10);  // from the step's first attempt
  Duration first_delay = std::chrono::seconds(1);
  Duration max_delay = std::chrono::minutes(5);

  bool operator==(const StepRetryConfig&) const = default;
};

enum class Exhausted : uint8_t { park, undo, carry_on };  // YAML: park, undo, continue

enum class Paging : uint8_t { link, cursor, page, offset };
struct PaginateConfig {
  Paging by = Paging::link;
  std::optional<Expression> items;  // of the answer's body: its items; default: the body, if it is an array
  std::optional<Expression> next;   // by cursor: of the answer {status, headers, body}; null ends
  std::string parameter;            // query parameter that takes the cursor, page or offset
  uint32_t max_pages = 100;
  uint32_t max_items = 10'000;

  bool operator==(const PaginateConfig&) const = default;
};

struct WaitForConfig {
  Origin origin;
  std::string event;                   // exactly one of event and approval
  std::optional<Expression> key;       // correlation key of the event
  std::optional<Expression> approval;  // what a person is asked
  Duration timeout = kNoDuration;
  Exhausted on_timeout = Exhausted::park;

  bool operator==(const WaitForConfig&) const = default;
};

struct EmitConfig {
  Origin origin;
  std::string event;
  std::optional<Expression> key;
  std::optional<Expression> data;  // default: the run's input

  bool operator==(const EmitConfig&) const = default;
};

struct RunFlowConfig {
  Origin origin;
  std::string flow;
  std::optional<Expression> input;  // default: the run's input
  bool wait = true;                 // for its end; $step is then its output

  bool operator==(const RunFlowConfig&) const = default;
};

struct RespondStepConfig {
  Origin origin;
  std::optional<Expression> status;  // default 200
  std::optional<Expression> body;

  bool operator==(const RespondStepConfig&) const = default;
};

// Exactly one of call, set, wait, wait_for, emit, run, respond and fail.
struct StepConfig {
  Origin origin;
  std::string name;
  std::optional<std::vector<std::string>> after;  // nullopt: the step before; empty: at once
  std::optional<Expression> when;
  std::optional<Expression> foreach;  // an array: the step is done once for each, as $item and $index
  uint32_t parallel = 1;              // of foreach
  bool collect_failures = false;      // foreach's on_failure: stop (false) or collect (true)

  std::optional<CallArguments> call;
  std::optional<Expression> set;
  std::optional<Expression> wait;  // a duration, or an expression for seconds or a time (RFC 3339)
  std::optional<WaitForConfig> wait_for;
  std::optional<EmitConfig> emit;
  std::optional<RunFlowConfig> run;
  std::optional<RespondStepConfig> respond;
  std::optional<Expression> fail;  // the reason

  // Of call.
  Duration timeout = kNoDuration;  // one attempt; none: the api's timeout.total
  StepRetryConfig retry;
  std::optional<Expression> reject;
  std::optional<ProbeConfig> unknown;
  std::optional<UndoConfig> undo;
  bool pivot = false;
  Exhausted exhausted = Exhausted::park;
  std::string idempotency = "auto";  // "auto", "none", or the header that the operation honours
  std::optional<PaginateConfig> paginate;

  // In special_members.cc: inline, every file that holds one would compile them anew.
  StepConfig();
  StepConfig(const StepConfig&);
  StepConfig(StepConfig&&) noexcept;
  StepConfig& operator=(const StepConfig&);
  StepConfig& operator=(StepConfig&&) noexcept;
  ~StepConfig();
  bool operator==(const StepConfig&) const;
};

struct HmacConfig {  // of the body, by a shared secret
  std::string header;
  Secret secret;
  std::string prefix;   // before the signature in the header: "sha256="
  bool base64 = false;  // else hexadecimal
  uint32_t bits = 256;  // of SHA-2: 256 or 512

  bool operator==(const HmacConfig&) const = default;
};

struct VerifyConfig {  // exactly one
  std::optional<Secret> standard_webhooks;
  std::optional<Secret> github;
  std::optional<HmacConfig> hmac;

  bool operator==(const VerifyConfig&) const = default;
};

struct WebhookConfig {
  Origin origin;
  std::string path;
  std::optional<VerifyConfig> verify;

  bool operator==(const WebhookConfig&) const = default;
};

enum class MissedTicks : uint8_t { skip, once, all };
struct ScheduleConfig {
  Origin origin;
  std::string cron;
  std::string time_zone = "UTC";
  MissedTicks missed = MissedTicks::once;

  bool operator==(const ScheduleConfig&) const = default;
};

struct PollConfig : CallArguments {
  Origin origin;
  Duration every = std::chrono::minutes(1);
  Expression items;                  // of the answer {status, headers, body}
  std::optional<Expression> cursor;  // of the answer: kept, and $cursor in the next call
  std::optional<Expression> key;     // of an item: only those not seen with this key
  bool changed_only = false;         // with key: also those seen whose content is another

  bool operator==(const PollConfig&) const = default;
};

struct DedupeConfig {
  Expression key;
  Duration window = std::chrono::hours(7 * 24);

  bool operator==(const DedupeConfig&) const = default;
};

struct TriggerConfig {
  std::optional<WebhookConfig> webhook;  // at most one of these
  std::optional<ScheduleConfig> schedule;
  std::optional<PollConfig> poll;
  std::string event;
  std::optional<DedupeConfig> dedupe;

  bool operator==(const TriggerConfig&) const = default;
};

struct MockAnswer {
  Origin origin;
  std::string name;  // "api.operation"
  uint32_t status = 200;
  std::optional<Expression> body;  // of the request and what took place: {path, query, headers, body, done}
  std::string error;               // instead: "reset", "timeout", "refused"
  bool took_place = true;          // with error: whether the operation had its effect all the same
  uint32_t times = kUnlimited;     // from then on an example of the description answers

  bool operator==(const MockAnswer&) const = default;
};

struct ExpectConfig {
  std::string status;  // "completed", "undone", "parked", "waiting", "cancelled"; empty: not looked at
  std::vector<std::string> undone;  // steps, in the order in which they were undone
  bool undone_given = false;
  std::optional<Expression> output;  // a condition on the output; also $status, $reason, $steps, $calls
  std::vector<std::string> called;   // operations, in order
  bool called_given = false;

  bool operator==(const ExpectConfig&) const = default;
};

enum class TestKill : uint8_t { nowhere, everywhere };
struct FlowTestConfig {
  Origin origin;
  std::string name;
  std::string given;       // a file of the input, relative to the one where this stands
  std::string given_text;  // what is in it
  std::optional<Expression> input;
  std::vector<MockAnswer> mock;
  ExpectConfig expect;
  TestKill kill = TestKill::nowhere;

  bool operator==(const FlowTestConfig&) const = default;
};

struct FlowConfig {
  Origin origin;
  std::string name;
  // The flow as YAML by itself, without its tests, references unresolved: loader.h reads it again.
  std::string source;
  TriggerConfig trigger;
  std::string input;  // "api#Schema": what the input must be; empty: anything
  std::optional<Expression> order_by;
  uint32_t concurrency = kUnlimited;
  Duration deadline = kNoDuration;
  std::vector<StepConfig> steps;
  std::optional<Expression> output;
  std::vector<FlowTestConfig> tests;

  // In special_members.cc: inline, every file that holds one would compile them anew.
  FlowConfig();
  FlowConfig(const FlowConfig&);
  FlowConfig(FlowConfig&&) noexcept;
  FlowConfig& operator=(const FlowConfig&);
  FlowConfig& operator=(FlowConfig&&) noexcept;
  ~FlowConfig();
  bool operator==(const FlowConfig&) const;
};

}  // namespace linkspan::config
