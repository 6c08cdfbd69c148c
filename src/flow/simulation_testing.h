// Random flows, random faults, random kills, by seed, against what must hold whatever happens:
//   every start that was acknowledged comes to an end, if need be with a person's help,
//   what comes twice under one key is one run, and a step starts another flow once,
//   no effect happens twice for one key, nor one whose system takes no key,
//   what is undone was done, and is undone in reverse order; past a pivot nothing is, unless a person says
//   so, runs of one key go one after the other, nobody is called again before his Retry-After has passed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "flow/flow_testing.h"
#include "flow/random_flows_testing.h"
#include "flow/simulated_stores_testing.h"

namespace linkspan::flow::testing {

class Simulation {
 public:
  enum class Place : std::uint8_t { memory, disk };

  Simulation(std::uint64_t seed, Place place)
      : random_(seed),
        flows_(RandomFlows(random_).make()),
        world_(flows_, seed, chance(random_, 30) ? 1 : 50'000,
               [this, place, seed](const Clock& clock) { return make_store(place, seed, clock); }),
        trouble_(static_cast<unsigned>(random_.below(50))) {
    world_.systems().fate = [this](const Outgoing& request) { return fate(request); };
    if (chance(random_, 15)) {
      world_.limit("sys", Rate{.count = 1 + random_.below(5), .per = std::chrono::seconds(1)});
    }
    if (chance(random_, 15)) world_.limit_calls("sys", static_cast<std::uint32_t>(1 + random_.below(2)));
  }

  void run() {
    const std::uint64_t starts = 1 + random_.below(4);
    for (std::uint64_t i = 0; i < starts; ++i) {
      start();
      stir(random_.below(20));
    }
    for (std::uint64_t kills = random_.below(6); kills > 0; --kills) {
      if (chance(random_, 10)) change_flows();
      if (chance(random_, 70)) store_->plan_power_cut(random_);
      stir(random_.below(25));
      kill();
    }
    stir(50);
    heal();
    check();
  }

  const std::string& flows() const { return flows_; }

  // What became of it: all runs with the times of their records.
  std::string history() {
    std::string text;
    for (const store::RunRow& row : all_rows()) {
      text += row.flow + " " + std::to_string(row.run) + ":";
      for (const Record& record : world_.records(row.run)) {
        text.append(" ").append(to_string(record.kind)).append("@").append(std::to_string(record.at));
      }
      text += "\n";
    }
    return text;
  }

 private:
  std::unique_ptr<SteppedStore> make_store(Place place, std::uint64_t seed, const Clock& clock) {
    std::unique_ptr<FailingStore> made;
    if (place == Place::memory) {
      made = std::make_unique<FailingMemory>(clock);
    } else {
      made = std::make_unique<FailingDisk>(clock, seed);
    }
    store_ = made.get();
    return made;
  }

  std::optional<Systems::Fate> fate(const Outgoing&) {
    if (healed_ || !chance(random_, trouble_)) return std::nullopt;
    static constexpr Systems::Fate kFates[] = {
        {.status = 503},
        {.status = 429, .retry_after = "6"},
        {.status = 402},
        {.status = 500, .took_place = true},
        {.status = 500},
        {.took_place = true},
        {.took_place = true, .error = &errors::upstream_timeout_total},
        {.took_place = false},
        {.may_have_happened = false},
    };
    return one_of(kFates, random_);
  }

  // Some under a key: the same thing comes again, while the first is under way, after it, after a crash.
  void start() {
    StartRequest request;
    request.flow = "main";
    data::JsonObjectBuilder input;
    input.set("n", static_cast<std::int64_t>(random_.below(4)));
    input.set("odd", chance(random_, 50));
    input.set("key", std::string(1, static_cast<char>('a' + random_.below(2))));
    request.input = input.build();
    request.trigger = "test";
    if (chance(random_, 40)) {
      request.claim_space = "test";
      request.claim_key = "k" + std::to_string(random_.below(3));
      request.claim_for_ns = std::int64_t{30} * 24 * 3600 * kNsPerSecond;
    }
    world_.engine().start(std::move(request), [this, key = request.claim_key](const StartOutcome& outcome) {
      if (outcome.error) return;
      acknowledged_.insert(outcome.run);
      if (key.empty()) return;
      const auto [first, is_new] = run_of_key_.emplace(key, outcome.run);
      EXPECT_EQ(first->second, outcome.run) << "two runs of one key, " << key;
      EXPECT_TRUE(is_new || outcome.is_duplicate) << key;
    });
  }

  // Some of what can happen, in any order.
  void stir(std::uint64_t moves) {
    for (std::uint64_t i = 0; i < moves; ++i) {
      move();
      if (store_->is_dead()) kill();
    }
  }

  void move() {
    switch (random_.below(14)) {
      case 0:
      case 1:
      case 2:
      case 3:
        world_.stepped().pump(1 + random_.below(3));
        break;
      case 4:
      case 5:
      case 6:
      case 7:
        if (world_.caller().waiting() > 0) world_.caller().serve(random_.below(world_.caller().waiting()));
        break;
      case 8:
      case 9:
      case 10:
        world_.clock().advance(static_cast<std::int64_t>(random_.below(4)) * kNsPerSecond);
        world_.engine().wake();
        break;
      case 11:
        if (chance(random_, 25)) store_->make_trouble(random_);
        break;
      case 12:
        visit();
        break;
      default:
        if (chance(random_, 30)) start();
        if (chance(random_, 10)) store_->keep_house();
    }
  }

  // Somebody looks at one of the open runs and does something about it.
  void visit() {
    const std::vector<store::RunRow> rows = open_rows();
    if (rows.empty()) return;
    const store::RunRow& row = rows[random_.below(rows.size())];
    for (const std::string& wait : row.waits) {
      constexpr std::string_view kApproval = "approval:";
      if (wait.starts_with(kApproval)) {
        world_.engine().approve(row.run, wait.substr(kApproval.size()), true, [](const Result<void>&) {});
      } else if (wait.starts_with("event:poke")) {
        const std::string id = world_.engine().id_of(row.run);
        world_.engine().emit("poke", id, {}, "poke-" + id, [](const Result<void>&) {});
      }
    }
    if (static_cast<RunStatus>(row.state) != RunStatus::parked && !chance(random_, 10)) return;
    constexpr RepairKind kKinds[] = {RepairKind::retry, RepairKind::retry,  RepairKind::skip,
                                     RepairKind::undo,  RepairKind::cancel, RepairKind::retry};
    repair(row.run, one_of(kKinds, random_));
  }

  void repair(store::RunNo run, RepairKind kind) {
    world_.engine().repair(run, {.kind = kind, .step = {}, .value = {}, .by = kPerson},
                           [](const Result<void>&) {});
  }

  // What began keeps to the flows that it began with.
  void change_flows() { world_.change_flows(RandomFlows(random_).make()); }

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
      const std::vector<store::RunRow> rows = open_rows();
      if (rows.empty() || ::testing::Test::HasFailure()) return;
      // What comes to nothing each time, as an event that nobody sends, is left out in the end.
      for (const store::RunRow& row : rows)
        repair(row.run, rounds % 4 == 3 ? RepairKind::skip : RepairKind::retry);
    }
  }

  std::vector<store::RunRow> open_rows() {
    Result<std::vector<store::RunRow>> rows = world_.runs().open_runs();
    return rows ? std::move(*rows) : std::vector<store::RunRow>();
  }

  // The oldest first.
  std::vector<store::RunRow> all_rows() {
    store::RunFilter all;
    all.limit = 10'000;
    Result<std::vector<store::RunRow>> rows = world_.runs().list(all);
    if (!rows) ADD_FAILURE() << rows.error().to_string();
    if (!rows) return {};
    std::reverse(rows->begin(), rows->end());
    return std::move(*rows);
  }

  void check() {
    for (const store::RunRow& row : open_rows()) {
      ADD_FAILURE() << "run " << row.run << " is " << to_string(static_cast<RunStatus>(row.state)) << ": "
                    << row.reason << "\n"
                    << world_.story(row.run);
    }
    for (const store::RunRow& row : all_rows()) {
      acknowledged_.erase(row.run);
      const std::vector<Record> records = world_.records(row.run);
      ASSERT_FALSE(records.empty());
      check_undo(row, records);
      check_retries(row, records);
      check_order(row, records);
      check_origin(row, records);
    }
    EXPECT_TRUE(acknowledged_.empty()) << "run " << *acknowledged_.begin() << " was acknowledged and is lost";
    check_effects();
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
    for (const auto& [body, count] : charges) EXPECT_LE(count, 1) << body;
  }

  // What is undone was done, the last of it first.
  void check_undo(const store::RunRow& row, const std::vector<Record>& records) {
    std::vector<std::string> done;
    bool past_pivot = false;
    for (const Record& record : records) {
      const std::string task = record.step + "." + std::to_string(record.item);
      const bool is_done = record.kind == RecordKind::done || record.kind == RecordKind::event;
      if (is_done) done.push_back(task);
      past_pivot = past_pivot || (is_done && record.step.starts_with('p'));
      if (record.kind == RecordKind::fail && past_pivot) {
        const bool by_person =
            record.text.ends_with(kPerson) || record.text.find("enough") != std::string::npos;
        EXPECT_TRUE(by_person) << record.text << " past a pivot: " << world_.story(row.run);
      }
      if (record.kind != RecordKind::undone) continue;
      const auto found = std::find(done.begin(), done.end(), task);
      ASSERT_NE(found, done.end()) << task << " was undone and not done: " << world_.story(row.run);
      done.erase(found, done.end());  // what came after it has been undone, or has nothing to undo
    }
  }

  void check_retries(const store::RunRow& row, const std::vector<Record>& records) {
    for (const Record& record : records) {
      if (record.kind != RecordKind::retry && record.kind != RecordKind::undo_retry) continue;
      const std::int64_t at_least = record.status == 429 ? 6 * kNsPerSecond : 0;
      EXPECT_GE(record.until, record.at + at_least) << record.step << ": " << world_.story(row.run);
    }
  }

  // In the journal of a run nothing but its beginning, and a person's word, is before the end of the one that
  // came before it with the same key.
  void check_order(const store::RunRow& row, const std::vector<Record>& records) {
    if (row.order_key.empty()) return;
    for (const Record& record : records) {
      if (record.kind == RecordKind::start || record.kind == RecordKind::fail) continue;
      EXPECT_GE(record.at, ended_[row.order_key])
          << "run " << row.run << " overtook: " << world_.story(row.run);
      break;
    }
    ended_[row.order_key] = records.back().at;
  }

  // A step starts another run once, and another if a person has it tried again because that one came to
  // nothing; an event starts once each flow that it triggers.
  void check_origin(const store::RunRow& row, const std::vector<Record>& records) {
    const Record& start = records.front();
    if (start.text == "test") return;
    const data::JsonValue* from = start.value.find("from");
    std::string origin = row.flow + " " + data::write_json(start.extra);
    if (from != nullptr) origin += data::write_json(*from);
    const auto status = static_cast<RunStatus>(row.state);
    const auto [first, is_new] = origins_.emplace(origin, status);
    const bool came_to_nothing = from != nullptr && first->second != RunStatus::completed;
    EXPECT_TRUE(is_new || came_to_nothing) << "twice: " << origin;
    first->second = status;
  }

  static constexpr const char* kPerson = "a person";

  Random random_;
  std::string flows_;
  FailingStore* store_ = nullptr;  // the world's
  World world_;
  unsigned trouble_;  // percent of calls that go wrong
  bool healed_ = false;
  std::set<store::RunNo> acknowledged_;
  std::map<std::string, store::RunNo> run_of_key_;
  std::map<std::string, WallNs> ended_;
  std::map<std::string, RunStatus> origins_;
};

}  // namespace linkspan::flow::testing
