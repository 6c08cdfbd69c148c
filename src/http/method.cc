#include "http/method.h"

#include <array>

namespace linkspan::http {

namespace {

constexpr std::array<std::string_view, kMethodCount> kNames = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", ""};

}  // namespace

std::string_view to_string(Method method) {
  return kNames[static_cast<std::size_t>(method)];
}

Method parse_method(std::string_view name) {
  for (std::size_t i = 0; i + 1 < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Method>(i);
  }
  return Method::other;
}

}  // namespace linkspan::http
