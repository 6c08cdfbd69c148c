// Forks: where backtracking goes on, where errors are caught, where labels stand.
#include <utility>

#include "data/jq/machine.h"
#include "data/jq/operators.h"

namespace linkspan::data::jq {

Machine::Fork& Machine::fork(Fork::Kind kind, std::uint32_t target) {
  Fork& fork = forks_.emplace_back();
  fork.kind = kind;
  fork.target = target;
  fork.values = values_.protect();
  fork.frames = frames_.protect();
  fork.trace = trace_;
  context_.count_bytes(sizeof(Fork));
  return fork;
}

void Machine::drop_fork() {
  values_.release(forks_.back().values);
  frames_.release(forks_.back().frames);
  forks_.pop_back();
}

bool Machine::backtrack() {
  while (!forks_.empty()) {
    if (resume(forks_.back())) return true;
  }
  return false;
}

// Goes on at this, the innermost fork; false if there is nothing left in it, and then it is gone.
bool Machine::resume(Fork& fork) {
  values_.restore(fork.values);
  frames_.restore(fork.frames);
  trace_ = fork.trace;
  switch (fork.kind) {
    case Fork::Kind::plain:
    case Fork::Kind::alternative:
      pc_ = fork.target;
      forks_.pop_back();
      return true;
    case Fork::Kind::items:
    case Fork::Kind::members:
    case Fork::Kind::range:
      pc_ = fork.target;
      next_item(fork);
      return true;
    default:
      forks_.pop_back();
      return false;
  }
}

// Puts the next item on the stack; the fork goes with the last.
void Machine::next_item(Fork& fork) {
  JsonValue item;
  JsonValue key;
  bool is_last = false;
  if (fork.kind == Fork::Kind::items) {
    item = fork.over.items()[fork.at];
    key = static_cast<std::int64_t>(fork.at);
    is_last = ++fork.at == fork.over.size();
  } else if (fork.kind == Fork::Kind::members) {
    item = fork.member->value;
    key = fork.member->key;
    ++fork.member;
    is_last = ++fork.at == fork.over.size();
  } else {
    item = number(fork.number);
    fork.number += 1;
    is_last = !(fork.number < fork.over.as_double());
  }
  if (is_last) {
    forks_.pop_back();
  } else {
    values_.protect();
    frames_.protect();
  }
  const bool is_range = key.is_null();
  if (!is_range && tracing()) extend_trace(std::move(key), item);
  values_.push(std::move(item));
}

// The first attempt whose body has not ended catches; Step::stop if there is none.
Machine::Step Machine::unwind() {
  std::uint32_t passed = 0;
  while (!forks_.empty()) {
    Fork& fork = forks_.back();
    values_.restore(fork.values);
    frames_.restore(fork.frames);
    const Fork::Kind kind = fork.kind;
    const std::uint32_t target = fork.target;
    if (kind == Fork::Kind::attempt_over) ++passed;
    const bool catches = kind == Fork::Kind::attempt || kind == Fork::Kind::alternative;
    if ((catches && passed == 0) || kind == Fork::Kind::destructure) {
      trace_ = std::move(fork.trace);
      forks_.pop_back();
      if (target == kNowhere) return Step::backtrack;
      pc_ = target;
      if (kind == Fork::Kind::attempt) values_.replace_top(std::exchange(raised_, JsonValue()));
      return Step::go_on;
    }
    if (catches) --passed;
    forks_.pop_back();
  }
  return Step::stop;
}

// A body without forks of its own cannot come back, and its attempt is over.
Machine::Step Machine::end_attempt() {
  const Fork::Kind kind = forks_.back().kind;
  if (kind == Fork::Kind::attempt || kind == Fork::Kind::alternative) {
    drop_fork();
  } else {
    fork(Fork::Kind::attempt_over, 0);
  }
  return Step::go_on;
}

Machine::Step Machine::leave_label(std::uint64_t id) {
  while (!forks_.empty()) {
    const Fork& last = forks_.back();
    const bool found = last.kind == Fork::Kind::label && last.at == id;
    values_.restore(last.values);
    frames_.restore(last.frames);
    forks_.pop_back();
    if (found) break;
  }
  return Step::backtrack;
}

}  // namespace linkspan::data::jq
