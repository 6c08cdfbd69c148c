// What committing costs: journal records a second through SqliteStore and the CPU time of each, with so many
// Writes always in flight, and whole three-step runs.
//
//   linkspan_store_bench FOLDER [SECONDS [records|runs]]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "base/clock.h"
#include "io/loop.h"
#include "store/sqlite_store.h"

namespace linkspan {
namespace {

using store::RunNo;
using store::SqliteStore;
using store::Write;

constexpr std::size_t kRecordBytes = 200;
constexpr int kWritesPerRun = 5;  // begun; intent and result of each step; ended

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Load {
  Load(io::Loop& of_loop, SqliteStore& of_store, const Clock& of_clock)
      : loop(of_loop), store(of_store), clock(of_clock) {}
  io::Loop& loop;
  SqliteStore& store;
  const Clock& clock;
  MonotonicNs end = 0;
  std::size_t in_flight = 0;
  std::uint64_t writes = 0;
  std::uint64_t rows = 0;
  RunNo next_run = 1;
  std::vector<std::int64_t> latencies_ns;

  void hand_over(Write write, std::function<void()> then) {
    ++in_flight;
    ++writes;
    rows += write.records.size() + (write.run ? 1u : 0u) + write.claims.size();
    const MonotonicNs begun = clock.monotonic_ns();
    store.commit(std::move(write), [this, begun, then = std::move(then)](Result<store::Committed> outcome) {
      if (!outcome) {
        std::fprintf(stderr, "%s\n", outcome.error().to_string().c_str());
        std::exit(1);
      }
      const MonotonicNs now = clock.monotonic_ns();
      latencies_ns.push_back(now - begun);
      --in_flight;
      if (now < end) then();
      if (in_flight == 0) loop.stop();
    });
  }

  // One record after the other of one run.
  void record(RunNo run, std::uint32_t seq) {
    Write write;
    write.records.push_back({run, seq, std::string(kRecordBytes, 'r')});
    hand_over(std::move(write), [this, run, seq] { record(run, seq + 1); });
  }

  // One run after the other, as the engine journals one of three steps.
  void run_step(RunNo run, int step) {
    Write write;
    if (step == 0 || step == kWritesPerRun - 1) {
      store::RunRow row;
      row.run = run;
      row.flow = "order-intake";
      row.version = 1;
      row.started_at = clock.wall_ns();
      row.updated_at = row.started_at;
      row.open = step == 0;
      row.ended_at = row.open ? 0 : row.started_at;
      write.run = std::move(row);
    }
    if (step == 0) {
      write.claims.push_back({"dedupe:order-intake",
                              "order-" + std::to_string(run * 7919 % 1000003) + "-" + std::to_string(run),
                              run, clock.wall_ns() + 3600 * kNsPerSecond});
    }
    const auto seq = static_cast<std::uint32_t>(step) * 2;
    write.records.push_back({run, seq, std::string(kRecordBytes, 'i')});
    if (step > 0 && step < kWritesPerRun - 1)
      write.records.push_back({run, seq + 1, std::string(kRecordBytes, 'r')});
    const bool last = step == kWritesPerRun - 1;
    hand_over(std::move(write),
              [this, run, step, last] { last ? run_step(next_run++, 0) : run_step(run, step + 1); });
  }
};

void measure(const std::string& folder, const char* what, std::size_t width, double seconds,
             bool whole_runs) {
  const std::string path = folder + "/store_bench.db";
  for (const char* end : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + end);
  RealClock clock;
  auto loop = io::Loop::create(clock);
  store::SqliteOptions options;
  options.file.path = path;
  options.post = [&loop](std::function<void()> message) { (*loop)->post(std::move(message)); };
  options.report = [](const Error& error) { std::fprintf(stderr, "%s\n", error.to_string().c_str()); };
  auto opened = SqliteStore::open(std::move(options), clock);
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().to_string().c_str());
    std::exit(1);
  }
  Load load(**loop, **opened, clock);
  load.latencies_ns.reserve(10'000'000);
  const double cpu_before = cpu_seconds();
  const MonotonicNs begun = clock.monotonic_ns();
  load.end = begun + static_cast<MonotonicNs>(seconds * 1e9);
  for (std::size_t i = 0; i < width; ++i) {
    const RunNo run = load.next_run++;
    whole_runs ? load.run_step(run, 0) : load.record(run, 0);
  }
  (*loop)->run();
  const double took = static_cast<double>(clock.monotonic_ns() - begun) / 1e9;
  const double cpu = cpu_seconds() - cpu_before;
  std::sort(load.latencies_ns.begin(), load.latencies_ns.end());
  const auto at = [&](double share) {
    const auto place = static_cast<std::size_t>(share * static_cast<double>(load.latencies_ns.size() - 1));
    return static_cast<double>(load.latencies_ns[place]) / 1e6;
  };
  std::printf(
      "%-12s %5zu in flight: %8.0f writes/s %8.0f rows/s  %5.2f us CPU per row  p50 %6.2f p99 %6.2f max "
      "%6.2f ms",
      what, width, static_cast<double>(load.writes) / took, static_cast<double>(load.rows) / took,
      cpu * 1e6 / static_cast<double>(load.rows), at(0.5), at(0.99), at(1.0));
  if (whole_runs) std::printf("  %7.0f runs/s", static_cast<double>(load.writes) / kWritesPerRun / took);
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace
}  // namespace linkspan

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FOLDER [SECONDS [records|runs]]\n", argv[0]);
    return 2;
  }
  const double seconds = argc > 2 ? std::atof(argv[2]) : 3;
  const std::string only = argc > 3 ? argv[3] : "";
  if (only != "runs") {
    for (const std::size_t width : {1u, 16u, 128u, 1024u, 4096u}) {
      linkspan::measure(argv[1], "records", width, seconds, false);
    }
  }
  if (only != "records") {
    for (const std::size_t width : {128u, 1024u}) linkspan::measure(argv[1], "runs", width, seconds, true);
  }
  return 0;
}
