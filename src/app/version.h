// The version, as `linkspan version` and the metrics show it. Set by the build from CMakeLists.txt.
#pragma once

#include <string_view>

namespace linkspan::app {

inline constexpr std::string_view kVersion = LINKSPAN_VERSION;

}  // namespace linkspan::app
