// A run as a document: for callers who ask how it is doing, for people and tools at the admin listener and on
// the command line. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/json.h"
#include "flow/engine.h"
#include "store/store.h"

namespace linkspan::app {

// "abcd2345-17": as the engine calls runs outside of this process.
std::string run_id(std::string_view store_id, store::RunNo run);
// The number in it; nullopt if it is no id of that store.
std::optional<store::RunNo> parse_run_id(std::string_view store_id, std::string_view id);

// "2026-11-22T21:30:00.000000Z"
std::string time_text(WallNs at);

// What the journal holds of the answer to the trigger; nullopt: there is none yet.
std::optional<flow::RunAnswer> answer_of(const store::StoredRun& run);

// For a caller: {"run", "flow", "status", "started_at", "ended_at", "output", "reason"}, those that there
// are.
data::JsonValue status_document(std::string_view id, const store::StoredRun& run);

// A row of a list: {"run", "flow", "status", "started_at", "updated_at", "ended_at", "wake_at", "order_key",
// "waits", "reason"}.
data::JsonValue row_document(std::string_view id, const store::RunRow& row);

// The row, and "journal": what became so, in order, each {"kind", "step", "at", ...}.
data::JsonValue run_document(std::string_view id, const store::StoredRun& run);

}  // namespace linkspan::app
