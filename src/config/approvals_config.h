// Links by which people answer what flows ask them.
#pragma once

#include <chrono>
#include <string>

#include "base/units.h"
#include "config/types.h"

namespace linkspan::config {

struct ApprovalsConfig {
  Origin origin;
  std::string url;                                // as people reach it, no slash at its end
  std::string path;                               // of the URL
  Duration expires = std::chrono::hours(7 * 24);  // a link, after it was made

  bool operator==(const ApprovalsConfig&) const = default;
};

}  // namespace linkspan::config
