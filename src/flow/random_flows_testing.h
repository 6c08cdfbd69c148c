// For simulations: flows made at random, of everything that a flow may do, over the systems of
// flow_testing.h. `main` is started from outside, `child` by its steps, `sink` by its events. Steps that are
// a pivot are called p0, p1 ..., others s0, s1 ...
//
//   const std::string flows = RandomFlows(random).make();
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"

namespace linkspan::flow::testing {

inline bool chance(Random& random, unsigned percent) {
  return random.below(100) < percent;
}

// One of several, evenly.
template <typename T, std::size_t n>
const T& one_of(const T (&things)[n], Random& random) {
  return things[random.below(n)];
}

// The text grows statement by statement, so that all compilers draw in one order.
class RandomFlows {
 public:
  explicit RandomFlows(Random& random) : random_(random) {}

  std::string make() {
    text_ = "  main:\n    order_by: .key\n";
    maybe(20, "    concurrency: 2\n");
    if (chance(random_, 20)) {
      text_ += "    deadline: ";
      add_number(1, 5);
      text_ += "m\n";
    }
    text_ += "    steps:\n";
    const std::uint64_t steps = 1 + random_.below(5);
    for (std::uint64_t i = 0; i < steps; ++i) add_step(i);
    maybe(50, "    output: '{n}'\n");
    text_ += "  child:\n";
    maybe(30, "    concurrency: 1\n");
    text_ += "    steps:\n      one: { call: sys.reserve, body: '{child: $run.id}'";
    maybe(30, ", reject: .status == 402");
    text_ +=
        " }\n"
        "    output: '{made: $one.id}'\n"
        "  sink: { trigger: { event: made }, steps: { one: { call: sys.reserve, body: '{sink: $run.id}' } } "
        "}\n";
    return std::move(text_);
  }

 private:
  void add_step(std::uint64_t number) {
    const std::uint64_t kind = random_.below(kKinds);
    const bool is_pivot = kind < kCalls && chance(random_, 12);
    const std::string name = (is_pivot ? "p" : "s") + std::to_string(number);
    text_ += "      " + name + ": { ";
    if (number > 0 && chance(random_, 30)) {
      text_ += "after: [";
      for (const std::string& earlier : names_) maybe(40, earlier + ", ");
      text_ += "], ";
    }
    maybe(10, "when: .odd, ");
    if (is_pivot) text_ += "pivot: true, ";
    names_.push_back(name);
    add_work(kind, name, number);
    text_ += " }\n";
  }

  static constexpr std::uint64_t kCalls = 8;  // the first kinds
  static constexpr std::uint64_t kKinds = 13;
  void add_work(std::uint64_t kind, const std::string& name, std::uint64_t number) {
    switch (kind) {
      case 0:
      case 1:
        text_ += "call: sys.reserve, body: '{step: " + std::to_string(number) + ", run: $run.id}'";
        return add_undo_and_refusal("sys.cancel", name);
      case 2:
      case 3:  // not to be sent twice: what became of it is asked for
        text_ += "call: sys.charge, body: '{reference: ($run.id + \"." + name +
                 "\")}', unknown: { call: sys.findCharges, query: { reference: '$run.id + \"." + name +
                 "\"' }, found: '.body.data[0]' }";
        return add_undo_and_refusal("sys.refund", name);
      case 4:
        text_ += "call: sys.putOrder, path: { id: '$run.id + \"." + name +
                 "\"' }, body: '{n: " + std::to_string(number) + "}'";
        add_retry();
        return maybe(30, ", exhausted: continue");
      case 5:
      case 6:
        return add_foreach(name);
      case 11:
        text_ += "wait: ";
        add_number(1, 20);
        text_ += "s";
        return;
      case 8:
        text_ += chance(random_, 30)
                     ? "set: '{a: .n}'"
                     : "emit: { event: made, key: $run.id, data: '{n: 1, odd: true, key: null}' }";
        return;
      case 9:
        return add_wait_for();
      case 10:
        text_ += "run: { flow: child, input: '{n: 1, odd: true, key: null, from: \"" + name + "\"}'";
        maybe(30, ", wait: false");
        text_ += " }";
        return;
      case 7:
        text_ +=
            "call: sys.listItems, query: { limit: '\"2\"' }, paginate: { by: cursor, items: .data, next: "
            ".body.next, parameter: after }";
        return add_retry();
      default:
        text_ += chance(random_, 70) ? "respond: { status: 201, body: .n }" : "fail: '\"enough\"'";
    }
  }

  void add_undo_and_refusal(const std::string& undo, const std::string& name) {
    maybe(70, ", undo: { call: " + undo + ", path: { id: $" + name + ".id } }");
    maybe(30, ", reject: .status == 402");
    add_retry();
    maybe(20, ", exhausted: undo");
  }

  void add_foreach(const std::string& name) {
    text_ += "foreach: '[range(.n)]', parallel: ";
    add_number(1, 3);
    text_ += ", call: sys.reserve, body: '{item: $item, run: $run.id}'";
    maybe(30, ", on_failure: collect");
    add_retry();
    maybe(50, ", undo: { call: sys.cancel, path: { id: $" + name + ".id } }");
  }

  void add_wait_for() {
    text_ += "wait_for: { ";
    text_ += chance(random_, 50) ? "event: poke, key: $run.id" : "approval: '\"Go on?\"'";
    text_ += ", timeout: ";
    add_number(10, 70);
    text_ += "s, on_timeout: ";
    text_ += chance(random_, 50) ? "continue }" : "undo }";
  }

  void add_retry() {
    switch (random_.below(4)) {
      case 0:
        text_ += ", retry: { attempts: ";
        add_number(1, 3);
        text_ += " }";
        break;
      case 1:
        text_ += ", retry: { within: 20s, first_delay: 2s }";
        break;
      default:
        break;
    }
  }

  void maybe(unsigned percent, const std::string& text) {
    if (chance(random_, percent)) text_ += text;
  }
  void add_number(std::uint64_t least, std::uint64_t most) {
    text_ += std::to_string(least + random_.below(most - least + 1));
  }

  Random& random_;
  std::string text_;
  std::vector<std::string> names_;
};

}  // namespace linkspan::flow::testing
