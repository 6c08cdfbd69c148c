#include "flow/testing/expectations.h"

#include <algorithm>
#include <map>

#include "data/json_write.h"

namespace linkspan::flow {

namespace {

constexpr std::size_t kMaxValueBytes = 500;

std::string shown(const data::JsonValue& value) {
  std::string text = data::write_json(value);
  if (text.size() <= kMaxValueBytes) return text;
  std::size_t end = kMaxValueBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // within a character
  return text.substr(0, end) + "...";
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() > 1 ? ", " : "") + name;
  return text + "]";
}

std::vector<std::string> names_of(const std::vector<MockedCall>& calls) {
  std::vector<std::string> names;
  for (const MockedCall& call : calls) names.push_back(call.name);
  return names;
}

std::string status_text(const RunOutcome& outcome) {
  std::string text(to_string(outcome.status));
  if (!outcome.reason.empty()) text += ": " + outcome.reason;
  return text;
}

// "the event paid with the key 7", of "event:paid:7".
std::string awaited(std::string_view key) {
  if (key.starts_with("approval:"))
    return "the approval at step " + std::string(key.substr(sizeof "approval:" - 1));
  if (!key.starts_with("event:")) return std::string(key);
  key.remove_prefix(sizeof "event:" - 1);
  const std::size_t colon = key.find(':');
  if (colon == std::string_view::npos) return "the event " + std::string(key);
  return "the event " + std::string(key.substr(0, colon)) + " with the key " +
         std::string(key.substr(colon + 1));
}

void check_status(const config::ExpectConfig& expect, const RunOutcome& outcome,
                  std::vector<std::string>& failures) {
  if (outcome.status == RunStatus::waiting && expect.status != "waiting") {
    std::string what;
    for (const std::string& key : outcome.waits) what += (what.empty() ? "" : " and ") + awaited(key);
    failures.push_back("the run waits for " + (what.empty() ? outcome.reason : what) +
                       ", which nothing in the test brings; expect `status: waiting`, or give the step a "
                       "timeout");
    return;
  }
  if (expect.status.empty() || expect.status == to_string(outcome.status)) return;
  failures.push_back("expected status " + expect.status + ", but the run is " + status_text(outcome));
}

data::JsonValue calls_value(const std::vector<MockedCall>& calls) {
  data::JsonArrayBuilder all(calls.size());
  for (const MockedCall& call : calls) {
    data::JsonValue one = call.request;
    one.set("call", call.name);
    if (call.error.empty()) {
      one.set("status", call.status);
    } else {
      one.set("error", call.error);
    }
    all.add(std::move(one));
  }
  return all.build();
}

void check_output(const config::Expression& condition, const RunOutcome& outcome, const MockSystems& systems,
                  std::vector<std::string>& failures) {
  Result<Expression> compiled = Expression::compile(condition, {"status", "reason", "steps", "calls"});
  if (!compiled) {
    failures.push_back("expect.output: " + compiled.error().detail());
    return;
  }
  const data::JsonValue variables[] = {data::JsonValue(to_string(outcome.status)),
                                       data::JsonValue(outcome.reason), outcome.steps,
                                       calls_value(systems.calls())};
  const RealClock clock;
  Evaluator evaluator(clock);
  Result<data::JsonValue> value = compiled->evaluate(evaluator, outcome.output, variables);
  if (!value) {
    failures.push_back("expect.output: " + value.error().detail() + "; the output is " +
                       shown(outcome.output));
  } else if (!value->is_truthy()) {
    failures.push_back("expected the output to fulfil " + condition.text + ", but the output is " +
                       shown(outcome.output));
  }
}

// Operations and keys to how often they took place.
std::map<std::string, std::uint32_t> counts_of(const MockSystems& systems) {
  std::map<std::string, std::uint32_t> counts;
  for (const MockedEffect& effect : systems.effects()) counts[effect.identity] += effect.count;
  return counts;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

// What to do about a step that parks because nobody knows whether its call took place.
std::string advice(const RunOutcome& killed, const Plan& plan) {
  for (const Step& step : plan.steps) {
    for (const std::string& parked : killed.parked) {
      if (parked == step.name && step.call && !step.call->is_repeatable() && !step.probe) {
        return "; " + step.call->api + "." + step.call->operation->id +
               " cannot be sent again safely: declare the header Idempotency-Key in its description if it "
               "honours one, or name the header that it honours by `idempotency:`, or let `unknown` of the "
               "step ask whether it took place";
      }
      if (parked == "undo of " + step.name && step.undo && !step.undo->call.is_repeatable()) {
        return "; " + step.undo->call.api + "." + step.undo->call.operation->id +
               " cannot be sent again safely: declare the header Idempotency-Key in its description if it "
               "honours one";
      }
    }
  }
  return {};
}

std::string offset(std::int64_t ns) {
  const std::int64_t seconds = ns / kNsPerSecond;
  if (seconds < 120) {
    std::string millis = std::to_string(ns / kNsPerMs % 1000);
    millis.insert(0, 3 - millis.size(), '0');
    return "+" + std::to_string(seconds) + "." + millis + "s";
  }
  if (seconds < 7200) return "+" + std::to_string(seconds / 60) + "m";
  if (seconds < 48 * 3600) return "+" + std::to_string(seconds / 3600) + "h";
  return "+" + std::to_string(seconds / (24 * 3600)) + "d";
}

std::string line_of(const Record& record) {
  std::string text = record.step;
  if (!text.empty()) text += ": ";
  text += to_string(record.kind);
  if (record.attempt > 1) text += ", attempt " + std::to_string(record.attempt);
  if (record.status != 0) text += " " + std::to_string(record.status);
  const data::JsonValue* call = record.value.find("call");
  const bool is_intent = record.kind == RecordKind::intent || record.kind == RecordKind::undo_intent;
  if (is_intent && call != nullptr && call->is_string()) text += " " + std::string(call->string());
  if (!record.text.empty()) text += " (" + record.text + ")";
  return text;
}

}  // namespace

std::vector<std::string> check_expectations(const config::ExpectConfig& expect, const RunOutcome& outcome,
                                            const MockSystems& systems) {
  std::vector<std::string> failures;
  check_status(expect, outcome, failures);
  if (expect.undone_given && expect.undone != outcome.undone) {
    failures.push_back("expected that " + list_of(expect.undone) + " are undone, but it was " +
                       list_of(outcome.undone));
  }
  const std::vector<std::string> called = names_of(systems.calls());
  if (expect.called_given && expect.called != called)
    failures.push_back("expected the calls " + list_of(expect.called) + ", but they were " + list_of(called));
  if (expect.output) check_output(*expect.output, outcome, systems, failures);
  failures.insert(failures.end(), systems.problems().begin(), systems.problems().end());
  return failures;
}

std::vector<std::string> differences(const RunOutcome& undisturbed, const MockSystems& undisturbed_systems,
                                     const RunOutcome& killed, const MockSystems& killed_systems,
                                     const Plan& plan) {
  std::vector<std::string> found;
  if (killed.status != undisturbed.status || killed.parked != undisturbed.parked) {
    found.push_back("the run is " + status_text(killed) + ", instead of " + status_text(undisturbed) +
                    advice(killed, plan));
  }
  // Another end has another output.
  if (killed.status == undisturbed.status && !(killed.output == undisturbed.output)) {
    found.push_back("the output is " + shown(killed.output) + ", instead of " + shown(undisturbed.output));
  }
  // Steps beside each other may be done, and so undone, in another order.
  if (sorted(killed.undone) != sorted(undisturbed.undone)) {
    found.push_back(list_of(killed.undone) + " are undone, instead of " + list_of(undisturbed.undone));
  }
  const std::map<std::string, std::uint32_t> before = counts_of(undisturbed_systems);
  for (const auto& [identity, count] : counts_of(killed_systems)) {
    const auto known = before.find(identity);
    const std::uint32_t wanted = known == before.end() ? 0 : known->second;
    if (count <= wanted) continue;
    found.push_back(identity + " took place " + std::to_string(count) + " times, instead of " +
                    std::to_string(wanted));
  }
  for (const std::string& problem : killed_systems.problems()) {
    const std::vector<std::string>& known = undisturbed_systems.problems();
    if (std::find(known.begin(), known.end(), problem) == known.end()) found.push_back(problem);
  }
  return found;
}

std::vector<std::string> short_timeline(const std::vector<Record>& records) {
  std::vector<std::string> lines;
  for (const Record& record : records) {
    std::string at = offset(record.at - records.front().at);
    at.resize(std::max<std::size_t>(at.size(), 8), ' ');
    lines.push_back(at + "  " + line_of(record));
  }
  return lines;
}

}  // namespace linkspan::flow
