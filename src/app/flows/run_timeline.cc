#include "app/flows/run_timeline.h"

#include <cstdio>
#include <vector>

#include "app/flows/run_document.h"
#include "base/strings.h"
#include "data/json_write.h"
#include "flow/run/record.h"
#include "flow/run/run_state.h"
#include "http/status.h"

namespace linkspan::app {

namespace {

using flow::Record;
using flow::RecordKind;

constexpr std::size_t kMaxBodyBytes = 2048;
constexpr std::string_view kApproval = "approval:";
constexpr std::size_t kOffsetColumns = 11;

std::string offset_text(std::int64_t ns) {
  constexpr std::int64_t kMinute = 60 * kNsPerSecond;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  char text[48];
  if (ns < kMinute) {
    std::snprintf(text, sizeof text, "+%.3fs", static_cast<double>(ns < 0 ? 0 : ns) / 1e9);
  } else if (ns < kHour) {
    std::snprintf(text, sizeof text, "+%dm%02ds", static_cast<int>(ns / kMinute),
                  static_cast<int>(ns % kMinute / kNsPerSecond));
  } else if (ns < kDay) {
    std::snprintf(text, sizeof text, "+%dh%02dm", static_cast<int>(ns / kHour),
                  static_cast<int>(ns % kHour / kMinute));
  } else {
    std::snprintf(text, sizeof text, "+%dd%02dh", static_cast<int>(ns / kDay),
                  static_cast<int>(ns % kDay / kHour));
  }
  return text;
}

std::string_view text_of(const data::JsonValue& object, std::string_view name) {
  const data::JsonValue* value = object.find(name);
  return value != nullptr && value->is_string() ? value->string() : std::string_view();
}

std::string status_text(int status) {
  if (status == 0) return {};
  const std::string_view reason = http::reason_phrase(status);
  return std::to_string(status) + (reason.empty() ? "" : " " + std::string(reason));
}

// "POST /reservations (createReservation), attempt 2", or what else is about to be done.
std::string request_text(const Record& record) {
  const std::string_view method = text_of(record.value, "method");
  std::string text =
      method.empty() ? "begins" : std::string(method) + " " + std::string(text_of(record.value, "target"));
  const std::string_view operation = text_of(record.value, "operation");
  if (!operation.empty()) text += " (" + std::string(operation) + ")";
  if (record.attempt > 1) text += ", attempt " + std::to_string(record.attempt);
  return text;
}

std::string joined(std::string first, std::string_view second, std::string_view with = ": ") {
  if (!first.empty() && !second.empty()) first += with;
  return first.append(second);
}

std::string failure_text(const Record& record) {
  std::string text = joined(status_text(record.status), record.text);
  if (record.flag) text += "; it may have taken place";
  return text;
}

std::string by_text(const Record& record) {
  const std::string_view who = text_of(record.extra, "by");
  return " by " + std::string(who.empty() ? "a person" : who);
}

std::string again_text(const Record& record) {
  if (!record.extra.is_null()) return "told to go on now" + by_text(record);
  return failure_text(record) + (record.until == 0 ? "" : "; again " + offset_text(record.until - record.at));
}

std::string wait_text(const Record& record) {
  std::string text = "waits for " + record.text;
  if (record.until != 0) text += ", at most until " + time_text(record.until);
  return text;
}

std::string repair_text(const Record& record) {
  std::string text = record.text == "retry" ? "tried again" : record.text == "skip" ? "skipped" : record.text;
  return text + by_text(record);
}

std::string what_happened(const Record& record) {
  switch (record.kind) {
    case RecordKind::start:
      return record.text.empty() ? "started" : "started by " + record.text;
    case RecordKind::items:
      return "goes over " + std::to_string(record.value.size()) + " items";
    case RecordKind::skip:
      return "skipped: `when` says no";
    case RecordKind::intent:
      return request_text(record);
    case RecordKind::retry:
      return again_text(record);
    case RecordKind::page:
      return "a page of " + std::to_string(record.value.size()) + " items";
    case RecordKind::done:
      return joined(joined("done", status_text(record.status), ", "), record.text);
    case RecordKind::lost:
      return "given up, the run goes on: " + failure_text(record);
    case RecordKind::park:
      return "parked: " + failure_text(record);
    case RecordKind::sleep:
      return "waits until " + time_text(record.until);
    case RecordKind::await:
      return wait_text(record);
    case RecordKind::event:
      return joined("it came", record.text);
    case RecordKind::child:
      return "started run " + std::to_string(record.number);
    case RecordKind::respond:
      return "answered the caller";
    case RecordKind::fail:
      return joined(record.flag ? "cancelled" : "undoing what was done", record.text);
    case RecordKind::undo_skip:
      return "nothing to undo";
    case RecordKind::undo_intent:
      return "undo: " + request_text(record);
    case RecordKind::undo_retry:
      return "undo: " + again_text(record);
    case RecordKind::undone:
      return joined("undone", status_text(record.status), ", ");
    case RecordKind::undo_park:
      return "undo parked: " + failure_text(record);
    case RecordKind::repair:
      return repair_text(record);
    case RecordKind::again:
      return "to be done anew, from " + std::string(text_of(record.extra, "from")) + " on" + by_text(record);
    case RecordKind::end:
      return record.text;
  }
  return {};
}

// Of a request its body, of all else the value.
data::JsonValue body_of(const Record& record) {
  const bool is_request = record.kind == RecordKind::intent || record.kind == RecordKind::undo_intent;
  const bool is_counted = record.kind == RecordKind::items || record.kind == RecordKind::page;
  if (!is_request) return is_counted ? data::JsonValue() : record.value;
  for (std::string_view name : {"json", "body"}) {
    if (const data::JsonValue* body = record.value.find(name)) return *body;
  }
  return {};
}

void append_body(std::string& out, const data::JsonValue& body) {
  if (body.is_null()) return;
  std::string text = data::write_json(body, {.indent = 2});
  if (text.size() > kMaxBodyBytes) {
    const std::size_t left = text.size() - kMaxBodyBytes;
    text.resize(kMaxBodyBytes);
    text += "\n... " + std::to_string(left) + " more bytes";
  }
  for (std::string_view line : split(text, '\n'))
    out.append(kOffsetColumns + 2, ' ').append(line).append("\n");
}

void append_line(std::string& out, const Record& record, WallNs started_at) {
  std::string offset = offset_text(record.at - started_at);
  offset.resize(std::max(offset.size() + 2, kOffsetColumns), ' ');
  out.append("  ").append(offset);
  if (!record.step.empty()) {
    out.append(record.step);
    if (record.item != 0) out.append("[").append(std::to_string(record.item)).append("]");
    out.append(": ");
  }
  out.append(what_happened(record)).append("\n");
  append_body(out, body_of(record));
}

void append_fact(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  std::string label(name);
  label.resize(9, ' ');
  out.append("  ").append(label).append(value).append("\n");
}

}  // namespace

std::string render_records(const store::StoredRun& run, std::size_t first_row) {
  std::string out;
  for (std::size_t i = first_row; i < run.records.size(); ++i) {
    Result<std::vector<Record>> records = flow::parse_records(run.records[i]);
    if (!records) {
      out.append("  this part of the journal cannot be read: ").append(records.error().detail()).append("\n");
      continue;
    }
    for (const Record& record : *records) append_line(out, record, run.row.started_at);
  }
  return out;
}

std::string render_timeline(std::string_view id, const store::StoredRun& run,
                            const flow::ApprovalLinks* links, WallNs now) {
  const store::RunRow& row = run.row;
  std::string out = "run " + std::string(id) + " of flow " + row.flow + ": " +
                    std::string(flow::to_string(static_cast<flow::RunStatus>(row.state))) + "\n";
  append_fact(out, "started", time_text(row.started_at));
  if (row.ended_at != 0) append_fact(out, "ended", time_text(row.ended_at));
  if (row.wake_at != 0) append_fact(out, "next", time_text(row.wake_at));
  append_fact(out, "order", row.order_key);
  for (const std::string& wait : row.waits) {
    append_fact(out, "waits", "for " + wait);
    const bool is_asked = links != nullptr && wait.starts_with(kApproval);
    if (is_asked) append_fact(out, "answer", links->link(id, wait.substr(kApproval.size()), now));
  }
  append_fact(out, "why", row.reason);
  return out + "\n" + render_records(run, 0);
}

}  // namespace linkspan::app
