#include "base/fault_point.h"

#ifdef LINKSPAN_FAULTS

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/strings.h"

namespace linkspan {
namespace {

constexpr int kKilled = 137;  // what a shell reports of a process ended by SIGKILL

struct Plan {
  std::string name;
  std::uint64_t at = 0;  // 0: never
  int log = -1;
  std::atomic<std::uint64_t> reached{0};
};

void read_environment(Plan& plan) {
  plan.name.clear();
  plan.at = 0;
  plan.reached = 0;
  const char* fault = std::getenv("LINKSPAN_FAULT");
  if (fault != nullptr) {
    const std::string_view text(fault);
    const std::size_t colon = text.rfind(':');  // names hold colons themselves
    if (colon != std::string_view::npos) {
      plan.name = text.substr(0, colon);
      plan.at = parse_u64(text.substr(colon + 1)).value_or(0);
    }
  }
  const char* log = std::getenv("LINKSPAN_FAULT_LOG");
  if (plan.log >= 0) ::close(std::exchange(plan.log, -1));
  if (log != nullptr) plan.log = ::open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

Plan& plan_of_process() {
  struct Read : Plan {
    Read() { read_environment(*this); }
  };
  static Read plan;
  return plan;
}

}  // namespace

void read_fault_environment() {
  read_environment(plan_of_process());
}

void fault_point_reached(const char* name) {
  Plan& plan = plan_of_process();
  if (plan.log >= 0) {
    const std::string line = std::string(name) + '\n';
    (void)!::write(plan.log, line.data(), line.size());
  }
  if (plan.at == 0 || plan.name != name) return;
  if (plan.reached.fetch_add(1) + 1 == plan.at) ::_exit(kKilled);
}

}  // namespace linkspan

#endif
