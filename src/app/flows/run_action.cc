#include "app/flows/run_action.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "app/flows/run_document.h"
#include "base/error_kinds.h"
#include "data/json_write.h"

namespace linkspan::app {

namespace {

constexpr std::size_t kMaxRuns = 1000;

std::optional<flow::RepairKind> repair_kind(std::string_view word) {
  if (word == "retry") return flow::RepairKind::retry;
  if (word == "resume") return flow::RepairKind::resume;
  if (word == "skip") return flow::RepairKind::skip;
  if (word == "undo") return flow::RepairKind::undo;
  if (word == "cancel") return flow::RepairKind::cancel;
  return std::nullopt;
}

std::string text_member(const data::JsonValue& body, std::string_view name) {
  const data::JsonValue* value = body.find(name);
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->string()) : data::write_json(*value);
}

bool flag_member(const data::JsonValue& body, std::string_view name) {
  const data::JsonValue* value = body.find(name);
  return value != nullptr && value->is_true();
}

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 3> kActionMembers = {"step", "value", "by"};
constexpr std::array<std::string_view, 2> kRetryMembers = {"from", "confirm"};
constexpr std::array<std::string_view, 8> kBulkMembers = {"action", "flow",    "status", "limit",
                                                          "before", "dry_run", "from",   "confirm"};

Result<void> check_members(const data::JsonValue& body, Names names, Names more) {
  if (body.is_null()) return {};
  if (!body.is_object()) return Error(errors::bad_request, "the body must be an object, or empty");
  for (const data::JsonMember& member : body.members()) {
    const std::string_view key = member.key.string();
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    if (std::find(more.begin(), more.end(), key) != more.end()) continue;
    std::string known;
    for (const Names list : {names, more}) {
      for (const std::string_view name : list) known.append(known.empty() ? "" : ", ").append(name);
    }
    return Error(errors::bad_request,
                 "\"" + std::string(key) + "\" means nothing here; there may be " + known);
  }
  return {};
}

Result<void> check_value(const RunAction& action) {
  const bool takes = action.approves || action.repair.kind == flow::RepairKind::retry ||
                     action.repair.kind == flow::RepairKind::skip;
  if (takes || action.repair.value.is_null()) return {};
  return Error(errors::bad_request, action.word + " takes no \"value\"");
}

RunAction make_action(std::string_view word, const data::JsonValue& body) {
  const std::optional<flow::RepairKind> kind = repair_kind(word);
  const data::JsonValue* value = body.find("value");
  RunAction action{.word = std::string(word),
                   .repair = {.kind = kind.value_or(flow::RepairKind::retry),
                              .step = text_member(body, "step"),
                              .from = text_member(body, "from"),
                              .value = value == nullptr ? data::JsonValue() : *value,
                              .by = text_member(body, "by"),
                              .confirmed = flag_member(body, "confirm")},
                   .approves = !kind};
  if (action.approves && action.repair.value.is_null()) action.repair.value = true;
  return action;
}

// Of many runs the answers, as they come.
struct Gathering {
  std::vector<data::JsonValue> rows;
  std::string next;
  std::size_t left = 0;
  std::function<void(Result<data::JsonValue>)> done;

  void finish() {
    data::JsonArrayBuilder runs(rows.size());
    for (data::JsonValue& row : rows) runs.add(std::move(row));
    data::JsonValue body = data::JsonValue::object({{"runs", runs.build()}});
    if (!next.empty()) body.set("next", next);
    done(std::move(body));
  }
};

}  // namespace

bool is_run_action(std::string_view word) {
  return word == "approve" || repair_kind(word).has_value();
}

Result<RunAction> read_run_action(std::string_view word, const data::JsonValue& body) {
  Result<void> known = check_members(body, kActionMembers, word == "retry" ? Names(kRetryMembers) : Names());
  if (!known) return std::move(known).error();
  RunAction action = make_action(word, body);
  Result<void> sensible = check_value(action);
  if (!sensible) return std::move(sensible).error();
  return action;
}

void act_on_run(FlowWork& work, store::RunNo run, const RunAction& action, flow::Engine::Done done) {
  if (action.approves) {
    work.engine.approve(run, action.repair.step, action.repair.value, std::move(done));
  } else {
    work.engine.repair(run, action.repair, std::move(done));
  }
}

Result<BulkAction> read_bulk_action(const data::JsonValue& body) {
  Result<void> known = check_members(body, kActionMembers, kBulkMembers);
  if (!known) return std::move(known).error();
  const std::string word = text_member(body, "action");
  if (!is_run_action(word))
    return Error(errors::bad_request, "\"action\" must be retry, resume, skip, undo, cancel or approve");
  BulkAction bulk{.action = make_action(word, body),
                  .filter = {},
                  .before = text_member(body, "before"),
                  .dry_run = flag_member(body, "dry_run")};
  Result<void> sensible = check_value(bulk.action);
  if (!sensible) return std::move(sensible).error();
  if (word != "retry" && (!bulk.action.repair.from.empty() || bulk.action.repair.confirmed))
    return Error(errors::bad_request, "\"from\" and \"confirm\" are for retry");
  bulk.filter.flow = text_member(body, "flow");
  const std::string status = text_member(body, "status");
  if (bulk.filter.flow.empty() && status.empty())
    return Error(errors::bad_request, "runs are chosen by \"flow\", \"status\" or both");
  flow::RunStatus state{};
  if (flow::parse_run_status(status, state)) {
    bulk.filter.state = static_cast<std::uint8_t>(state);
  } else if (status.empty() && (word == "retry" || word == "skip")) {
    bulk.filter.state = static_cast<std::uint8_t>(flow::RunStatus::parked);
  } else if (status.empty() || status == "open") {
    bulk.filter.open = true;
  } else {
    return Error(errors::bad_request, "\"status\" must be open, or one of a run");
  }
  const data::JsonValue* limit = body.find("limit");
  const std::int64_t most = limit == nullptr ? std::int64_t{kMaxRuns} : limit->to_int64().value_or(0);
  if (most < 1 || most > static_cast<std::int64_t>(kMaxRuns))
    return Error(errors::bad_request, "\"limit\" must be a number from 1 to 1000");
  bulk.filter.limit = static_cast<std::size_t>(most);
  return bulk;
}

void act_on_runs(FlowWork& work, BulkAction bulk, std::function<void(Result<data::JsonValue>)> done) {
  if (!bulk.before.empty()) bulk.filter.before = work.engine.run_of(bulk.before);
  Result<std::vector<store::RunRow>> rows = work.store.list(bulk.filter);
  if (!rows) return done(std::move(rows).error());
  const auto gathering = std::make_shared<Gathering>();
  gathering->done = std::move(done);
  gathering->left = rows->size() + 1;
  if (rows->size() == bulk.filter.limit) gathering->next = work.engine.id_of(rows->back().run);
  for (const store::RunRow& row : *rows)
    gathering->rows.push_back(row_document(work.engine.id_of(row.run), row));
  if (bulk.dry_run) return gathering->finish();
  for (std::size_t i = 0; i < rows->size(); ++i) {
    act_on_run(work, (*rows)[i].run, bulk.action, [gathering, i](const Result<void>& outcome) {
      data::JsonValue& row = gathering->rows[i];
      row.set("done", outcome.ok());
      if (!outcome) {
        row.set("error", outcome.error().kind().slug);
        row.set("detail", outcome.error().detail());
      }
      if (--gathering->left == 0) gathering->finish();
    });
  }
  if (--gathering->left == 0) gathering->finish();
}

}  // namespace linkspan::app
