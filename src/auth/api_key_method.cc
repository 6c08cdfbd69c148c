#include "auth/api_key_method.h"

#include "base/strings.h"
#include "http/url.h"

namespace linkspan::auth {
namespace {

PresentedKey judge(std::string_view key) {
  if (key.empty()) return {KeyFinding::missing, {}};
  if (key.size() > kMaxApiKeyBytes) return {KeyFinding::malformed, {}};
  return {KeyFinding::present, key};
}

PresentedKey find_in_header(const ApiKeyMethod& method, const http::Fields& fields) {
  if (method.header_id != http::HeaderId::other) {
    if (fields.repeated(method.header_id)) return {KeyFinding::repeated, {}};
    return judge(fields.value(method.header_id));
  }
  const http::Field* found = nullptr;
  for (const http::Field& field : fields) {
    if (field.id != http::HeaderId::other || !equals_ignore_case(field.name(), method.name)) continue;
    if (found != nullptr) return {KeyFinding::repeated, {}};
    found = &field;
  }
  return found != nullptr ? judge(found->value()) : PresentedKey{};
}

PresentedKey find_in_query(const ApiKeyMethod& method, std::string_view query,
                           std::span<char, kMaxApiKeyBytes> scratch) {
  std::string_view name;
  std::string_view value;
  std::string_view found;
  bool seen = false;
  while (http::next_query_parameter(query, name, value)) {
    if (name != method.name) continue;
    if (seen) return {KeyFinding::repeated, {}};
    seen = true;
    found = value;
  }
  if (!seen || found.find_first_of("%+") == std::string_view::npos) return judge(found);
  std::size_t bytes = 0;
  if (!http::percent_decode(found, scratch, bytes, true)) return {KeyFinding::malformed, {}};
  return judge({scratch.data(), bytes});
}

// RFC 9110 section 5.6.4.
std::string quoted_string(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

ApiKeyMethod make_api_key_method(KeyPlace place, std::string_view name) {
  ApiKeyMethod method;
  method.place = place;
  method.name = name;
  if (place == KeyPlace::header) method.header_id = http::header_id(name);
  const std::string_view where = place == KeyPlace::header ? "header" : "query";
  method.challenge = "ApiKey realm=\"linkspan\", " + std::string(where) + "=" + quoted_string(name);
  return method;
}

PresentedKey find_presented_key(const ApiKeyMethod& method, const http::RequestHead& head,
                                std::span<char, kMaxApiKeyBytes> scratch) {
  if (method.place == KeyPlace::header) return find_in_header(method, head.fields);
  return find_in_query(method, head.query, scratch);
}

}  // namespace linkspan::auth
