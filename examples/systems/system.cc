#include "systems/system.h"

#include <algorithm>

#include "base/json_writer.h"
#include "base/strings.h"
#include "http/url.h"

namespace linkspan::systems {

namespace {

std::string decode(std::string_view text, bool plus_is_space) {
  std::string decoded(text.size(), '\0');
  std::size_t written = 0;
  if (!http::percent_decode(text, decoded, written, plus_is_space)) return std::string(text);
  decoded.resize(written);
  return decoded;
}

// Fills `id` with the segment that stands for {id}, still encoded.
bool matches(std::string_view pattern, std::string_view path, std::string_view& id) {
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) return path == pattern;
  const std::string_view before = pattern.substr(0, open);
  const std::string_view after = pattern.substr(pattern.find('}') + 1);
  if (!path.starts_with(before) || !path.ends_with(after)) return false;
  if (path.size() <= before.size() + after.size()) return false;
  id = path.substr(before.size(), path.size() - before.size() - after.size());
  return id.find('/') == std::string_view::npos;
}

}  // namespace

System::System(std::string_view name) : name_(name) {
  add(http::Method::get, "/healthz", "health", &System::health);
}

System::Match System::find(http::Method method, std::string_view path) const {
  if (method == http::Method::head) method = http::Method::get;
  Match match;
  for (const Operation& operation : operations_) {
    std::string_view id;
    if (!matches(operation.pattern, path, id)) continue;
    if (operation.method == method) {
      match.operation = &operation;
      match.id = decode(id, false);
      return match;
    }
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += http::to_string(operation.method);
    if (operation.method == http::Method::get) match.allow += ", HEAD";
  }
  return match;
}

Answer System::refusal(int status, std::string_view code, std::string_view message) const {
  Answer answer{.status = status};
  JsonStringWriter json(answer.body);
  json.begin_object();
  json.member("error", code);
  json.member("message", message);
  json.end_object();
  return answer;
}

Answer System::not_found(std::string_view what, std::string_view id) const {
  return refusal(404, "not-found", "there is no " + std::string(what) + " \"" + std::string(id) + "\"");
}

Answer System::health(const Call&) {
  Answer answer;
  JsonStringWriter json(answer.body);
  json.begin_object();
  json.member("status", "ok");
  json.member("system", name_);
  json.end_object();
  return answer;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  std::string_view key;
  std::string_view value;
  while (http::next_query_parameter(query, key, value)) {
    if (decode(key, true) == name) return decode(value, true);
  }
  return std::nullopt;
}

std::size_t query_limit(std::string_view query) {
  constexpr std::size_t kDefault = 100;
  constexpr std::uint64_t kMost = 1000;
  const auto text = query_value(query, "limit");
  const auto limit = text ? parse_u64(*text) : std::nullopt;
  return limit && *limit > 0 ? static_cast<std::size_t>(std::min(*limit, kMost)) : kDefault;
}

}  // namespace linkspan::systems
