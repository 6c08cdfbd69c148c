// Passive health: what attempts say about a server, and when it should rest. Decisions over ServerState's
// atomics, made by whichever worker sees the failure; there is no lock, so two workers that fail in the same
// instant may eject one server more than EjectionSettings::max_share allows. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/clock.h"
#include "base/error.h"
#include "upstream/settings.h"
#include "upstream/shared_cluster.h"

namespace linkspan::upstream {

// 500, 502, 503 and 504 count against a server; 501 and 505 are about the request.
constexpr Outcome outcome_of_status(int status) {
  return status == 500 || (status >= 502 && status <= 504) ? Outcome::status_5xx : Outcome::success;
}

// Of an error from Server::open(): a wait in line for a connection that was in vain says nothing about the
// server.
Outcome outcome_of_open_error(const Error& error);

// A good answer: forgets failures and ends an ejection. Returns whether it ended one.
bool note_success(ServerState& server, MonotonicNs now);

// One more failure. If that ejects the server, returns for how long (ns), else 0. Ejections last duration_ns
// times the number of recent ejections (a server that stayed in for eight times duration_ns starts anew), at
// most kMaxEjectionNs or duration_ns, whichever is longer. After an ejection a single failure ejects again,
// until a success. The last server of a cluster, and more than max_share of them (but at least one), are
// never ejected.
MonotonicNs note_failure(ServerState& server, const EjectionSettings& settings, const SharedCluster& cluster,
                         MonotonicNs now);

inline constexpr MonotonicNs kMaxEjectionNs = 300 * kNsPerSecond;

}  // namespace linkspan::upstream
