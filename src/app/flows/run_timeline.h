// A run as a person reads it in a terminal: what happened, line by line, with times from its start.
//
//   run abcd2345-17 of flow order-intake: parked
//     started  2026-11-22T21:30:00.000000Z
//     why      crm: 503 Service Unavailable
//
//     +0.000s  started by webhook
//              {"id": "o-7", ...}
//     +0.004s  reserve: POST /reservations (createReservation)
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "flow/approval_links.h"
#include "store/store.h"

namespace linkspan::app {

// Bodies are cut after 2 KiB. With `links` there is one for each approval that the run waits for, made at
// `now`.
std::string render_timeline(std::string_view id, const store::StoredRun& run,
                            const flow::ApprovalLinks* links = nullptr, WallNs now = 0);
// The records of the journal from row `first_row` on, each a line and its body.
std::string render_records(const store::StoredRun& run, std::size_t first_row);

}  // namespace linkspan::app
