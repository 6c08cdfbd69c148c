// Faults on demand: rules that say which requests of a system go wrong, and how. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/method.h"

namespace linkspan::systems {

enum class FaultKind : std::uint8_t {
  none,        // only late, by latency_ms
  status,      // an answer with `status`
  reset,       // the connection is reset, without an answer
  hang,        // no answer; the connection stays open until the caller gives up
  garbage,     // bytes that are no HTTP
  half,        // half of the answer's body, then an orderly close
  half_reset,  // half of the answer's body, then a reset
};

std::string_view to_string(FaultKind kind);
std::optional<FaultKind> parse_fault_kind(std::string_view name);

struct Fault {
  std::uint64_t id = 0;
  std::string path = "/";              // prefix of the request's path
  std::optional<http::Method> method;  // any
  std::optional<std::uint64_t> count;  // requests still to be met; until cleared if absent
  std::int64_t latency_ms = 0;         // before anything else
  FaultKind kind = FaultKind::none;
  int status = 503;                // of FaultKind::status
  std::int64_t retry_after_s = 0;  // of FaultKind::status; 0: not told
  bool after_effect = false;       // the operation takes place first, and its answer is lost
  std::uint64_t hits = 0;
};

class FaultTable {
 public:
  static constexpr std::size_t kMaxFaults = 1000;

  // Reads a rule from JSON and adds it at the end; its id. Errors say what is wrong (bad_request).
  Result<std::uint64_t> add(std::string_view json);
  // The first rule that the request meets; counted.
  std::optional<Fault> take(http::Method method, std::string_view path);
  bool empty() const { return faults_.empty(); }
  bool remove(std::uint64_t id);
  void clear() { faults_.clear(); }
  // {"faults": [...]}, used-up ones too, which says how often each was met.
  std::string to_json() const;

 private:
  std::vector<Fault> faults_;
  std::uint64_t next_id_ = 1;
};

}  // namespace linkspan::systems
