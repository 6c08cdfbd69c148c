// Where what must survive is kept.
#pragma once

#include <chrono>
#include <string>

#include "base/units.h"
#include "config/types.h"

namespace linkspan::config {

struct StoreConfig {
  Origin origin;
  std::string path;                                 // of the SQLite database
  Duration keep_for = std::chrono::hours(30 * 24);  // runs that have ended; kNoDuration: for ever
  uint64_t keep_max_bytes = kUnlimited;             // of all that has ended; the oldest goes first

  bool operator==(const StoreConfig&) const = default;
};

}  // namespace linkspan::config
