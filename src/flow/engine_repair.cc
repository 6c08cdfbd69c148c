// A person's word: repair and approval.
#include <utility>

#include "base/error_kinds.h"
#include "flow/engine_impl.h"

namespace linkspan::flow {

namespace {

Result<void> carry(Turn& turn, const Repair& what) {
  data::JsonObjectBuilder who;
  who.set("by", what.by);
  if (!what.from.empty()) who.set("from", what.from);
  RetryOrder order{.body = what.value, .who = who.build(), .confirmed = what.confirmed};
  switch (what.kind) {
    case RepairKind::retry:
      return what.from.empty() ? turn.retry(what.step, order) : turn.retry_from(what.from, order);
    case RepairKind::resume:
      return turn.resume_now(what.step, order.who);
    case RepairKind::skip:
      return turn.skip(what.step, what.value, order.who);
    case RepairKind::undo:
      return turn.fail("undone by " + what.by, false);
    case RepairKind::cancel:
      return turn.fail("cancelled by " + what.by, true);
  }
  return {};
}

}  // namespace

void Engine::Impl::repair(store::RunNo run, Repair repair, Done done) {
  if (!active_.contains(run) && !dormant_.contains(run)) return refuse_unknown(run, done);
  auto what = std::make_shared<Repair>(std::move(repair));
  happen(
      run, [what](Turn& turn) { return carry(turn, *what); }, std::move(done));
}

// A run that is not open has ended, or never was.
void Engine::Impl::refuse_unknown(store::RunNo run, const Done& done) {
  const Result<store::StoredRun> stored = parts_.store.read(run);
  if (!stored) return done(Error(errors::run_not_found, "there is no run " + id_of(run)));
  const auto status = to_string(static_cast<RunStatus>(stored->row.state));
  done(Error(errors::run_ended, "run " + id_of(run) + " is " + std::string(status) +
                                    ", and ended runs are not opened again: start another of flow " +
                                    stored->row.flow + " with the same input"));
}

void Engine::Impl::approve(store::RunNo run, std::string_view step, const data::JsonValue& decision,
                           Done done) {
  const std::string key = "approval:" + std::string(step);
  happen(
      run,
      [key, decision, id = key + "@" + std::to_string(parts_.clock.wall_ns())](Turn& turn) -> Result<void> {
        if (!turn.on_event(key, id, decision)) {
          return Error(errors::repair_refused, "nothing waits for " + key);
        }
        return {};
      },
      std::move(done));
}

void Engine::Impl::approve_by_link(store::RunNo run, std::string_view step, const data::JsonValue& decision,
                                   std::string_view id, Done done) {
  happen(
      run,
      [key = "approval:" + std::string(step), decision, id = std::string(id)](Turn& turn) -> Result<void> {
        if (turn.has_seen(key, id)) return Error(errors::approval_closed, "it is decided already");
        if (turn.on_event(key, id, decision)) return {};
        return Error(errors::approval_closed, "nothing waits for " + key);
      },
      std::move(done));
}

}  // namespace linkspan::flow
