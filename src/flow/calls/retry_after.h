// Retry-After (RFC 9110 section 10.2.3): how long a server asks to be left alone. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/units.h"
#include "flow/caller.h"

namespace linkspan::flow {

// The delay from `now` on, at most `longest`: seconds, or an HTTP date; a date that is past is no delay.
// nullopt for anything else, which is as if the field were not there.
std::optional<Duration> parse_retry_after(std::string_view value, WallNs now, Duration longest);

// What an answer asks for, at most a day; nothing: 0.
Duration retry_after_of(const Incoming& answer, WallNs now);

}  // namespace linkspan::flow
