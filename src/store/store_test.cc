// What every Store promises, checked on each implementation.
#include "store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "store/store_testing.h"

namespace linkspan::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A store that can be closed and opened again with what is durable.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual Store& store() = 0;
  virtual void reopen() = 0;
  virtual bool run_until(const std::function<bool()>& done) = 0;
};

class MemorySubject final : public Subject {
 public:
  explicit MemorySubject(const Clock& clock) : clock_(clock), store_(std::make_unique<MemoryStore>(clock)) {}
  Store& store() override { return *store_; }
  void reopen() override { store_ = std::make_unique<MemoryStore>(clock_, store_->state()); }
  bool run_until(const std::function<bool()>& done) override {
    while (!done()) {
      if (store_->pump() == 0) return false;
    }
    return true;
  }

 private:
  const Clock& clock_;
  std::unique_ptr<MemoryStore> store_;
};

class SqliteSubject final : public Subject {
 public:
  explicit SqliteSubject(const Clock& clock) : clock_(clock) { reopen(); }
  Store& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    auto opened = SqliteStore::open(sqlite_options(folder_.file("linkspan.db"), messages_), clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    store_ = std::move(*opened);
  }
  bool run_until(const std::function<bool()>& done) override { return messages_.run_until(done); }

 private:
  TemporaryFolder folder_;
  const Clock& clock_;
  Messages messages_;
  std::unique_ptr<SqliteStore> store_;
};

std::string outcome_text(const Result<Committed>& outcome) {
  if (!outcome) return std::string(outcome.error().slug());
  return outcome->taken_by ? "taken by " + std::to_string(*outcome->taken_by) : "committed";
}

class StoreContract : public testing::TestWithParam<const char*> {
 protected:
  StoreContract() {
    if (std::string_view(GetParam()) == "memory") {
      subject_ = std::make_unique<MemorySubject>(clock_);
    } else {
      subject_ = std::make_unique<SqliteSubject>(clock_);
    }
  }

  Store& store() { return subject_->store(); }

  // Hands over and remembers the answer by its place.
  void hand_over(Write write) {
    const std::size_t place = handed_over_++;
    store().commit(std::move(write), [this, place](Result<Committed> outcome) {
      answers_.emplace_back(place, outcome_text(outcome));
    });
  }
  std::vector<std::string> answers() {
    EXPECT_TRUE(subject_->run_until([this] { return answers_.size() == handed_over_; }));
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      EXPECT_EQ(answers_[i].first, i) << "answers come in the order of handing over";
      texts.push_back(answers_[i].second);
    }
    answers_.clear();
    handed_over_ = 0;
    return texts;
  }
  std::string commit(Write write) {
    hand_over(std::move(write));
    return answers().at(0);
  }
  std::vector<std::string> records_of(RunNo run) {
    auto stored = store().read(run);
    return stored ? stored->records : std::vector<std::string>{std::string(stored.error().slug())};
  }
  std::vector<RunNo> listed(void (*set)(RunFilter&)) {
    RunFilter filter;
    set(filter);
    std::vector<RunNo> runs;
    const auto rows = store().list(filter);
    for (const RunRow& row : rows.value()) runs.push_back(row.run);
    return runs;
  }

  VirtualClock clock_{1'000 * kNsPerSecond};
  std::unique_ptr<Subject> subject_;
  std::vector<std::pair<std::size_t, std::string>> answers_;
  std::size_t handed_over_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::Values("memory", "sqlite"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(StoreContract, a_committed_run_is_there_after_reopening) {
  Write write = begin_write(1, std::string("with \0 zero", 11));
  write.run->order_key = "customer-9";
  write.run->waits = {"event:paid:7", "approval:12:a,b"};
  write.run->reason = "waits for \"paid\"";
  write.run->wake_at = 77;
  write.run->state = 3;
  write.records.push_back({1, 1, ""});
  EXPECT_EQ(commit(std::move(write)), "committed");
  const std::string id = store().id();
  subject_->reopen();
  EXPECT_EQ(store().id(), id);
  EXPECT_THAT(id, testing::SizeIs(8));
  const auto stored = store().read(1);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->row.flow, "intake");
  EXPECT_EQ(stored->row.order_key, "customer-9");
  EXPECT_THAT(stored->row.waits, ElementsAre("event:paid:7", "approval:12:a,b"));
  EXPECT_EQ(stored->row.reason, "waits for \"paid\"");
  EXPECT_EQ(stored->row.wake_at, 77);
  EXPECT_EQ(stored->row.state, 3);
  EXPECT_TRUE(stored->row.open);
  EXPECT_THAT(stored->records, ElementsAre(std::string("with \0 zero", 11), ""));
}

TEST_P(StoreContract, writes_are_answered_in_order_and_records_read_by_seq) {
  hand_over(begin_write(1));
  hand_over(begin_write(2));
  for (std::uint32_t seq = 1; seq < 300; ++seq) {
    hand_over(record_write(1, seq, "a" + std::to_string(seq)));
    hand_over(record_write(2, seq, "b" + std::to_string(seq)));
  }
  for (const std::string& answer : answers()) EXPECT_EQ(answer, "committed");
  const std::vector<std::string> records = records_of(2);
  ASSERT_EQ(records.size(), 300u);
  EXPECT_EQ(records[0], "started");
  EXPECT_EQ(records[299], "b299");
}

TEST_P(StoreContract, a_write_whose_claim_is_taken_is_left_out_as_a_whole) {
  Write first = begin_write(1);
  first.claims.push_back({"dedupe:intake", "order-7", 1, 2'000 * kNsPerSecond});
  Write second = begin_write(2);
  second.claims.push_back({"dedupe:intake", "order-8", 2, 2'000 * kNsPerSecond});
  second.claims.push_back({"dedupe:intake", "order-7", 2, 2'000 * kNsPerSecond});
  second.values.push_back({"cursor", "2"});
  Write other_space = begin_write(3);
  other_space.claims.push_back({"dedupe:mail", "order-7", 3, 2'000 * kNsPerSecond});
  Write free_key = begin_write(4);  // the left-out Write did not take it
  free_key.claims.push_back({"dedupe:intake", "order-8", 4, 2'000 * kNsPerSecond});
  hand_over(std::move(first));
  hand_over(std::move(second));
  hand_over(std::move(other_space));
  hand_over(std::move(free_key));
  EXPECT_THAT(answers(), ElementsAre("committed", "taken by 1", "committed", "committed"));
  EXPECT_THAT(records_of(2), ElementsAre("run-not-found"));
  EXPECT_THAT(store().values().value(), IsEmpty());
}

TEST_P(StoreContract, an_expired_claim_can_be_taken_again) {
  Write first = begin_write(1);
  first.claims.push_back({"keys", "k", 1, 1'010 * kNsPerSecond});
  EXPECT_EQ(commit(std::move(first)), "committed");
  Write again = begin_write(2);
  again.claims.push_back({"keys", "k", 2, 3'000 * kNsPerSecond});
  clock_.advance(9 * kNsPerSecond);
  EXPECT_EQ(commit(again), "taken by 1");
  clock_.advance(1 * kNsPerSecond);
  EXPECT_EQ(commit(again), "committed");
  EXPECT_EQ(commit(again), "taken by 2");
}

TEST_P(StoreContract, the_same_key_twice_in_one_write_is_one_claim) {
  Write write = begin_write(1);
  write.claims.push_back({"keys", "k", 1, 3'000 * kNsPerSecond});
  write.claims.push_back({"keys", "k", 1, 3'000 * kNsPerSecond});
  EXPECT_EQ(commit(std::move(write)), "committed");
}

TEST_P(StoreContract, an_impossible_write_fails_alone_and_takes_those_of_its_run_with_it) {
  hand_over(begin_write(1));
  hand_over(begin_write(2));
  hand_over(record_write(1, 0, "a second record 0"));
  hand_over(record_write(1, 1, "after it"));
  hand_over(record_write(2, 1, "of another run"));
  EXPECT_THAT(answers(), ElementsAre("committed", "committed", "store-failed", "store-failed", "committed"));
  EXPECT_THAT(records_of(1), ElementsAre("started"));
  EXPECT_THAT(records_of(2), ElementsAre("started", "of another run"));
  EXPECT_EQ(commit(record_write(1, 1, "handed over again")), "committed");
  EXPECT_THAT(records_of(1), ElementsAre("started", "handed over again"));
}

TEST_P(StoreContract, open_runs_are_those_that_have_not_ended) {
  for (RunNo run = 1; run <= 4; ++run) hand_over(begin_write(run));
  Write end;
  end.run = ended_row(2);
  hand_over(end);
  end.run = ended_row(3);
  hand_over(end);
  Write begin_again;  // repaired by a person
  begin_again.run = run_row(3);
  hand_over(begin_again);
  answers();
  subject_->reopen();
  std::vector<RunNo> open;
  const auto rows = store().open_runs();
  for (const RunRow& row : rows.value()) open.push_back(row.run);
  EXPECT_THAT(open, ElementsAre(1, 3, 4));
  EXPECT_EQ(store().last_run().value(), 4);
  const auto counts = store().counts();
  EXPECT_EQ(counts->runs, 4u);
  EXPECT_EQ(counts->open_runs, 3u);
  EXPECT_GT(counts->bytes, 0u);
}

TEST_P(StoreContract, values_are_replaced_and_removed) {
  Write write;
  write.values = {{"cursor:a", "1"}, {"cursor:b", std::string("\0x", 2)}};
  EXPECT_EQ(commit(write), "committed");
  write.values = {{"cursor:a", "2"}, {"cursor:c", ""}, {"cursor:b", std::nullopt}};
  EXPECT_EQ(commit(write), "committed");
  const auto values = store().values();
  ASSERT_EQ(values->size(), 2u);
  EXPECT_EQ(values->at(0).name + "=" + *values->at(0).value, "cursor:a=2");
  EXPECT_EQ(values->at(1).name + "=" + *values->at(1).value, "cursor:c=");
}

TEST_P(StoreContract, versions_of_flows_are_kept) {
  Write write;
  write.version = FlowVersion{1, "intake", "d1", "steps: 1"};
  EXPECT_EQ(commit(write), "committed");
  write.version = FlowVersion{2, "intake", "d2", "steps: 2"};
  EXPECT_EQ(commit(write), "committed");
  subject_->reopen();
  const auto versions = store().versions();
  ASSERT_EQ(versions->size(), 2u);
  EXPECT_EQ(versions->at(1).flow, "intake");
  EXPECT_EQ(versions->at(1).digest, "d2");
  EXPECT_EQ(versions->at(1).definition, "steps: 2");
}

TEST_P(StoreContract, lists_page_from_the_newest_and_filter) {
  for (RunNo run = 1; run <= 10; ++run) {
    Write write;
    write.run = run % 2 == 0 ? ended_row(run, "even") : run_row(run, "odd");
    hand_over(write);
  }
  answers();
  EXPECT_THAT(listed([](RunFilter& f) { f.limit = 3; }), ElementsAre(10, 9, 8));
  EXPECT_THAT(listed([](RunFilter& f) {
                f.before = 8;
                f.limit = 3;
              }),
              ElementsAre(7, 6, 5));
  EXPECT_THAT(listed([](RunFilter& f) {
                f.flow = "even";
                f.limit = 3;
              }),
              ElementsAre(10, 8, 6));
  EXPECT_THAT(listed([](RunFilter& f) { f.flow = "none"; }), IsEmpty());
  EXPECT_THAT(listed([](RunFilter& f) {
                f.state = std::uint8_t{7};
                f.before = 5;
              }),
              ElementsAre(4, 2));
  EXPECT_THAT(listed([](RunFilter& f) {
                f.open = true;
                f.started_from = 5 * kNsPerSecond;
              }),
              ElementsAre(9, 7, 5));
  EXPECT_THAT(listed([](RunFilter& f) {
                f.open = false;
                f.started_before = 4 * kNsPerSecond;
              }),
              ElementsAre(2));
}

TEST_P(StoreContract, a_run_is_loaded_with_its_journal) {
  EXPECT_EQ(commit(begin_write(1)), "committed");
  std::vector<std::string> seen;
  const auto remember = [&](Result<StoredRun> run) {
    seen.push_back(run ? run->records.at(0) : std::string(run.error().slug()));
  };
  store().load(1, remember);
  store().load(2, remember);
  EXPECT_THAT(seen, IsEmpty()) << "answers do not come from inside the call";
  EXPECT_TRUE(subject_->run_until([&] { return seen.size() == 2; }));
  EXPECT_THAT(seen, ElementsAre("started", "run-not-found"));
}

TEST_P(StoreContract, large_records_come_back_whole) {
  std::vector<std::string> large;
  for (const std::size_t size : {65'536u, 65'537u, 300'000u}) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; i += 1000) text[i] = static_cast<char>('a' + i / 1000 % 26);
    large.push_back(text);
  }
  Write write = begin_write(1, large[0]);
  write.records.push_back({1, 1, large[1]});
  write.records.push_back({1, 2, large[2]});
  EXPECT_EQ(commit(std::move(write)), "committed");
  EXPECT_EQ(records_of(1), large);
}

}  // namespace
}  // namespace linkspan::store
