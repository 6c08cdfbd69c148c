// The seam through which the engine reaches other systems: real clusters in the product, mocks in flow tests,
// a simulated network in simulations.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "http/method.h"

namespace linkspan::flow {

// One task of a run, and what about it.
struct TaskRef {
  enum class What : std::uint8_t { work, probe, undo };
  std::uint32_t step = 0;
  std::uint32_t item = 0;
  What what = What::work;
};

struct Outgoing {
  std::string api;        // its name
  std::string operation;  // id in the description of the API
  http::Method method = http::Method::get;
  std::string target;  // path and query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool repeatable = false;      // may be sent again though it may have happened
  std::int64_t timeout_ns = 0;  // 0: the API's
  TaskRef task = {};            // whose call it is, within its run
};

struct Incoming {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct CallOutcome {
  std::optional<Incoming> answer;  // none: `error`
  std::optional<Error> error;
  // With an error: whether the request may have reached the other side, so that nobody knows what it did.
  bool may_have_happened = false;
};

class Caller {
 public:
  using Done = std::function<void(CallOutcome)>;
  virtual ~Caller() = default;

  // `done` is called on the engine's thread, later and once, unless the caller is destroyed before.
  virtual void call(Outgoing request, Done done) = 0;
};

}  // namespace linkspan::flow
