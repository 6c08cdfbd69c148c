// CPU time of other processes, read from /proc. Any thread.
#pragma once

#include <cstdint>
#include <vector>

#include <sys/types.h>

namespace linkspan::loadgen {

struct ProcessTimes {
  std::uint64_t run_ns = 0;      // exact: the scheduler's own count (schedstat), all threads
  std::uint64_t user_ticks = 0;  // sampled by the timer tick; good for the user : system proportion only
  std::uint64_t system_ticks = 0;
};

// Sum over the threads of `pids` that live now. A process that has gone counts as nothing.
ProcessTimes read_process_times(const std::vector<pid_t>& pids);

}  // namespace linkspan::loadgen
