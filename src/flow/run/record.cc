#include "flow/run/record.h"

#include <array>
#include <optional>

#include "base/error_kinds.h"
#include "data/json_parse.h"
#include "data/json_write.h"

namespace linkspan::flow {

namespace {

constexpr std::array<std::string_view, 23> kNames = {
    "start",       "items",      "skip",   "intent",    "retry",  "page",    "done", "lost",
    "park",        "sleep",      "await",  "event",     "child",  "respond", "fail", "undo_skip",
    "undo_intent", "undo_retry", "undone", "undo_park", "repair", "again",   "end"};
static_assert(kNames.size() == static_cast<std::size_t>(RecordKind::end) + 1);

std::optional<RecordKind> kind_of(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<RecordKind>(i);
  }
  return std::nullopt;
}

void append_number(std::string& out, std::string_view name, std::int64_t number) {
  if (number == 0) return;
  out.append(name).append(std::to_string(number));
}

std::int64_t number_of(const data::JsonValue& line, std::string_view name) {
  const data::JsonValue* value = line.find(name);
  return value == nullptr ? 0 : value->to_int64().value_or(0);
}

std::string text_of(const data::JsonValue& line, std::string_view name) {
  const data::JsonValue* value = line.find(name);
  return value == nullptr || !value->is_string() ? std::string() : std::string(value->string());
}

data::JsonValue value_of(const data::JsonValue& line, std::string_view name) {
  const data::JsonValue* value = line.find(name);
  return value == nullptr ? data::JsonValue() : *value;
}

}  // namespace

std::string_view to_string(RecordKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

void append_record(std::string& out, const Record& record) {
  out.append(R"({"t":")").append(to_string(record.kind)).push_back('"');
  if (!record.step.empty()) {
    out.append(R"(,"s":)");
    data::append_json_string(out, record.step);
  }
  append_number(out, R"(,"i":)", record.item);
  append_number(out, R"(,"at":)", record.at);
  append_number(out, R"(,"n":)", record.attempt);
  append_number(out, R"(,"status":)", record.status);
  append_number(out, R"(,"until":)", record.until);
  append_number(out, R"(,"number":)", record.number);
  if (record.flag) out.append(R"(,"flag":true)");
  if (!record.text.empty()) {
    out.append(R"(,"text":)");
    data::append_json_string(out, record.text);
  }
  if (!record.value.is_null()) {
    out.append(R"(,"value":)");
    data::append_json(out, record.value);
  }
  if (!record.extra.is_null()) {
    out.append(R"(,"extra":)");
    data::append_json(out, record.extra);
  }
  out.append("}\n");
}

Result<std::vector<Record>> parse_records(std::string_view row) {
  std::vector<Record> records;
  data::JsonParser parser;
  Result<void> begun = parser.begin_stream(row);
  if (!begun) return Error(errors::store_invalid, "a journal row is no JSON: " + begun.error().detail());
  while (true) {
    Result<std::optional<data::JsonValue>> line = parser.next();
    if (!line) return Error(errors::store_invalid, "a journal row is no JSON: " + line.error().detail());
    if (!*line) return records;
    const data::JsonValue& value = **line;
    const std::optional<RecordKind> kind = kind_of(text_of(value, "t"));
    if (!kind) return Error(errors::store_invalid, "a journal row has a record of no known kind");
    const data::JsonValue* flag = value.find("flag");
    records.push_back({.kind = *kind,
                       .step = text_of(value, "s"),
                       .item = static_cast<std::uint32_t>(number_of(value, "i")),
                       .at = number_of(value, "at"),
                       .attempt = static_cast<std::uint32_t>(number_of(value, "n")),
                       .status = static_cast<int>(number_of(value, "status")),
                       .until = number_of(value, "until"),
                       .number = number_of(value, "number"),
                       .flag = flag != nullptr && flag->is_true(),
                       .text = text_of(value, "text"),
                       .value = value_of(value, "value"),
                       .extra = value_of(value, "extra")});
  }
}

}  // namespace linkspan::flow
