#include "store/memory_store.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error_kinds.h"
#include "store/write_runs.h"

namespace linkspan::store {
namespace {

bool matches(const RunRow& row, const RunFilter& filter) {
  return (filter.flow.empty() || row.flow == filter.flow) && (!filter.state || row.state == *filter.state) &&
         (!filter.open || row.open == *filter.open) && row.started_at >= filter.started_from &&
         (filter.started_before == 0 || row.started_at < filter.started_before) &&
         (filter.before == 0 || row.run < filter.before);
}

}  // namespace

void MemoryStore::hand_over(std::shared_ptr<const Write> write, CommitDone done) {
  Asked asked;
  asked.write = std::move(write);
  asked.committed = std::move(done);
  queue_.push_back(std::move(asked));
}

void MemoryStore::load(RunNo run, LoadDone done) {
  Asked asked;
  asked.run = run;
  asked.loaded = std::move(done);
  queue_.push_back(std::move(asked));
}

std::size_t MemoryStore::pump(std::size_t max) {
  const std::size_t count = std::min(max, queue_.size());
  std::size_t served = 0;
  // A callback may call crash(): then there is less to do.
  while (served < count && !queue_.empty()) {
    Asked asked = std::move(queue_.front());
    queue_.pop_front();
    serve(std::move(asked));
    ++served;
  }
  return served;
}

void MemoryStore::serve(Asked asked) {
  if (asked.loaded) return asked.loaded(read(asked.run));
  if (asked.failed != nullptr) {
    return asked.committed(Error(*asked.failed, "an earlier write of the same run failed"));
  }
  if (const ErrorKind* kind = std::exchange(failing_, nullptr)) {
    fail_followers(*asked.write, *kind);
    return asked.committed(Error(*kind, "as the test wants it"));
  }
  Result<Committed> outcome = apply(*asked.write);
  if (!outcome) fail_followers(*asked.write, outcome.error().kind());
  asked.committed(std::move(outcome));
}

void MemoryStore::crash() {
  queue_.clear();
}

void MemoryStore::fail_followers(const Write& write, const ErrorKind& kind) {
  std::set<RunNo> failed;
  for_each_run(write, [&](RunNo run) { failed.insert(run); });
  for (Asked& asked : queue_) {
    if (asked.loaded) continue;
    bool follows = false;
    for_each_run(*asked.write, [&](RunNo run) { follows |= failed.contains(run); });
    if (!follows) continue;
    asked.failed = &kind;
    for_each_run(*asked.write, [&](RunNo run) { failed.insert(run); });
  }
}

// What the other implementation refuses, too.
Result<void> MemoryStore::check(const Write& write) const {
  std::set<std::pair<RunNo, std::uint32_t>> seen;
  for (const JournalRecord& record : write.records) {
    const auto journal = state_.journals.find(record.run);
    const bool there = journal != state_.journals.end() && journal->second.contains(record.seq);
    if (there || !seen.emplace(record.run, record.seq).second) {
      return Error(errors::store_failed, "record " + std::to_string(record.seq) + " of run " +
                                             std::to_string(record.run) + " is there already");
    }
  }
  if (write.version && state_.versions.contains(write.version->version)) {
    return Error(errors::store_failed,
                 "version " + std::to_string(write.version->version) + " is there already");
  }
  return {};
}

Result<Committed> MemoryStore::apply(const Write& write) {
  const WallNs now = clock_.wall_ns();
  for (const Claim& claim : write.claims) {
    const auto taken = state_.claims.find({claim.space, claim.key});
    if (taken != state_.claims.end() && taken->second.expires_at > now) return Committed{taken->second.run};
  }
  Result<void> valid = check(write);
  if (!valid) return std::move(valid).error();
  for (const Claim& claim : write.claims) {
    state_.claims[{claim.space, claim.key}] = {claim.run, claim.expires_at};
  }
  if (write.version) state_.versions.emplace(write.version->version, *write.version);
  if (write.run) state_.runs[write.run->run] = *write.run;
  for (const JournalRecord& record : write.records) state_.journals[record.run][record.seq] = record.bytes;
  for (const NamedValue& value : write.values) {
    if (value.value) {
      state_.values[value.name] = *value.value;
    } else {
      state_.values.erase(value.name);
    }
  }
  return Committed{};
}

Result<RunNo> MemoryStore::last_run() {
  return state_.runs.empty() ? RunNo{0} : state_.runs.rbegin()->first;
}

Result<std::vector<RunRow>> MemoryStore::open_runs() {
  std::vector<RunRow> found;
  for (const auto& [run, row] : state_.runs) {
    if (row.open) found.push_back(row);
  }
  return found;
}

Result<std::vector<NamedValue>> MemoryStore::values() {
  std::vector<NamedValue> found;
  for (const auto& [name, value] : state_.values) found.push_back({name, value});
  return found;
}

Result<std::vector<FlowVersion>> MemoryStore::versions() {
  std::vector<FlowVersion> found;
  for (const auto& [number, version] : state_.versions) found.push_back(version);
  return found;
}

Result<std::vector<RunRow>> MemoryStore::list(const RunFilter& filter) {
  std::vector<RunRow> found;
  for (auto run = state_.runs.rbegin(); run != state_.runs.rend() && found.size() < filter.limit; ++run) {
    if (matches(run->second, filter)) found.push_back(run->second);
  }
  return found;
}

Result<StoredRun> MemoryStore::read(RunNo run) {
  const auto row = state_.runs.find(run);
  if (row == state_.runs.end()) return Error(errors::run_not_found, "there is no run " + std::to_string(run));
  StoredRun found{row->second, {}};
  const auto journal = state_.journals.find(run);
  if (journal == state_.journals.end()) return found;
  for (const auto& [seq, bytes] : journal->second) found.records.push_back(bytes);
  return found;
}

Result<StoreCounts> MemoryStore::counts() {
  StoreCounts counts;
  counts.runs = state_.runs.size();
  for (const auto& [run, row] : state_.runs) counts.open_runs += row.open ? 1u : 0u;
  for (const auto& [run, journal] : state_.journals) {
    for (const auto& [seq, bytes] : journal) counts.bytes += bytes.size();
  }
  return counts;
}

}  // namespace linkspan::store
