#include "process_times.h"

#include <cstdio>
#include <cstring>
#include <string>

#include <dirent.h>

namespace linkspan::loadgen {
namespace {

std::string read_small_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return {};
  char buffer[1024];
  const std::size_t size = std::fread(buffer, 1, sizeof buffer, file);
  std::fclose(file);
  return {buffer, size};
}

void add_thread(const std::string& directory, ProcessTimes& times) {
  unsigned long long run_ns = 0;
  if (std::sscanf(read_small_file(directory + "/schedstat").c_str(), "%llu", &run_ns) == 1)
    times.run_ns += run_ns;
  // Fields 14 and 15 of proc_pid_stat(5); the name in field 2 may hold blanks, so count from its closing
  // bracket.
  const std::string stat = read_small_file(directory + "/stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return;
  unsigned long long user = 0;
  unsigned long long system = 0;
  if (std::sscanf(stat.c_str() + name_end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
                  &user, &system) == 2) {
    times.user_ticks += user;
    times.system_ticks += system;
  }
}

}  // namespace

ProcessTimes read_process_times(const std::vector<pid_t>& pids) {
  ProcessTimes times;
  for (const pid_t pid : pids) {
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
    DIR* directory = opendir(tasks.c_str());
    if (directory == nullptr) continue;
    while (const dirent* entry = readdir(directory)) {
      if (entry->d_name[0] != '.') add_thread(tasks + "/" + entry->d_name, times);
    }
    closedir(directory);
  }
  return times;
}

}  // namespace linkspan::loadgen
