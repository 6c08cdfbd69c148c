// Where a caller presents its API key, and how to ask for one. A method is compiled from config::AuthConfig's
// api_key and is immutable; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/h1_request.h"
#include "http/header_id.h"

namespace linkspan::auth {

// Longer keys are not accepted, so that hashing a presented key costs a bounded time.
inline constexpr std::size_t kMaxApiKeyBytes = 512;

enum class KeyPlace : std::uint8_t { header, query };

// What was found where the key should be.
enum class KeyFinding : std::uint8_t {
  present,
  missing,    // no such field or parameter, or an empty one
  repeated,   // more than one: which is meant cannot be known
  malformed,  // longer than kMaxApiKeyBytes, or percent-encoding that is none
};

struct PresentedKey {
  KeyFinding finding = KeyFinding::missing;
  std::string_view key;  // with `present`: a view into the head, or into `scratch`
};

struct ApiKeyMethod {
  KeyPlace place = KeyPlace::header;
  http::HeaderId header_id = http::HeaderId::other;
  std::string name;       // of the header or of the query parameter, as configured
  std::string challenge;  // for WWW-Authenticate (RFC 9110 section 11.6.1): ApiKey realm="linkspan",
                          // header="X-Api-Key"
};

// `name` is that of the header or query parameter.
ApiKeyMethod make_api_key_method(KeyPlace place, std::string_view name);

// `scratch` (kMaxApiKeyBytes) receives a key that had to be percent-decoded. Never allocates.
PresentedKey find_presented_key(const ApiKeyMethod& method, const http::RequestHead& head,
                                std::span<char, kMaxApiKeyBytes> scratch);

}  // namespace linkspan::auth
