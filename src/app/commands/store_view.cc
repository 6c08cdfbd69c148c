#include "app/commands/store_view.h"

#include <optional>
#include <ostream>
#include <utility>

#include "app/flows/run_document.h"
#include "base/error_kinds.h"
#include "store/sqlite_db.h"

namespace linkspan::app {

Result<StoreView> StoreView::open(const std::string& path) {
  Result<store::Database> database = store::Database::open(path, store::Database::Mode::read_only);
  if (!database) return std::move(database).error().context(path);
  Result<std::string> id = database->text("SELECT value FROM meta WHERE name = 'id'");
  if (!id) return std::move(id).error().context(path);
  return StoreView(std::move(*id), store::SqliteReader(std::move(*database)));
}

Result<store::StoredRun> StoreView::read(const std::string& run) {
  const std::optional<store::RunNo> number = parse_run_id(id_, run);
  if (!number) return Error(errors::run_not_found, "\"" + run + "\" is no run of this store");
  return reader_.read(*number);
}

Result<void> StoreView::find_approvals(const config::ApprovalsConfig& config) {
  Result<std::vector<store::NamedValue>> values = reader_.values();
  if (!values) return std::move(values).error();
  for (const store::NamedValue& value : *values) {
    if (value.name != flow::kApprovalKeyName || !value.value) continue;
    approvals_ =
        std::make_unique<const flow::ApprovalLinks>(*value.value, config.url, config.expires.count());
  }
  return {};
}

std::optional<StoreView> open_store_or_say(const std::string& config_path, const Output& output,
                                           int& exit_code) {
  const config::LoadResult loaded = load_or_report(config_path, output);
  exit_code = kExitProblems;
  if (!loaded.ok()) return std::nullopt;
  if (!loaded.config->store) {
    output.err << "linkspan: the config has no flows, and no store\n";
    return std::nullopt;
  }
  Result<StoreView> view = StoreView::open(loaded.config->store->path);
  Result<void> found;
  if (view && loaded.config->approvals) found = view->find_approvals(*loaded.config->approvals);
  if (view && found) return std::move(*view);
  const Error& error = view ? found.error() : view.error();
  output.err << "linkspan: " << error.to_string() << '\n';
  exit_code = kExitFailed;
  return std::nullopt;
}

}  // namespace linkspan::app
