// A header field of an answer, as two views.
#pragma once

#include <string_view>

namespace linkspan::gateway {

struct ResponseField {
  std::string_view name;
  std::string_view value;
};

}  // namespace linkspan::gateway
