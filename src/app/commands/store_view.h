// The store of a config as the command line reads it, beside the process that writes to it or without one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/commands/command.h"
#include "base/result.h"
#include "config/approvals_config.h"
#include "flow/approval_links.h"
#include "store/sqlite_reader.h"
#include "store/store.h"

namespace linkspan::app {

class StoreView {
 public:
  // Errors: store_*; also if there is no file.
  static Result<StoreView> open(const std::string& path);

  const std::string& id() const { return id_; }
  store::SqliteReader& reader() { return reader_; }
  // By its id. Errors: run_not_found, store_failed.
  Result<store::StoredRun> read(const std::string& run);
  // Null: the config has no page of approvals, or the store no key yet.
  const flow::ApprovalLinks* approvals() const { return approvals_.get(); }
  // Errors: store_failed.
  Result<void> find_approvals(const config::ApprovalsConfig& config);

 private:
  StoreView(std::string id, store::SqliteReader reader) : id_(std::move(id)), reader_(std::move(reader)) {}

  std::string id_;
  store::SqliteReader reader_;
  std::unique_ptr<const flow::ApprovalLinks> approvals_;
};

// Loads the config and opens its store; what is wrong is said, and then it is nothing.
std::optional<StoreView> open_store_or_say(const std::string& config_path, const Output& output,
                                           int& exit_code);

}  // namespace linkspan::app
