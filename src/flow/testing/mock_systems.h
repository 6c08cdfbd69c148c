// The other systems as a flow test sees them: operations answer as `mock` says, others with an example of
// their description. They outlive the engine, as other machines do, and remember what was done to them.
//
// What is sent is checked against the description, and what mocks answer too. A call under an idempotency key
// that the operation honours takes place once; the same again gets the same answer. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "config/flow_config.h"
#include "flow/caller.h"
#include "flow/engine.h"
#include "flow/plan/plan.h"

namespace linkspan::flow {

struct MockedCall {
  std::string name;         // "api.operation"
  data::JsonValue request;  // {path, query, headers, body}; header names in lower case
  int status = 0;           // 0: `error`
  std::string error;        // "reset", "timeout", "refused"
};

// What took place; reads are none.
struct MockedEffect {
  std::string name;
  std::string identity;  // the same for what must happen once only: key, or operation, target and body
  std::string key;       // the idempotency key, if one came
  data::JsonValue request;
  Incoming answer;
  data::JsonValue answer_body;
  bool was_answered = false;
  std::uint32_t count = 0;
};

class MockSystems {
 public:
  // All outlive it.
  MockSystems(const config::FlowTestConfig& test, const PlanSet& plans, const Catalog& catalog);

  CallOutcome take(const Outgoing& request);
  // The answer of the call that was taken last did not reach its caller: it counts for no `times`.
  void lose_answer();

  const std::vector<MockedCall>& calls() const { return calls_; }
  const std::deque<MockedEffect>& effects() const { return effects_; }
  // What is wrong with the test or with what was sent, in words; each once.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  struct Mock {
    const config::MockAnswer* config = nullptr;
    std::optional<Expression> body;
    std::optional<std::uint32_t> left;  // calls that it is for yet; none: all
  };
  struct Target {  // of a call
    std::string name;
    const ApiEntry* entry = nullptr;
    const catalog::Operation* operation = nullptr;
  };

  void read_mocks(const config::FlowTestConfig& test);
  void read_plans(const PlanSet& plans);
  void problem(std::string text);
  Target target_of(const Outgoing& request);
  data::JsonValue read_request(const Target& target, const Outgoing& request);
  Mock* mock_of(const std::string& name);
  std::string key_of(const Target& target, const Outgoing& request) const;
  MockedEffect& effect_of(const Target& target, const Outgoing& request, const data::JsonValue& value);
  void happen(MockedEffect& effect, bool is_repeatable, const Incoming& answer);
  CallOutcome fail(const Target& target, const Outgoing& request, const Mock& mock,
                   const data::JsonValue& value);
  Incoming answer(const Target& target, const Mock* mock, const data::JsonValue& value);
  Incoming example(const Target& target, int status);
  Incoming written(const Target& target, int status, const data::JsonValue& body);
  Incoming answer_probe(const Target& target, const data::JsonValue& value);
  data::JsonValue done() const;
  // `who` answers so: "the mock of stock.reserve".
  void check_answer(const Target& target, const Incoming& answer, const std::string& who);
  data::JsonValue body_of(const Target& target, const Incoming& answer) const;

  const Catalog& catalog_;
  RealClock clock_;  // bounds the time that expressions may take
  Evaluator evaluator_;
  std::map<std::string, Mock, std::less<>> mocks_;
  std::map<std::string, std::set<std::string>, std::less<>> key_headers_;  // by operation
  // Operations that flows use only to ask whether these took place.
  std::map<std::string, std::set<std::string>, std::less<>> probes_;
  std::map<std::pair<std::string, int>, Incoming> examples_;
  std::vector<MockedCall> calls_;
  std::deque<MockedEffect> effects_;
  std::vector<std::string> problems_;
  Mock* last_mock_ = nullptr;  // that answered the last call
};

}  // namespace linkspan::flow
