// Random flows, random faults, random kills, by seed, against what must hold whatever happens:
//   every start that was acknowledged comes to an end, if need be with a person's help,
//   no effect happens twice for one key, nor one whose system takes no key,
//   what is undone was done, and is undone in reverse order,
//   runs of one key go one after the other.
// LINKSPAN_SEEDS says how many seeds, LINKSPAN_SEED runs one of them alone.
#include <algorithm>
#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "flow/flow_testing.h"

namespace linkspan::flow {
namespace {

using testing::Effect;
using testing::Systems;
using testing::World;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : parse_u64(text).value_or(otherwise);
}

// One of several, evenly.
template <typename T, std::size_t n>
const T& one_of(const T (&things)[n], Random& random) {
  return things[random.below(n)];
}

bool chance(Random& random, unsigned percent) {
  return random.below(100) < percent;
}

std::string random_step(std::size_t number, Random& random) {
  const std::string name = "s" + std::to_string(number);
  std::string text = "      " + name + ": { ";
  if (number > 0 && chance(random, 30)) {
    std::string after;
    for (std::size_t earlier = 0; earlier < number; ++earlier) {
      if (chance(random, 40)) after += (after.empty() ? "s" : ", s") + std::to_string(earlier);
    }
    text += "after: [" + after + "], ";
  }
  if (chance(random, 10)) text += "when: .odd, ";
  switch (random.below(8)) {
    case 0:
    case 1:
      text += "call: sys.reserve, body: '{step: " + std::to_string(number) + ", run: $run.id}'";
      if (chance(random, 70)) text += ", undo: { call: sys.cancel, path: { id: $" + name + ".id } }";
      if (chance(random, 30)) text += ", reject: .status == 402";
      break;
    case 2:
      text += "call: sys.charge, body: '{reference: ($run.id + \"." + name +
              "\")}', unknown: { call: sys.findCharges, query: { reference: '$run.id + \"." + name +
              "\"' }, found: '.body.data[0]' }";
      if (chance(random, 70)) text += ", undo: { call: sys.refund, path: { id: $" + name + ".id } }";
      if (chance(random, 30)) text += ", reject: .status == 402";
      if (chance(random, 20)) text += ", exhausted: undo";
      break;
    case 3:
      text += "call: sys.putOrder, path: { id: '$run.id + \"." + name +
              "\"' }, body: '{n: " + std::to_string(number) + "}'";
      if (chance(random, 30)) text += ", exhausted: continue";
      break;
    case 4:
      text += "foreach: '[range(.n)]', parallel: " + std::to_string(1 + random.below(3)) +
              ", call: sys.reserve, body: '{item: $item, run: $run.id}'";
      if (chance(random, 50)) text += ", undo: { call: sys.cancel, path: { id: $" + name + ".id } }";
      break;
    case 5:
      text += "wait: " + std::to_string(1 + random.below(20)) + "s";
      break;
    case 6:
      text += chance(random, 50)
                  ? "set: '{a: .n}'"
                  : "emit: { event: made, key: $run.id, data: '{n: 1, odd: true, key: null}' }";
      break;
    default:
      text += "wait_for: { event: nobody, key: $run.id, timeout: 30s, on_timeout: ";
      text += chance(random, 50) ? "continue }" : "undo }";
  }
  return text + " }\n";
}

std::string random_flows(Random& random) {
  std::string text = "  main:\n    order_by: .key\n";
  if (chance(random, 20)) text += "    concurrency: 2\n";
  if (chance(random, 20)) text += "    deadline: 5m\n";
  text += "    steps:\n";
  const std::size_t steps = 1 + random.below(5);
  for (std::size_t i = 0; i < steps; ++i) text += random_step(i, random);
  text +=
      "  sink: { trigger: { event: made }, steps: { one: { call: sys.reserve, body: '{sink: $run.id}' } } "
      "}\n";
  return text;
}

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed)
      : random_(seed),
        flows_(random_flows(random_)),
        world_(flows_, seed),
        trouble_(static_cast<unsigned>(random_.below(50))) {
    world_.systems().fate = [this](const Outgoing& request) { return fate(request); };
  }

  void run() {
    const std::size_t starts = 1 + random_.below(4);
    for (std::size_t i = 0; i < starts; ++i) {
      start();
      stir(random_.below(20));
    }
    for (int kills = static_cast<int>(random_.below(6)); kills > 0; --kills) {
      stir(random_.below(25));
      kill();
    }
    stir(50);
    heal();
    check();
  }

  const std::string& flows() const { return flows_; }

 private:
  std::optional<Systems::Fate> fate(const Outgoing&) {
    if (healed_ || !chance(random_, trouble_)) return std::nullopt;
    constexpr Systems::Fate kFates[] = {
        {.status = 503}, {.status = 429},      {.status = 402},       {.status = 500, .took_place = true},
        {.status = 500}, {.took_place = true}, {.took_place = false}, {.may_have_happened = false},
    };
    return one_of(kFates, random_);
  }

  void start() {
    StartRequest request;
    request.flow = "main";
    request.input = data::JsonObjectBuilder()
                        .set("n", static_cast<std::int64_t>(random_.below(4)))
                        .set("odd", chance(random_, 50))
                        .set("key", std::string(1, static_cast<char>('a' + random_.below(2))))
                        .build();
    request.trigger = "test";
    world_.engine().start(std::move(request), [this](const StartOutcome& outcome) {
      if (!outcome.error) acknowledged_.push_back(outcome.run);
    });
  }

  // Some of what can happen, in any order.
  void stir(std::uint64_t moves) {
    for (std::uint64_t i = 0; i < moves; ++i) {
      switch (random_.below(6)) {
        case 0:
        case 1:
          world_.store().pump(1 + random_.below(3));
          break;
        case 2:
        case 3:
          if (world_.caller().waiting() > 0) world_.caller().serve(random_.below(world_.caller().waiting()));
          break;
        case 4:
          world_.clock().advance(static_cast<std::int64_t>(random_.below(4)) * kNsPerSecond);
          world_.engine().wake();
          break;
        default:
          if (chance(random_, 10)) world_.store().fail_next(errors::store_failed);
      }
    }
  }

  // Some of what is under way reaches the systems, and nobody hears of it.
  void kill() {
    while (world_.caller().waiting() > 0 && chance(random_, 50)) {
      world_.caller().serve(random_.below(world_.caller().waiting()), true);
    }
    world_.kill();
  }

  // All systems work again, and a person looks after what is parked.
  void heal() {
    healed_ = true;
    for (int rounds = 0; rounds < 50; ++rounds) {
      world_.run_on();
      bool any_open = false;
      for (const store::RunRow& row : open_rows()) {
        any_open = true;
        world_.engine().repair(row.run, {.kind = RepairKind::retry, .step = {}, .value = {}, .by = "test"},
                               [](const Result<void>&) {});
      }
      if (!any_open) return;
    }
  }

  std::vector<store::RunRow> open_rows() {
    Result<std::vector<store::RunRow>> rows = world_.store().open_runs();
    return rows ? *rows : std::vector<store::RunRow>();
  }

  void check() {
    for (const store::RunRow& row : open_rows()) {
      ADD_FAILURE() << "run " << row.run << " is " << to_string(static_cast<RunStatus>(row.state)) << ": "
                    << row.reason << "\n"
                    << world_.story(row.run);
    }
    for (store::RunNo run : acknowledged_) {
      const Result<store::StoredRun> stored = world_.store().read(run);
      ASSERT_TRUE(stored) << "run " << run << " was acknowledged and is lost";
      check_undo(run);
    }
    check_effects();
    check_order();
  }

  std::string stories() {
    std::string text;
    for (store::RunNo run : acknowledged_) text += "\nrun " + std::to_string(run) + ": " + world_.story(run);
    return text;
  }

  // No effect twice, in whatever way its system tells calls apart.
  void check_effects() {
    std::map<std::string, int> charges;
    for (const Effect& effect : world_.systems().effects()) {
      if (!effect.key.empty()) {
        EXPECT_LE(effect.count, 1) << effect.operation << " " << effect.key;
      }
      if (effect.operation == "charge") charges[effect.body] += effect.count;
    }
    for (const auto& [body, count] : charges) EXPECT_LE(count, 1) << body << stories();
  }

  // What is undone was done, the last of it first.
  void check_undo(store::RunNo run) {
    std::vector<std::string> done;
    for (const Record& record : world_.records(run)) {
      const std::string task = record.step + "." + std::to_string(record.item);
      if (record.kind == RecordKind::done) done.push_back(task);
      if (record.kind != RecordKind::undone) continue;
      const auto found = std::find(done.begin(), done.end(), task);
      ASSERT_NE(found, done.end()) << task << " was undone and not done: " << world_.story(run);
      done.erase(found, done.end());  // what came after it has been undone, or has nothing to undo
    }
  }

  // In the journal of a run nothing but its beginning is before the end of the one that came before it with
  // the same key.
  void check_order() {
    std::map<std::string, WallNs> ended;
    for (store::RunNo run : acknowledged_) {
      const std::vector<Record> records = world_.records(run);
      const store::RunRow row = world_.row(run);
      if (row.flow != "main" || records.size() < 2) continue;
      EXPECT_GE(records[1].at, ended[row.order_key]) << "run " << run << " overtook: " << world_.story(run);
      ended[row.order_key] = records.back().at;
    }
  }

  Random random_;
  std::string flows_;
  World world_;
  unsigned trouble_;  // percent of calls that go wrong
  bool healed_ = false;
  std::vector<store::RunNo> acknowledged_;
};

TEST(Simulation, holds_whatever_fails_and_whenever_it_is_killed) {
  const std::uint64_t only = from_environment("LINKSPAN_SEED", 0);
  const std::uint64_t seeds = only != 0 ? 1 : from_environment("LINKSPAN_SEEDS", 1000);
  for (std::uint64_t i = 1; i <= seeds; ++i) {
    const std::uint64_t seed = only != 0 ? only : i;
    SCOPED_TRACE("LINKSPAN_SEED=" + std::to_string(seed));
    Simulation simulation(seed);
    simulation.run();
    if (HasFailure()) {
      std::printf("seed %llu:\n%s", static_cast<unsigned long long>(seed), simulation.flows().c_str());
      return;
    }
  }
}

}  // namespace
}  // namespace linkspan::flow
