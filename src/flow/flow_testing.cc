#include "flow/flow_testing.h"

namespace linkspan::flow::testing {

Catalog systems_catalog() {
  static const std::shared_ptr<const catalog::Api> api = catalog::testing::loaded(kSystems);
  return {{"sys", {.api = api, .path_prefix = ""}}};
}

std::vector<config::FlowConfig> read_flows(const std::string& flows) {
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

std::shared_ptr<const PlanSet> make_plans(const std::string& flows, const Catalog& catalog) {
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

CallOutcome Systems::take(const Outgoing& request) {
  const std::optional<Fate> decided = fate ? fate(request) : std::nullopt;
  Effect& effect = effect_of(request);
  if (!decided || decided->took_place) {
    if (effect.key.empty() || effect.count == 0) ++effect.count;  // a key makes it happen once
  }
  CallOutcome outcome;
  if (!decided) {
    outcome.answer = Incoming{
        .status = 200, .headers = {{"Content-Type", "application/json"}}, .body = answer_to(request, effect)};
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

std::string Systems::done() const {
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

Effect& Systems::effect_of(const Outgoing& request) {
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

std::string Systems::answer_to(const Outgoing& request, const Effect& effect) const {
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

std::string Systems::reference_of(const Effect& effect) {
  const Result<data::JsonValue> body = data::parse_json(effect.body);
  const data::JsonValue* reference = body ? body->find("reference") : nullptr;
  return reference != nullptr && reference->is_string() ? std::string(reference->string()) : std::string("?");
}

World::World(const std::string& flows, std::uint64_t seed, std::size_t max_in_line_awake,
             SimulatedEngine::MakeStore make_store)
    : plans_(make_plans(flows, catalog_)),
      simulated_({.answer = [this](const Outgoing& request) { return systems_.take(request); },
                  .old_plans = [this](const std::string& definition) { return remake(definition); },
                  .seed = seed,
                  .max_in_line_awake = max_in_line_awake,
                  .make_store = std::move(make_store)}) {
  begin();
}

StartOutcome World::start(const std::string& flow, const std::string& input, const std::string& claim) {
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

void World::limit(const std::string& api, const Rate& rate) {
  auto plans = std::make_shared<PlanSet>(*plans_);
  plans->rates[api] = std::make_shared<upstream::RateGate>(rate);
  plans_ = std::move(plans);
  engine().adopt(plans_);
}

void World::limit_calls(const std::string& api, std::uint32_t at_once,
                        const std::shared_ptr<upstream::RateGate>& gate) {
  auto plans = std::make_shared<PlanSet>(*plans_);
  plans->concurrency[api] = at_once;
  if (gate != nullptr) plans->rates[api] = gate;
  plans_ = std::move(plans);
  engine().adopt(plans_);
}

void World::settle() {
  if (!simulated_.settle()) ADD_FAILURE() << "it never settles";
}

void World::run_on(std::int64_t at_most_ns) {
  if (!simulated_.run_on(at_most_ns)) ADD_FAILURE() << "it never ends";
}

void World::kill() {
  simulated_.kill();
  begin();
}

void World::change_flows(const std::string& flows) {
  plans_ = make_plans(flows, catalog_);
  engine().adopt(plans_);
}

store::RunRow World::row(store::RunNo run) {
  Result<store::StoredRun> stored = runs().read(run);
  if (!stored) ADD_FAILURE() << stored.error().to_string();
  return stored ? stored->row : store::RunRow{};
}

std::vector<Record> World::records(store::RunNo run) {
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

std::string World::story(store::RunNo run) {
  std::string text;
  for (const Record& record : records(run)) {
    if (!text.empty()) text += ' ';
    text += to_string(record.kind);
    if (!record.step.empty()) text += ":" + record.step;
  }
  return text;
}

data::JsonValue World::output(store::RunNo run) {
  const std::vector<Record> all = records(run);
  return all.empty() ? data::JsonValue() : all.back().value;
}

void World::begin() {
  const Result<void> recovered = simulated_.begin(plans_);
  if (!recovered) ADD_FAILURE() << recovered.error().to_string();
}

Result<std::shared_ptr<const Plan>> World::remake(const std::string& definition) {
  const std::size_t end = definition.find('\n');
  const std::shared_ptr<const PlanSet> plans = make_plans(definition.substr(end + 1), catalog_);
  return plans->plans.at(definition.substr(0, end));
}

data::JsonValue json(std::string_view text) {
  return *data::parse_json(text);
}

Systems::Systems() = default;
Systems::~Systems() = default;
World::~World() = default;

}  // namespace linkspan::flow::testing
