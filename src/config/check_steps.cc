#include "config/check_steps.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/strings.h"
#include "config/reference.h"
#include "data/in_quotes.h"

namespace linkspan::config {
namespace {

// Variables that expressions have anyhow.
constexpr std::string_view kReserved[] = {"run", "item", "index", "input", "cursor", "ENV", "__loc__"};

bool is_variable_name(std::string_view text) {
  return !text.empty() && !is_digit(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; });
}

YamlPosition position_of(const Origin& origin) {
  return {origin.file, origin.line, origin.column};
}

// The node at a key of an object, or of an item of the list there; the object itself if it is not there.
const YamlNode& node_at(const YamlNode& object, std::string_view key, std::size_t index) {
  const YamlNode* value = object.find(key);
  if (value == nullptr) return object;
  return value->is_sequence() && index < value->items().size() ? value->items()[index] : *value;
}

std::string no_such_step(const std::string& name, const YamlNode& node,
                         const std::vector<std::string_view>& steps) {
  if (node.is_string() && has_references(node.text())) {
    return "there is no step of this name (it comes from a reference)";
  }
  const std::string_view near = nearest_name(name, steps);
  return "there is no step " + data::in_quotes(name) +
         (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?");
}

// Steps by their names, to be waited for.
class StepGraph {
 public:
  StepGraph(const FlowConfig& flow, const ObjectView& view)
      : flow_(flow), view_(view), after_(flow.steps.size()), is_settled_(flow.steps.size()) {
    for (std::size_t i = 0; i < flow.steps.size(); ++i) {
      index_.emplace(flow.steps[i].name, i);
      names_.push_back(flow.steps[i].name);
    }
  }

  void add_edges() {
    for (std::size_t i = 0; i < flow_.steps.size(); ++i) {
      const StepConfig& step = flow_.steps[i];
      if (!step.after) {
        if (i > 0) after_[i].push_back(i - 1);
        continue;
      }
      for (std::size_t k = 0; k < step.after->size(); ++k) add_edge(i, k);
    }
  }

  // Settles steps whose predecessors are settled; those that stay wait for each other.
  void report_cycles() {
    settle();
    for (std::size_t i = 0; i < flow_.steps.size() && !view_.decoder().full(); ++i) {
      if (is_settled_[i]) continue;
      report_cycle(find_cycle(i));
      settle();
    }
  }

 private:
  void add_edge(std::size_t step, std::size_t place) {
    const std::string& name = (*flow_.steps[step].after)[place];
    const auto found = index_.find(name);
    if (found == index_.end()) return report(step, place, no_such_step(name, node_of(step, place), names_));
    if (found->second == step) return report(step, place, "a step cannot wait for itself");
    after_[step].push_back(found->second);
  }

  const YamlNode& node_of(std::size_t step, std::size_t place) const {
    const YamlNode* node = view_.node().find("steps");
    if (node != nullptr) node = node->find(flow_.steps[step].name);
    return node == nullptr ? view_.node() : node_at(*node, "after", place);
  }

  void report(std::size_t step, std::size_t place, const std::string& message) {
    view_.decoder().problem(node_of(step, place).position(), "after of step \"" + flow_.steps[step].name +
                                                                 "\" of " + view_.subject() + ": " + message);
  }

  void settle() {
    std::vector<std::vector<std::size_t>> followers(after_.size());
    std::vector<std::size_t> waits_for(after_.size());
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < after_.size(); ++i) {
      if (is_settled_[i]) continue;
      for (std::size_t earlier : after_[i]) {
        if (is_settled_[earlier]) continue;
        followers[earlier].push_back(i);
        ++waits_for[i];
      }
      if (waits_for[i] == 0) ready.push_back(i);
    }
    while (!ready.empty()) {
      const std::size_t step = ready.back();
      ready.pop_back();
      is_settled_[step] = true;
      for (std::size_t follower : followers[step]) {
        if (--waits_for[follower] == 0) ready.push_back(follower);
      }
    }
  }

  // Each step that is not settled waits for one that is not: going there again and again leads in a circle.
  std::vector<std::size_t> find_cycle(std::size_t step) const {
    std::vector<std::size_t> path;
    while (std::find(path.begin(), path.end(), step) == path.end()) {
      path.push_back(step);
      step = *std::find_if(after_[step].begin(), after_[step].end(),
                           [&](std::size_t earlier) { return !is_settled_[earlier]; });
    }
    path.erase(path.begin(), std::find(path.begin(), path.end(), step));
    // Beginning with the one that is written first.
    std::rotate(path.begin(), std::min_element(path.begin(), path.end()), path.end());
    return path;
  }

  void report_cycle(const std::vector<std::size_t>& cycle) {
    std::string message = "steps wait for each other: ";
    std::size_t written = cycle[0];  // one that says so itself; there is one
    for (std::size_t k = 0; k < cycle.size(); ++k) {
      const StepConfig& step = flow_.steps[cycle[k]];
      const StepConfig& earlier = flow_.steps[cycle[(k + 1) % cycle.size()]];
      message += (k == 0 ? "" : ", ") + step.name + " comes after " + earlier.name;
      if (!step.after) message += " (which stands before it)";
      if (step.after && !flow_.steps[written].after) written = cycle[k];
      is_settled_[cycle[k]] = true;
    }
    report(written, 0, message);
  }

  const FlowConfig& flow_;
  const ObjectView& view_;
  std::unordered_map<std::string_view, std::size_t> index_;
  std::vector<std::string_view> names_;
  std::vector<std::vector<std::size_t>> after_;
  std::vector<bool> is_settled_;
};

}  // namespace

void check_step_names(const FlowConfig& flow, const ObjectView& view) {
  for (const StepConfig& step : flow.steps) {
    const auto refuse = [&](const std::string& message) {
      view.decoder().problem(position_of(step.origin),
                             data::in_quotes(step.name) + " of " + view.subject() + message);
    };
    if (!is_variable_name(step.name)) {
      refuse(
          " cannot be the name of a step, which is a variable of expressions; use letters, digits and _, not "
          "beginning with a digit");
    } else if (std::find(std::begin(kReserved), std::end(kReserved), step.name) != std::end(kReserved)) {
      refuse(" cannot be the name of a step: $" + step.name + " means something else in expressions");
    }
  }
}

void check_step_order(const FlowConfig& flow, const ObjectView& view) {
  StepGraph graph(flow, view);
  graph.add_edges();
  graph.report_cycles();
}

void check_test_names(const FlowConfig& flow, const ObjectView& view) {
  std::vector<std::string_view> steps;
  for (const StepConfig& step : flow.steps) steps.push_back(step.name);
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < flow.tests.size(); ++i) {
    const FlowTestConfig& test = flow.tests[i];
    const YamlNode& node = node_at(view.node(), "tests", i);
    const std::string subject = "tests[" + std::to_string(i) + "]";
    if (!test.name.empty() && !names.insert(test.name).second) {
      view.decoder().problem(node_at(node, "name", 0).position(),
                             "name of " + subject + " of " + view.subject() + ": another test has it");
    }
    for (std::size_t k = 0; k < test.expect.undone.size(); ++k) {
      const std::string& name = test.expect.undone[k];
      if (std::find(steps.begin(), steps.end(), name) != steps.end()) continue;
      const YamlNode* expect = node.find("expect");
      const YamlNode& item = expect == nullptr ? node : node_at(*expect, "undone", k);
      view.decoder().problem(item.position(), "expect.undone of " + subject + " of " + view.subject() + ": " +
                                                  no_such_step(name, item, steps));
    }
  }
}

}  // namespace linkspan::config
