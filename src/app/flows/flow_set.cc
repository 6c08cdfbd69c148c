#include "app/flows/flow_set.h"

#include <filesystem>
#include <utility>

#include "app/flows/flow_routes.h"
#include "base/error_kinds.h"
#include "catalog/load.h"
#include "catalog/validators.h"
#include "config/loader.h"
#include "http/url.h"

namespace linkspan::app {

namespace {

// What is wrong, a line each.
class Problems {
 public:
  explicit Problems(const config::Config& config) : config_(config) {}

  void add(const config::Origin& origin, const std::string& message) {
    add(config::describe(config_, origin) + ": " + message);
  }
  void add(const std::string& line) {
    if (!text_.empty()) text_ += '\n';
    text_ += line;
  }
  bool empty() const { return text_.empty(); }
  Error take() { return {errors::config_invalid, std::move(text_)}; }

 private:
  const config::Config& config_;
  std::string text_;
};

// The path of the server that the description names first, variables at their defaults.
std::string path_of_server(const catalog::Api& api) {
  if (api.servers.empty()) return {};
  std::string url = api.servers.front().url;
  for (const catalog::ServerVariable& variable : api.servers.front().variables) {
    const std::string mark = "{" + variable.name + "}";
    const std::size_t at = url.find(mark);
    if (at != std::string::npos) url.replace(at, mark.size(), variable.default_value);
  }
  const std::size_t scheme = url.find("://");
  const std::size_t from = scheme == std::string::npos ? 0 : url.find('/', scheme + 3);
  std::string path = from == std::string::npos ? std::string() : url.substr(from);
  while (path.ends_with('/')) path.pop_back();
  return path.starts_with('/') ? path : std::string();
}

void load_catalog(const config::Config& config, flow::Catalog& catalog, Problems& problems) {
  for (const config::ApiConfig& api : config.apis) {
    if (api.spec.empty()) continue;
    const std::filesystem::path spec(api.spec);
    catalog::LoadResult loaded = catalog::load_api(spec.filename().generic_string(),
                                                   catalog::folder_loader(spec.parent_path().string()));
    for (catalog::Problem& problem : loaded.problems) {
      if (problem.severity != catalog::Severity::error) continue;
      if (!problem.file.empty())
        problem.file = (spec.parent_path() / problem.file).lexically_normal().string();
      problems.add(to_string(problem));
    }
    if (loaded.api == nullptr) continue;
    std::string prefix = api.path_prefix.empty() ? path_of_server(*loaded.api) : std::string();
    catalog.emplace(api.name, flow::ApiEntry{std::move(loaded.api), std::move(prefix)});
  }
}

FlowEntry make_entry(const config::FlowConfig& config, const flow::Catalog& catalog, Problems& problems) {
  FlowEntry entry;
  entry.config = &config;
  flow::PlanResult made = flow::make_plan(config, catalog);
  for (const flow::PlanProblem& problem : made.problems) problems.add(problem.origin, problem.message);
  entry.plan = std::move(made.plan);
  const std::string flow = "flow \"" + config.name + "\": ";
  if (entry.plan != nullptr && entry.plan->input_api != nullptr) {
    const catalog::Place& place = entry.plan->input_schema.place;
    Result<data::JsonSchema> schema =
        entry.plan->input_api->validators->get({.document = place.document, .pointer = place.pointer});
    if (schema) {
      entry.input = std::move(*schema);
    } else {
      problems.add(config.origin, flow + "input " + config.input + ": " + schema.error().detail());
    }
  }
  if (config.trigger.webhook && config.trigger.webhook->verify) {
    Result<flow::WebhookVerifier> verifier = flow::WebhookVerifier::make(*config.trigger.webhook->verify);
    if (verifier) {
      entry.verifier = std::move(*verifier);
    } else {
      problems.add(config.trigger.webhook->origin, flow + "verify: " + verifier.error().detail());
    }
  }
  if (config.trigger.poll) {
    flow::PollPlanResult poll = flow::make_poll_plan(config, catalog);
    for (const flow::PlanProblem& problem : poll.problems) problems.add(problem.origin, problem.message);
    entry.poll = std::move(poll.plan);
  }
  if (config.trigger.schedule) {
    Result<flow::Schedule> schedule = flow::make_schedule(config.name, *config.trigger.schedule);
    if (schedule) {
      entry.schedule = std::move(*schedule);
    } else {
      problems.add(config.trigger.schedule->origin, flow + "schedule: " + schedule.error().detail());
    }
  }
  if (config.trigger.dedupe) {
    Result<flow::Expression> key = flow::Expression::compile(config.trigger.dedupe->key, {});
    if (key) {
      entry.dedupe_key = std::move(*key);
    } else {
      problems.add(config.trigger.dedupe->key.origin, flow + "dedupe.key: " + key.error().detail());
    }
  }
  return entry;
}

}  // namespace

Result<std::shared_ptr<FlowSet>> build_flow_set(std::shared_ptr<const config::Config> config) {
  auto set = std::make_shared<FlowSet>();
  set->config = with_flow_routes(std::move(config), set->routes);
  Problems problems(*set->config);
  load_catalog(*set->config, set->catalog, problems);
  auto plans = std::make_shared<flow::PlanSet>();
  for (const config::ApiConfig& api : set->config->apis) {
    if (api.concurrency != config::kUnlimited) plans->concurrency.emplace(api.name, api.concurrency);
  }
  for (const config::FlowConfig& flow : set->config->flows) {
    FlowEntry& entry = set->flows.emplace_back(make_entry(flow, set->catalog, problems));
    plans->plans.emplace(flow.name, entry.plan);
    if (entry.plan != nullptr && entry.plan->mentions_approvals && !set->config->approvals) {
      problems.add(entry.plan->approvals_at,
                   "flow \"" + flow.name +
                       "\": $run.approvals needs approvals in the config, which says where the page is");
    }
    if (!flow.trigger.event.empty()) plans->by_event.emplace(flow.trigger.event, flow.name);
  }
  if (!problems.empty()) return problems.take();
  set->plans = std::move(plans);
  return set;
}

void share_rates(FlowSet& set, const upstream::ClusterList& clusters) {
  auto plans = std::make_shared<flow::PlanSet>(*set.plans);
  for (const std::shared_ptr<const upstream::SharedCluster>& cluster : clusters.clusters) {
    if (cluster->rate_gate() != nullptr) plans->rates[cluster->name()] = cluster->rate_gate();
  }
  set.plans = std::move(plans);
}

Result<std::shared_ptr<const flow::Plan>> plan_of_definition(const std::string& definition,
                                                             const flow::Catalog& catalog) {
  Result<config::FlowConfig> flow = config::parse_flow(definition, config::system_sources());
  if (!flow) return std::move(flow).error();
  flow::PlanResult made = flow::make_plan(*flow, catalog);
  if (made.plan == nullptr) {
    return Error(errors::config_invalid,
                 "an older version of the flow is not possible with the APIs as they are described now: " +
                     made.problems.front().message);
  }
  return std::move(made.plan);
}

}  // namespace linkspan::app
