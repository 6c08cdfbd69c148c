// Why endpoints that a person may have had in mind do not match a request: for explain and for nothing on the
// request path. Looks at every endpoint of the config and allocates.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"
#include "gateway/router.h"

namespace linkspan::gateway {

struct NearMiss {
  enum class Reason : std::uint8_t { less_specific, method, header, host, path };
  std::uint32_t endpoint = 0;  // index in the config
  Reason reason = Reason::path;
  std::string text;  // "segment 1 is \"custmers\", not \"customers\""
};

inline constexpr std::uint32_t kNoEndpoint = UINT32_MAX;

// The endpoints nearest to matching besides `matched` (or kNoEndpoint), nearest first, at most `most`. Those
// that have nothing in common with the request are left out.
std::vector<NearMiss> near_misses(const config::Config& config, const RouteQuery& query,
                                  std::uint32_t matched, std::size_t most);

}  // namespace linkspan::gateway
