#include "flow/testing/recorded_run.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/json_parse.h"

namespace linkspan::flow {

namespace {

constexpr std::string_view kSkipped = "skipped by a person";

bool is_of_undo(RecordKind kind) {
  return kind == RecordKind::undo_skip || kind == RecordKind::undo_intent || kind == RecordKind::undo_retry ||
         kind == RecordKind::undone || kind == RecordKind::undo_park;
}

std::string_view end_of(RecordKind kind) {
  switch (kind) {
    case RecordKind::skip:
      return "left out";
    case RecordKind::done:
    case RecordKind::event:
      return "done";
    case RecordKind::lost:
      return "given up";
    case RecordKind::park:
    case RecordKind::undo_park:
      return "parked";
    case RecordKind::undone:
      return "undone";
    case RecordKind::undo_skip:
      return "nothing to undo";
    default:
      return {};
  }
}

// "answered 409: {...}" has the beginning of a body.
void read_failure(const Record& record, RecordedAnswer& answer) {
  answer.at = record.at;
  answer.status = record.status;
  answer.error = record.text;
  answer.may_have_happened = record.flag;
  answer.body = data::JsonValue();
  answer.body_is_known = false;
  const std::string start = "answered " + std::to_string(record.status) + ": ";
  if (record.status == 0 || !record.text.starts_with(start)) return;
  Result<data::JsonValue> body = data::parse_json(std::string_view(record.text).substr(start.size()));
  answer.body_is_known = body.ok();
  if (body) answer.body = std::move(*body);
}

class Reader {
 public:
  explicit Reader(RecordedRun& run) : run_(run) {}

  void take(Record record) {
    run_.last_at = std::max(run_.last_at, record.at);
    if (record.step.empty()) return take_of_run(record);
    if (record.kind == RecordKind::again) return forget(record.step);
    const Doing doing{.step = record.step, .item = record.item, .undo = is_of_undo(record.kind)};
    if (record.kind != RecordKind::items && record.kind != RecordKind::repair) trace(doing, record);
    take_of_step(doing, record);
  }

 private:
  void take_of_run(Record& record) {
    if (record.kind == RecordKind::start) {
      run_.input = std::move(record.value);
      run_.trigger = std::move(record.text);
      run_.trigger_facts = std::move(record.extra);
      run_.started_at = record.at;
    } else if (record.kind == RecordKind::respond) {
      run_.answer = data::JsonObjectBuilder()
                        .set("status", static_cast<std::int64_t>(record.status))
                        .set("body", std::move(record.value))
                        .build();
    } else if (record.kind == RecordKind::end) {
      run_.output = std::move(record.value);
    } else if (record.kind == RecordKind::fail && (record.flag || record.text.starts_with("undone by "))) {
      run_.acts.push_back({.kind = record.flag ? RepairKind::cancel : RepairKind::undo,
                           .doing = {},
                           .at = record.at,
                           .output = {}});
    }
  }

  void take_of_step(const Doing& doing, Record& record) {
    const auto answer = run_.answers.find(doing);
    switch (record.kind) {
      case RecordKind::intent:
      case RecordKind::undo_intent:
        return sent(doing, record);
      case RecordKind::event:
        run_.events[doing] = {.at = record.at, .data = std::move(record.value)};
        return;
      case RecordKind::child:
        run_.children[doing] = {};
        return;
      case RecordKind::page:
        if (answer == run_.answers.end()) return;
        add_items(answer->second, record.value);
        return;
      default:
        break;
    }
    if (record.text == kSkipped) {
      run_.acts.push_back(
          {.kind = RepairKind::skip, .doing = doing, .at = record.at, .output = std::move(record.value)});
      return;
    }
    if (const auto child = run_.children.find(doing); child != run_.children.end())
      return ended(child->second, record);
    if (answer != run_.answers.end()) answered(answer->second, record);
  }

  void sent(const Doing& doing, const Record& record) {
    const data::JsonValue* call = record.value.find("call");
    if (call == nullptr || !call->is_string()) return;
    RecordedAnswer& answer = run_.answers[doing];
    const bool is_first = answer.call.empty();
    answer.call = call->string();
    if (is_first) answer.may_have_happened = false;
    answer.at = 0;
  }

  static void add_items(RecordedAnswer& answer, const data::JsonValue& items) {
    if (!answer.body.is_array()) answer.body = data::JsonValue::empty_array();
    for (const data::JsonValue& item : items.items()) answer.body.push_back(item);
  }

  static void answered(RecordedAnswer& answer, Record& record) {
    switch (record.kind) {
      case RecordKind::done:
      case RecordKind::undone:
        answer.at = record.at;
        answer.status = record.status == 0 ? 200 : record.status;
        answer.body_is_known = true;
        if (record.flag) {
          add_items(answer, record.value);
        } else {
          answer.body = std::move(record.value);
        }
        return;
      case RecordKind::lost:
        // The run did not want it any more: it had come to nothing so far.
        if (record.text == "not needed any more" || record.text == "did not take place") return;
        [[fallthrough]];
      case RecordKind::retry:
      case RecordKind::park:
      case RecordKind::undo_retry:
      case RecordKind::undo_park:
        return read_failure(record, answer);
      default:
        return;
    }
  }

  static void ended(RecordedChild& child, Record& record) {
    child.at = record.at;
    child.completed = record.kind == RecordKind::done;
    if (child.completed) child.output = std::move(record.value);
  }

  void trace(const Doing& doing, const Record& record) {
    auto found = std::find_if(run_.traces.begin(), run_.traces.end(),
                              [&](const Trace& trace) { return trace.doing == doing; });
    if (found == run_.traces.end()) {
      run_.traces.push_back({.doing = doing, .request = {}, .end = {}});
      found = run_.traces.end() - 1;
    }
    if (record.kind == RecordKind::intent || record.kind == RecordKind::undo_intent)
      found->request = record.value;
    found->end = end_of(record.kind);
  }

  void forget(const std::string& step) {
    const auto is_its = [&](const auto& entry) { return entry.first.step == step; };
    std::erase_if(run_.answers, is_its);
    std::erase_if(run_.events, is_its);
    std::erase_if(run_.children, is_its);
    std::erase_if(run_.acts, [&](const PersonAct& act) { return act.doing.step == step; });
    std::erase_if(run_.traces, [&](const Trace& trace) { return trace.doing.step == step; });
  }

  RecordedRun& run_;
};

}  // namespace

std::string to_string(const Doing& doing) {
  std::string text = doing.undo ? "undo of " + doing.step : doing.step;
  if (doing.item != 0) text += "[" + std::to_string(doing.item) + "]";
  return text;
}

Result<RecordedRun> read_recorded_run(std::string id, const store::StoredRun& stored) {
  RecordedRun run;
  run.id = std::move(id);
  run.number = stored.row.run;
  run.flow = stored.row.flow;
  run.status = static_cast<RunStatus>(stored.row.state);
  run.reason = stored.row.reason;
  Reader reader(run);
  for (const std::string& row : stored.records) {
    Result<std::vector<Record>> records = parse_records(row);
    if (!records) return std::move(records).error();
    for (Record& record : *records) reader.take(std::move(record));
  }
  return run;
}

}  // namespace linkspan::flow
