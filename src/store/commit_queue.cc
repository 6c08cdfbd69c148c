#include "store/commit_queue.h"

#include <utility>

#include "store/write_runs.h"

namespace linkspan::store {

std::size_t bytes_of(const Write& write) {
  std::size_t bytes = 64;
  if (write.run) bytes += 128 + write.run->reason.size();
  for (const JournalRecord& record : write.records) bytes += 16 + record.bytes.size();
  for (const Claim& claim : write.claims) bytes += 32 + claim.key.size();
  for (const NamedValue& value : write.values) bytes += value.name.size() + value.value.value_or("").size();
  if (write.version) bytes += write.version->definition.size();
  return bytes;
}

void CommitQueue::push(QueuedWrite write) {
  bool notify;
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(write));
    notify = std::exchange(waiting_, false);
  }
  if (notify) changed_.notify_one();
}

CommitQueue::Taken CommitQueue::take(std::vector<QueuedWrite>& group, bool wait) {
  std::unique_lock lock(mutex_);
  while (wait && queue_.empty() && !closed_ && !woken_) {
    waiting_ = true;
    changed_.wait(lock);
  }
  waiting_ = false;
  woken_ = false;
  std::size_t bytes = 0;
  while (!queue_.empty() && group.size() < limits_.max_writes) {
    QueuedWrite& next = queue_.front();
    if (const Failure* failure = failed_.empty() ? nullptr : failure_of(*next.write)) {
      const Failure inherited = *failure;
      for_each_run(*next.write, [&](RunNo run) { failed_.try_emplace(run, inherited); });
      held_.push_back(std::move(next));
      queue_.pop_front();
      continue;
    }
    bytes += bytes_of(*next.write);
    if (bytes > limits_.max_bytes && !group.empty()) break;
    group.push_back(std::move(next));
    queue_.pop_front();
  }
  if (!group.empty()) return Taken::group;
  return closed_ ? Taken::closed : Taken::nothing;
}

void CommitQueue::wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
    waiting_ = false;
  }
  changed_.notify_one();
}

void CommitQueue::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    waiting_ = false;
  }
  changed_.notify_one();
}

void CommitQueue::fail(const Write& write, const ErrorKind& kind, GroupNo number) {
  std::lock_guard lock(mutex_);
  for_each_run(write, [&](RunNo run) { failed_.try_emplace(run, Failure{&kind, number}); });
}

const CommitQueue::Failure* CommitQueue::failure_of(const Write& write) const {
  const Failure* found = nullptr;
  for_each_run(write, [&](RunNo run) {
    const auto failure = failed_.find(run);
    if (failure == failed_.end()) return;
    if (found == nullptr || failure->second.group < found->group) found = &failure->second;
  });
  return found;
}

void CommitQueue::move_failing(std::deque<QueuedWrite>& from, GroupNo number, std::vector<Answer>& answers) {
  std::deque<QueuedWrite> staying;
  for (QueuedWrite& queued : from) {
    const Failure* failure = failure_of(*queued.write);
    if (failure == nullptr || failure->group != number) {
      staying.push_back(std::move(queued));
      continue;
    }
    const Failure inherited = *failure;
    for_each_run(*queued.write, [&](RunNo run) { failed_.try_emplace(run, inherited); });
    answers.push_back({std::move(queued.done),
                       Error(*inherited.kind, "an earlier write of the same run failed"),
                       std::move(queued.write)});
  }
  from = std::move(staying);
}

void CommitQueue::gather_failing(GroupNo number, std::vector<Answer>& answers) {
  std::lock_guard lock(mutex_);
  if (failed_.empty()) return;
  move_failing(held_, number, answers);
  move_failing(queue_, number, answers);
  std::erase_if(failed_, [&](const auto& entry) { return entry.second.group == number; });
}

void CommitQueue::deliver(std::vector<Answer>& answers, GroupNo number) {
  if (ignoring_) return;
  gather_failing(number, answers);
  for (Answer& answer : answers) {
    if (ignoring_) return;  // a callback has ended the store
    answer.done(std::move(answer.result));
  }
}

void CommitQueue::ignore_answers() {
  ignoring_ = true;
}

}  // namespace linkspan::store
