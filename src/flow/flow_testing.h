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

Catalog systems_catalog();

// The flows of a config's text (what stands under `flows:`), as they are read from a file.
std::vector<config::FlowConfig> read_flows(const std::string& flows);

std::shared_ptr<const PlanSet> make_plans(const std::string& flows, const Catalog& catalog);

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
  Systems();
  ~Systems();

  // What becomes of a call; nullopt: it succeeds.
  struct Fate {
    int status = 0;                 // answered so, without an effect; 0: no answer
    bool took_place = false;        // it had its effect all the same
    bool may_have_happened = true;  // as the caller sees it
    const char* retry_after = nullptr;
    const ErrorKind* error = &errors::upstream_reset;
  };
  std::function<std::optional<Fate>(const Outgoing&)> fate;

  CallOutcome take(const Outgoing& request);

  const std::deque<Effect>& effects() const { return effects_; }
  // "reserve charge": what took place, in order, reads left out.
  std::string done() const;

 private:
  Effect& effect_of(const Outgoing& request);

  std::string answer_to(const Outgoing& request, const Effect& effect) const;

  static std::string reference_of(const Effect& effect);

  std::deque<Effect> effects_;
};

class World {
 public:
  explicit World(const std::string& flows, std::uint64_t seed = 1, std::size_t max_in_line_awake = 50'000,
                 SimulatedEngine::MakeStore make_store = {});

  ~World();

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
  StartOutcome start(const std::string& flow, const std::string& input, const std::string& claim = {});

  // Calls of an API may not be more than this.
  void limit(const std::string& api, const Rate& rate);

  void limit_calls(const std::string& api, std::uint32_t at_once,
                   const std::shared_ptr<upstream::RateGate>& gate = nullptr);

  // Until nothing can happen but with time, which is not moved.
  void settle();

  // Until nothing will happen by itself, or so much time has passed.
  void run_on(std::int64_t at_most_ns = std::int64_t{30} * 24 * 3600 * kNsPerSecond);

  // The process ends at this instant; another begins with what is durable.
  void kill();

  // A reload.
  void change_flows(const std::string& flows);

  store::RunRow row(store::RunNo run);
  RunStatus status(store::RunNo run) { return static_cast<RunStatus>(row(run).state); }

  std::vector<Record> records(store::RunNo run);

  // "start intent:reserve done:reserve end": kinds and steps.
  std::string story(store::RunNo run);

  data::JsonValue output(store::RunNo run);

 private:
  void begin();

  // The definition of a plan here: the flow's name, and the text that it stands in.
  Result<std::shared_ptr<const Plan>> remake(const std::string& definition);

  Catalog catalog_ = systems_catalog();
  std::shared_ptr<const PlanSet> plans_;
  Systems systems_;
  SimulatedEngine simulated_;
};

data::JsonValue json(std::string_view text);

}  // namespace linkspan::flow::testing
