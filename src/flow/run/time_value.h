// What `wait` waits for, as a time.
#pragma once

#include <optional>

#include "base/clock.h"
#include "data/json.h"

namespace linkspan::flow {

// A number is seconds from now, a text a duration ("90m") from now or a time of RFC 3339
// ("2026-03-01T08:00:00Z"); nullopt for anything else, and for times past the year 2200.
std::optional<WallNs> time_of(const data::JsonValue& value, WallNs now);

}  // namespace linkspan::flow
