// linkspan_loadgen: the light client and upstream of `./dev bench proxy`, both in one thread, so that one
// core of load can fill one core of proxy. Prints one JSON line. Exit status: 0 the load ran (look at
// "errors"), 1 it could not run, 2 the command line is wrong.
#include <cstdio>
#include <memory>

#include <time.h>

#include "canned_upstream.h"
#include "client.h"
#include "options.h"
#include "poller.h"
#include "process_times.h"
#include "request_source.h"

namespace linkspan::loadgen {
namespace {

constexpr std::uint64_t kStallNs = 5'000'000'000;
constexpr std::uint64_t kDrainNs = 2'000'000'000;

std::uint64_t own_cpu_ns() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<std::uint64_t>(spent.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(spent.tv_nsec);
}

// Serves until `end_ns`. Gives up when no answer comes for kStallNs, or when every connection is lost.
void run_until(std::uint64_t end_ns, Poller& poller, ClientGroup& clients, bool block) {
  std::uint64_t seen = clients.statistics().requests;
  std::uint64_t stalled_at = now_ns() + kStallNs;
  for (std::uint64_t now = now_ns(); now < end_ns; now = now_ns()) {
    poller.poll(block ? 10 : 0);
    if (clients.alive() == 0) give_up("all connections were lost; " + clients.statistics().first_error);
    if (clients.statistics().requests != seen) {
      seen = clients.statistics().requests;
      stalled_at = now + kStallNs;
    } else if (now > stalled_at) {
      give_up("the proxy gave no answer for five seconds");
    }
  }
}

// Lets answers under way arrive, so that no proxy sees (and logs) clients that leave in the middle.
void drain(Poller& poller, ClientGroup& clients) {
  clients.stop();
  const std::uint64_t end = now_ns() + kDrainNs;
  while (clients.in_flight() > 0 && now_ns() < end) poller.poll(10);
}

struct Measured {
  double seconds = 0;
  std::uint64_t own_cpu_ns = 0;
  std::uint64_t all_requests = 0;  // warm-up and drain included
  ProcessTimes watched;
};

void print(const ClientStatistics& seen, const Measured& measured) {
  const auto requests = static_cast<double>(seen.requests);
  std::printf(
      "{\"requests\": %llu, \"all_requests\": %llu, \"errors\": %llu, \"first_error\": \"%s\", \"seconds\": "
      "%.6f, "
      "\"requests_per_second\": %.1f, "
      "\"mean_us\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"own_cpu_us_per_request\": %.3f, "
      "\"watched_run_ns\": %llu, \"watched_user_ticks\": %llu, \"watched_system_ticks\": %llu}\n",
      static_cast<unsigned long long>(seen.requests), static_cast<unsigned long long>(measured.all_requests),
      static_cast<unsigned long long>(seen.errors), seen.first_error.c_str(), measured.seconds,
      requests / measured.seconds, seen.latency.mean_us(), seen.latency.quantile_us(0.5),
      seen.latency.quantile_us(0.99),
      requests > 0 ? static_cast<double>(measured.own_cpu_ns) / 1e3 / requests : 0.0,
      static_cast<unsigned long long>(measured.watched.run_ns),
      static_cast<unsigned long long>(measured.watched.user_ticks),
      static_cast<unsigned long long>(measured.watched.system_ticks));
}

int run(const Options& options) {
  RequestSource requests(options.keys_file, options.paths_file);
  Poller poller;
  std::unique_ptr<CannedUpstream> upstream;
  if (options.upstream_port != 0) {
    upstream = std::make_unique<CannedUpstream>(poller, options.upstream_port, options.body_bytes);
  }
  const ClientSettings settings{options.target_port, options.connections, options.body_bytes, options.tls};
  ClientGroup clients(poller, settings, requests);
  clients.start();
  run_until(now_ns() + static_cast<std::uint64_t>(options.warmup_seconds * 1e9), poller, clients,
            options.block);

  const std::uint64_t warmup_requests = clients.statistics().requests;
  clients.statistics() = ClientStatistics();
  const ProcessTimes watched_before = read_process_times(options.watch);
  const std::uint64_t own_before = own_cpu_ns();
  const std::uint64_t begin = now_ns();
  run_until(begin + static_cast<std::uint64_t>(options.duration_seconds * 1e9), poller, clients,
            options.block);
  Measured measured;
  measured.seconds = static_cast<double>(now_ns() - begin) / 1e9;
  measured.own_cpu_ns = own_cpu_ns() - own_before;
  measured.watched = read_process_times(options.watch);
  measured.watched.run_ns -= watched_before.run_ns;
  measured.watched.user_ticks -= watched_before.user_ticks;
  measured.watched.system_ticks -= watched_before.system_ticks;
  const ClientStatistics seen = clients.statistics();

  drain(poller, clients);
  measured.all_requests = warmup_requests + clients.statistics().requests;
  print(seen, measured);
  return 0;
}

}  // namespace
}  // namespace linkspan::loadgen

int main(int argc, char** argv) {
  return linkspan::loadgen::run(linkspan::loadgen::parse_options(argc, argv));
}
