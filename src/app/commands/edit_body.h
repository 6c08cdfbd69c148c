// Lets a person edit the body that a step of a run would send: `runs retry --edit`.
#pragma once

#include <optional>
#include <string>

#include "app/commands/command.h"
#include "data/json.h"

namespace linkspan::app {

struct SentBody {
  std::string step;
  data::JsonValue body;  // null: none that is JSON
};

// What the step sent last by the journal of `run` (as the admin API tells it); without a name, the step that
// was parked last. nullopt if there is none.
std::optional<SentBody> last_sent_body(const data::JsonValue& run, const std::string& step);

// Opens $VISUAL, $EDITOR or vi on it, and gives what it was changed to. nullopt, which is said, if it was
// left as it was, is no JSON (then the file is kept) or the editor failed; without a terminal and without
// either variable, too.
std::optional<data::JsonValue> edit_body(const SentBody& sent, const Output& output);

}  // namespace linkspan::app
