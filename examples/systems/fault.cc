#include "systems/fault.h"

#include <array>

#include "base/error_kinds.h"
#include "base/json_writer.h"
#include "systems/json_body.h"

namespace linkspan::systems {

namespace {

constexpr std::array<std::string_view, 7> kKindNames = {"none",    "status", "reset",     "hang",
                                                        "garbage", "half",   "half_reset"};
constexpr std::int64_t kMaxLatencyMs = 10 * 60 * 1000;

Error wrong(std::string detail) {
  return {errors::bad_request, std::move(detail)};
}

// Reads an integer within bounds, if the member is there.
Result<std::int64_t> read_integer(const JsonBody& body, const char* pointer, std::int64_t least,
                                  std::int64_t most, std::int64_t absent) {
  if (!body.has(pointer)) return absent;
  const auto value = body.integer(pointer);
  if (value && *value >= least && *value <= most) return *value;
  return wrong(std::string(pointer + 1) + ": " + std::to_string(least) + " to " + std::to_string(most) +
               " is expected");
}

Result<void> read_numbers(const JsonBody& body, Fault& fault) {
  auto latency_ms = read_integer(body, "/latency_ms", 0, kMaxLatencyMs, 0);
  if (!latency_ms) return std::move(latency_ms).error();
  auto status = read_integer(body, "/status", 200, 599, fault.status);
  if (!status) return std::move(status).error();
  auto retry_after_s = read_integer(body, "/retry_after_s", 0, 86'400, 0);
  if (!retry_after_s) return std::move(retry_after_s).error();
  auto count = read_integer(body, "/count", 1, 1'000'000'000, 0);
  if (!count) return std::move(count).error();
  fault.latency_ms = *latency_ms;
  fault.status = static_cast<int>(*status);
  fault.retry_after_s = *retry_after_s;
  if (*count != 0) fault.count = static_cast<std::uint64_t>(*count);
  return {};
}

Result<Fault> read_fault(std::string_view json) {
  const auto body = JsonBody::parse(json);
  if (!body || !body->is_object()) return wrong("a JSON object is expected");
  Fault fault;
  fault.path = body->text("/path").value_or("/");
  if (!fault.path.starts_with('/')) return wrong("path: it must begin with /");
  if (body->has("/method")) {
    const auto method = body->text("/method");
    fault.method = http::parse_method(method.value_or(""));
    if (*fault.method == http::Method::other) return wrong("method: a method such as GET is expected");
  }
  if (body->has("/kind") || !body->has("/status")) {
    const auto kind = parse_fault_kind(body->text("/kind").value_or("none"));
    if (!kind) return wrong("kind: none, status, reset, hang, garbage, half or half_reset is expected");
    fault.kind = *kind;
  } else {
    fault.kind = FaultKind::status;
  }
  const bool half = fault.kind == FaultKind::half || fault.kind == FaultKind::half_reset;
  const std::string when = body->text("/when").value_or(half ? "after" : "before");
  if (when != "before" && when != "after") return wrong("when: before or after (the effect) is expected");
  fault.after_effect = when == "after";
  if (half && !fault.after_effect) return wrong("when: half an answer comes after the effect");
  Result<void> numbers = read_numbers(*body, fault);
  if (!numbers) return std::move(numbers).error();
  return fault;
}

}  // namespace

std::string_view to_string(FaultKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::optional<FaultKind> parse_fault_kind(std::string_view name) {
  for (std::size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<FaultKind>(i);
  }
  return std::nullopt;
}

Result<std::uint64_t> FaultTable::add(std::string_view json) {
  if (faults_.size() >= kMaxFaults) return wrong("there are too many faults; clear some");
  Result<Fault> fault = read_fault(json);
  if (!fault) return std::move(fault).error();
  fault->id = next_id_++;
  faults_.push_back(std::move(*fault));
  return faults_.back().id;
}

std::optional<Fault> FaultTable::take(http::Method method, std::string_view path) {
  for (Fault& fault : faults_) {
    if (fault.count == 0 || !path.starts_with(fault.path)) continue;
    if (fault.method && *fault.method != method) continue;
    if (fault.count) --*fault.count;
    ++fault.hits;
    return fault;
  }
  return std::nullopt;
}

bool FaultTable::remove(std::uint64_t id) {
  return std::erase_if(faults_, [id](const Fault& fault) { return fault.id == id; }) != 0;
}

std::string FaultTable::to_json() const {
  std::string text;
  JsonStringWriter json(text);
  json.begin_object();
  json.key("faults");
  json.begin_array();
  for (const Fault& fault : faults_) {
    json.begin_object();
    json.member("id", fault.id);
    json.member("path", fault.path);
    if (fault.method) json.member("method", http::to_string(*fault.method));
    json.member("kind", to_string(fault.kind));
    if (fault.kind == FaultKind::status) json.member("status", fault.status);
    json.member("when", fault.after_effect ? "after" : "before");
    json.member("latency_ms", fault.latency_ms);
    json.key("count");
    fault.count ? json.value(*fault.count) : json.null();
    json.member("hits", fault.hits);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return text;
}

}  // namespace linkspan::systems
