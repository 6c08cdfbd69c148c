// Request methods (RFC 9110 section 9). Extension methods are `other`; their name stays a view in the request
// head.
#pragma once

#include <cstdint>
#include <string_view>

namespace linkspan::http {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, trace, connect, other };

inline constexpr int kMethodCount = 10;

// "GET", ...; empty for `other`.
std::string_view to_string(Method method);

// Methods are case-sensitive (RFC 9110 section 9.1): "get" is `other`.
Method parse_method(std::string_view name);

// RFC 9110 section 9.2.1.
constexpr bool is_safe(Method method) {
  return method == Method::get || method == Method::head || method == Method::options ||
         method == Method::trace;
}

// RFC 9110 section 9.2.2: sending the request twice has the effect of sending it once.
constexpr bool is_idempotent(Method method) {
  return is_safe(method) || method == Method::put || method == Method::delete_;
}

}  // namespace linkspan::http
