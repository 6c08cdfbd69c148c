#include "app/flows/run_document.h"

#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/timestamp.h"
#include "flow/run/record.h"
#include "flow/run/run_state.h"

namespace linkspan::app {

namespace {

using flow::Record;
using flow::RecordKind;

flow::RunStatus status_of(const store::RunRow& row) {
  return static_cast<flow::RunStatus>(row.state);
}

// What can be read of them: a journal of a later version may hold more.
std::vector<Record> records_of(const store::StoredRun& run) {
  std::vector<Record> all;
  for (const std::string& bytes : run.records) {
    Result<std::vector<Record>> records = flow::parse_records(bytes);
    if (!records) break;
    for (Record& record : *records) all.push_back(std::move(record));
  }
  return all;
}

data::JsonValue record_document(const Record& record) {
  data::JsonObjectBuilder out;
  out.set("kind", to_string(record.kind));
  if (!record.step.empty()) out.set("step", record.step);
  if (record.item != 0) out.set("item", record.item);
  out.set("at", time_text(record.at));
  if (record.attempt != 0) out.set("attempt", record.attempt);
  if (record.status != 0) out.set("status", record.status);
  if (record.until != 0) out.set("until", time_text(record.until));
  if (record.number != 0) out.set("number", record.number);
  if (record.flag) out.set("flag", true);
  if (!record.text.empty()) out.set("text", record.text);
  if (!record.value.is_null()) out.set("value", record.value);
  if (!record.extra.is_null()) out.set("extra", record.extra);
  return out.build();
}

void set_time(data::JsonObjectBuilder& out, const char* name, WallNs at) {
  if (at != 0) out.set(name, time_text(at));
}

}  // namespace

std::string run_id(std::string_view store_id, store::RunNo run) {
  return std::string(store_id) + "-" + std::to_string(run);
}

std::optional<store::RunNo> parse_run_id(std::string_view store_id, std::string_view id) {
  if (!id.starts_with(store_id) || id.size() <= store_id.size() || id[store_id.size()] != '-')
    return std::nullopt;
  const std::optional<std::uint64_t> number = parse_u64(id.substr(store_id.size() + 1));
  if (!number || *number == 0 || *number > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  return static_cast<store::RunNo>(*number);
}

std::string time_text(WallNs at) {
  std::string text(kTimestampBytes, '\0');
  format_timestamp(at, text.data());
  return text;
}

std::optional<flow::RunAnswer> answer_of(const store::StoredRun& run) {
  std::optional<flow::RunAnswer> answer;
  std::string reason;
  for (Record& record : records_of(run)) {
    if (record.kind == RecordKind::respond) {
      answer.emplace();
      answer->http_status = record.status;
      answer->body = std::move(record.value);
      return answer;
    }
    if (record.kind == RecordKind::fail) reason = std::move(record.text);
    if (record.kind != RecordKind::end) continue;
    answer.emplace();
    if (!flow::parse_run_status(record.text, answer->status)) answer->status = status_of(run.row);
    answer->body = std::move(record.value);
    answer->reason = std::move(reason);
  }
  return answer;
}

data::JsonValue status_document(std::string_view id, const store::StoredRun& run) {
  data::JsonObjectBuilder out;
  out.set("run", id).set("flow", run.row.flow).set("status", flow::to_string(status_of(run.row)));
  set_time(out, "started_at", run.row.started_at);
  set_time(out, "ended_at", run.row.ended_at);
  const std::optional<flow::RunAnswer> answer = answer_of(run);
  if (answer && !answer->body.is_null()) out.set("output", answer->body);
  if (!run.row.reason.empty()) out.set("reason", run.row.reason);
  return out.build();
}

data::JsonValue row_document(std::string_view id, const store::RunRow& row) {
  data::JsonObjectBuilder out;
  out.set("run", id).set("flow", row.flow).set("version", row.version);
  out.set("status", flow::to_string(status_of(row)));
  set_time(out, "started_at", row.started_at);
  set_time(out, "updated_at", row.updated_at);
  set_time(out, "ended_at", row.ended_at);
  set_time(out, "wake_at", row.wake_at);
  if (!row.order_key.empty()) out.set("order_key", row.order_key);
  if (!row.waits.empty()) {
    data::JsonArrayBuilder waits;
    for (const std::string& wait : row.waits) waits.add(wait);
    out.set("waits", waits.build());
  }
  if (!row.reason.empty()) out.set("reason", row.reason);
  return out.build();
}

data::JsonValue run_document(std::string_view id, const store::StoredRun& run) {
  data::JsonValue out = row_document(id, run.row);
  data::JsonArrayBuilder journal;
  for (const Record& record : records_of(run)) journal.add(record_document(record));
  out.set("journal", journal.build());
  return out;
}

}  // namespace linkspan::app
