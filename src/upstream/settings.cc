#include "upstream/settings.h"

#include <algorithm>

namespace linkspan::upstream {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::success:
      return "success";
    case Outcome::status_5xx:
      return "status_5xx";
    case Outcome::connect_failed:
      return "connect_failed";
    case Outcome::reset:
      return "reset";
    case Outcome::timeout:
      return "timeout";
    case Outcome::bad_response:
      return "bad_response";
    case Outcome::cancelled:
      return "cancelled";
  }
  return "cancelled";
}

bool ServerMetrics::operator==(const ServerMetrics& other) const {
  return std::ranges::equal(attempts, other.attempts, {}, &CounterId::cell, &CounterId::cell) &&
         ejections.cell == other.ejections.cell && connects.cell == other.connects.cell &&
         connect_duration.cell == other.connect_duration.cell && connections.cell == other.connections.cell &&
         idle_connections.cell == other.idle_connections.cell;
}

bool ClusterMetrics::operator==(const ClusterMetrics& other) const {
  return retries.cell == other.retries.cell && retries_over_budget.cell == other.retries_over_budget.cell &&
         stale_connections.cell == other.stale_connections.cell;
}

}  // namespace linkspan::upstream
