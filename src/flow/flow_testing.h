// For the unit tests of flows: a world of one engine, a store in memory, systems that remember what was done
// to them, and a clock that jumps to whatever comes next. Everything happens in the order that the test, or
// its seed, decides.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "catalog/catalog_testing.h"
#include "config/loader.h"
#include "data/json_parse.h"
#include "data/json_write.h"
#include "flow/engine.h"
#include "flow/testing/simulated_engine.h"

namespace linkspan::flow::testing {

// Systems with an effect a call: `keyed` operations honour Idempotency-Key, `plain` ones do not.
inline constexpr const char* kSystems = R"(
openapi: 3.1.0
info: { title: Systems, version: '1' }
paths:
  /reservations:
    post:
      operationId: reserve
      parameters: [{ name: Idempotency-Key, in: header, schema: { type: string } }]
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { '201': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Made' } } } } }
  /reservations/{id}:
    delete:
      operationId: cancel
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '204': { description: ok } }
  /charges:
    get:
      operationId: findCharges
      parameters: [{ name: reference, in: query, schema: { type: string } }]
      responses: { '200': { description: ok } }
    post:
      operationId: charge
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { '201': { description: ok } }
  /charges/{id}/refund:
    post:
      operationId: refund
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: Idempotency-Key, in: header, schema: { type: string } }
      responses: { '200': { description: ok } }
  /items:
    get:
      operationId: listItems
      parameters:
        - { name: limit, in: query, schema: { type: string } }
        - { name: after, in: query, schema: { type: string } }
      responses: { '200': { description: ok } }
  /orders:
    get:
      operationId: listOrders
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Orders' } } } } }
  /orders/{id}:
    put:
      operationId: putOrder
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { '200': { description: ok } }
components:
  schemas:
    Made: { type: object, properties: { id: { type: string } } }
    Orders: { type: object, properties: { orders: { type: array, items: { $ref: '#/components/schemas/Order' } } } }
    Order: { type: object, required: [id], properties: { id: { type: string }, total: { type: integer } } }
)";

inline Catalog systems_catalog() {
  static const std::shared_ptr<const catalog::Api> api = catalog::testing::loaded(kSystems);
  return {{"sys", {.api = api, .path_prefix = ""}}};
}

// The flows of a config's text (what stands under `flows:`), as they are read from a file.
inline std::vector<config::FlowConfig> read_flows(const std::string& flows) {
  const config::LoadResult loaded = config::load_text(
      "test.yaml",
      "listen: http://127.0.0.1:0\napis: { sys: { servers: http://127.0.0.1:1 } }\nflows:\n" + flows,
      config::empty_sources());
  for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
  if (!loaded.config) return {};
  std::vector<config::FlowConfig> result = loaded.config->flows;
  for (config::FlowConfig& flow : result) flow.source = flow.name + "\n" + flows;
  return result;
}

inline std::shared_ptr<const PlanSet> make_plans(const std::string& flows, const Catalog& catalog) {
  auto set = std::make_shared<PlanSet>();
  for (const config::FlowConfig& flow : read_flows(flows)) {
    PlanResult made = make_plan(flow, catalog);
    for (const PlanProblem& problem : made.problems) ADD_FAILURE() << problem.message;
    if (!made.plan) continue;
    set->plans[flow.name] = made.plan;
    if (!flow.trigger.event.empty()) set->by_event.emplace(flow.trigger.event, flow.name);
  }
  return set;
}

// What was done to the systems: it outlives the engine, as other machines do.
struct Effect {
  std::string operation;
  std::string target;
  std::string key;
  std::string body;
  int number = 0;  // its id
  int count = 0;   // how often it took place
  bool is_read = false;
};

class Systems {
 public:
  // What becomes of a call; nullopt: it succeeds.
  struct Fate {
    int status = 0;                 // answered so, without an effect; 0: no answer
    bool took_place = false;        // it had its effect all the same
    bool may_have_happened = true;  // as the caller sees it
    const char* retry_after = nullptr;
    const ErrorKind* error = &errors::upstream_reset;
  };
  std::function<std::optional<Fate>(const Outgoing&)> fate;

  CallOutcome take(const Outgoing& request) {
    const std::optional<Fate> decided = fate ? fate(request) : std::nullopt;
    Effect& effect = effect_of(request);
    if (!decided || decided->took_place) {
      if (effect.key.empty() || effect.count == 0) ++effect.count;  // a key makes it happen once
    }
    CallOutcome outcome;
    if (!decided) {
      outcome.answer = Incoming{.status = 200,
                                .headers = {{"Content-Type", "application/json"}},
                                .body = answer_to(request, effect)};
    } else if (decided->status != 0) {
      outcome.answer = Incoming{.status = decided->status, .headers = {}, .body = {}};
      if (decided->retry_after != nullptr)
        outcome.answer->headers.emplace_back("Retry-After", decided->retry_after);
    } else {
      outcome.error = Error(*decided->error, "gone");
      outcome.may_have_happened = decided->may_have_happened;
    }
    return outcome;
  }

  const std::deque<Effect>& effects() const { return effects_; }
  // "reserve charge": what took place, in order, reads left out.
  std::string done() const {
    std::string text;
    for (const Effect& effect : effects_) {
      for (int i = 0; i < effect.count; ++i) {
        if (effect.is_read) continue;
        if (!text.empty()) text += ' ';
        text += effect.operation;
      }
    }
    return text;
  }

 private:
  Effect& effect_of(const Outgoing& request) {
    std::string key;
    for (const auto& [name, value] : request.headers) {
      if (name == "Idempotency-Key" && request.repeatable) key = value;
    }
    // The same once more has no further effect.
    if (key.empty() && http::is_idempotent(request.method) && !http::is_safe(request.method))
      key = request.target;
    for (Effect& effect : effects_) {
      if (!key.empty() && effect.key == key) return effect;
    }
    effects_.push_back({.operation = request.operation,
                        .target = request.target,
                        .key = std::move(key),
                        .body = request.body,
                        .number = static_cast<int>(effects_.size()) + 1,
                        .count = 0,
                        .is_read = request.method == http::Method::get});
    return effects_.back();
  }

  std::string answer_to(const Outgoing& request, const Effect& effect) const {
    if (request.operation == "findCharges") {
      for (const Effect& other : effects_) {
        if (other.operation == "charge" && other.count > 0 &&
            request.target.find(reference_of(other)) != std::string::npos) {
          return R"({"data":[{"id":")" + std::to_string(other.number) + R"("}]})";
        }
      }
      return R"({"data":[]})";
    }
    if (request.operation == "listItems") {  // five items, two a page
      const std::size_t after = request.target.find("after=");
      const int first = after == std::string::npos ? 0 : request.target[after + 6] - '0';
      const std::string next = first < 4 ? "\"" + std::to_string(first + 2) + "\"" : "null";
      std::string items = R"({"n":)" + std::to_string(first) + "}";
      if (first < 4) items += R"(,{"n":)" + std::to_string(first + 1) + "}";
      return R"({"data":[)" + items + R"(],"next":)" + next + "}";
    }
    return R"({"id":")" + std::to_string(effect.number) + R"("})";
  }

  static std::string reference_of(const Effect& effect) {
    const Result<data::JsonValue> body = data::parse_json(effect.body);
    const data::JsonValue* reference = body ? body->find("reference") : nullptr;
    return reference != nullptr && reference->is_string() ? std::string(reference->string())
                                                          : std::string("?");
  }

  std::deque<Effect> effects_;
};

class World {
 public:
  explicit World(const std::string& flows, std::uint64_t seed = 1, std::size_t max_in_line_awake = 50'000,
                 SimulatedEngine::MakeStore make_store = {})
      : plans_(make_plans(flows, catalog_)),
        simulated_({.answer = [this](const Outgoing& request) { return systems_.take(request); },
                    .old_plans = [this](const std::string& definition) { return remake(definition); },
                    .seed = seed,
                    .max_in_line_awake = max_in_line_awake,
                    .make_store = std::move(make_store)}) {
    begin();
  }

  Engine& engine() { return simulated_.engine(); }
  // Wherever runs lie.
  store::Store& runs() { return simulated_.stepped().store(); }
  SteppedStore& stepped() { return simulated_.stepped(); }
  // In memory.
  store::MemoryStore& store() { return simulated_.store(); }
  VirtualClock& clock() { return simulated_.clock(); }
  Systems& systems() { return systems_; }
  QueuedCaller& caller() { return simulated_.caller(); }
  Random& random() { return simulated_.random(); }

  // Commits and loads alone, then what was said; nothing else moves.
  StartOutcome start(const std::string& flow, const std::string& input, const std::string& claim = {}) {
    StartRequest request;
    request.flow = flow;
    request.input = *data::parse_json(input);
    request.trigger = "test";
    request.claim_space = claim.empty() ? "" : "test";
    request.claim_key = claim;
    request.claim_for_ns = 3600 * kNsPerSecond;
    std::optional<StartOutcome> outcome;
    engine().start(std::move(request), [&](StartOutcome told) { outcome = std::move(told); });
    stepped().pump(store::MemoryStore::kAll);
    if (!outcome) ADD_FAILURE() << "start was not answered";
    return outcome ? std::move(*outcome) : StartOutcome{};
  }

  // Calls of an API may not be more than this.
  void limit(const std::string& api, const Rate& rate) {
    auto plans = std::make_shared<PlanSet>(*plans_);
    plans->rates[api] = std::make_shared<upstream::RateGate>(rate);
    plans_ = std::move(plans);
    engine().adopt(plans_);
  }

  void limit_calls(const std::string& api, std::uint32_t at_once,
                   const std::shared_ptr<upstream::RateGate>& gate = nullptr) {
    auto plans = std::make_shared<PlanSet>(*plans_);
    plans->concurrency[api] = at_once;
    if (gate != nullptr) plans->rates[api] = gate;
    plans_ = std::move(plans);
    engine().adopt(plans_);
  }

  // Until nothing can happen but with time, which is not moved.
  void settle() {
    if (!simulated_.settle()) ADD_FAILURE() << "it never settles";
  }

  // Until nothing will happen by itself, or so much time has passed.
  void run_on(std::int64_t at_most_ns = std::int64_t{30} * 24 * 3600 * kNsPerSecond) {
    if (!simulated_.run_on(at_most_ns)) ADD_FAILURE() << "it never ends";
  }

  // The process ends at this instant; another begins with what is durable.
  void kill() {
    simulated_.kill();
    begin();
  }

  // A reload.
  void change_flows(const std::string& flows) {
    plans_ = make_plans(flows, catalog_);
    engine().adopt(plans_);
  }

  store::RunRow row(store::RunNo run) {
    Result<store::StoredRun> stored = runs().read(run);
    if (!stored) ADD_FAILURE() << stored.error().to_string();
    return stored ? stored->row : store::RunRow{};
  }
  RunStatus status(store::RunNo run) { return static_cast<RunStatus>(row(run).state); }

  std::vector<Record> records(store::RunNo run) {
    std::vector<Record> all;
    Result<store::StoredRun> stored = runs().read(run);
    if (!stored) return all;
    for (const std::string& line : stored->records) {
      Result<std::vector<Record>> records = parse_records(line);
      if (!records) ADD_FAILURE() << records.error().to_string();
      if (records) all.insert(all.end(), records->begin(), records->end());
    }
    return all;
  }

  // "start intent:reserve done:reserve end": kinds and steps.
  std::string story(store::RunNo run) {
    std::string text;
    for (const Record& record : records(run)) {
      if (!text.empty()) text += ' ';
      text += to_string(record.kind);
      if (!record.step.empty()) text += ":" + record.step;
    }
    return text;
  }

  data::JsonValue output(store::RunNo run) {
    const std::vector<Record> all = records(run);
    return all.empty() ? data::JsonValue() : all.back().value;
  }

 private:
  void begin() {
    const Result<void> recovered = simulated_.begin(plans_);
    if (!recovered) ADD_FAILURE() << recovered.error().to_string();
  }

  // The definition of a plan here: the flow's name, and the text that it stands in.
  Result<std::shared_ptr<const Plan>> remake(const std::string& definition) {
    const std::size_t end = definition.find('\n');
    const std::shared_ptr<const PlanSet> plans = make_plans(definition.substr(end + 1), catalog_);
    return plans->plans.at(definition.substr(0, end));
  }

  Catalog catalog_ = systems_catalog();
  std::shared_ptr<const PlanSet> plans_;
  Systems systems_;
  SimulatedEngine simulated_;
};

inline data::JsonValue json(std::string_view text) {
  return *data::parse_json(text);
}

}  // namespace linkspan::flow::testing
