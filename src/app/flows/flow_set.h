// The flows of one config, compiled: descriptions of APIs, plans, and by which requests runs start. Made by
// the control thread, immutable, shared by the workers and the thread of the flows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "catalog/model.h"
#include "config/config.h"
#include "data/schema/schema.h"
#include "flow/engine.h"
#include "flow/plan/expression.h"
#include "flow/plan/plan.h"
#include "flow/plan/poll_plan.h"
#include "flow/triggers/scheduler.h"
#include "flow/triggers/signature.h"
#include "upstream/shared_cluster.h"

namespace linkspan::app {

struct FlowEntry {
  const config::FlowConfig* config = nullptr;  // of FlowSet::config
  std::shared_ptr<const flow::Plan> plan;
  std::optional<data::JsonSchema> input;  // none: anything will do
  std::optional<flow::Expression> dedupe_key;
  std::optional<flow::WebhookVerifier> verifier;
  std::optional<flow::Schedule> schedule;
  std::shared_ptr<const flow::PollPlan> poll;
};

// What a request of an endpoint does with a flow.
struct FlowRoute {
  enum class Kind : std::uint8_t {
    answer,    // starts a run and answers with what it gives
    accept,    // a webhook: starts a run and says so
    approval,  // shows what a run asks a person, and takes the answer; of no flow in particular
    status     // tells how a run is doing
  };
  Kind kind = Kind::answer;
  std::uint32_t flow = 0;   // in FlowSet::flows
  bool has_status = false;  // there is a route that tells of its runs, below its own path
};

struct FlowSet {
  // As loaded, with the routes of flows behind the endpoints: what snapshots are built from.
  std::shared_ptr<const config::Config> config;
  flow::Catalog catalog;
  std::shared_ptr<const flow::PlanSet> plans;
  std::vector<FlowEntry> flows;                  // as Config::flows
  std::vector<std::optional<FlowRoute>> routes;  // by endpoint, as Config::endpoints
};

// Reads the descriptions that apis name. Errors: config_invalid; the detail has all problems, a line each
// ("linkspan.yaml:14:5: ...").
Result<std::shared_ptr<FlowSet>> build_flow_set(std::shared_ptr<const config::Config> config);

// Flows keep the rates of APIs together with the gateway, which knows them by these clusters.
void share_rates(FlowSet& set, const upstream::ClusterList& clusters);

// The plan of a flow as it was stored with the runs that began with it. Errors: config_invalid.
Result<std::shared_ptr<const flow::Plan>> plan_of_definition(const std::string& definition,
                                                             const flow::Catalog& catalog);

}  // namespace linkspan::app
