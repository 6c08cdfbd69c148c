// How long an API description takes to load, and how much memory it keeps: one JSON object on standard
// output.
//
//   linkspan_openapi_bench FILE [LOADS]
//   {"openapi_load_ms":61.2,"openapi_load_mib":19.5}
//
// Time is the median of LOADS loads (15), from bytes on disk to the model, references checked, schemas not
// yet compiled. Memory is what malloc has handed out and not got back (mallinfo2) once the first load is
// done, less what it had before: the model, its documents and their texts.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <malloc.h>

#include "catalog/load.h"

namespace {

using linkspan::catalog::LoadResult;

std::size_t allocated_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

LoadResult load(const std::filesystem::path& file) {
  return linkspan::catalog::load_api(file.filename().string(),
                                     linkspan::catalog::folder_loader(file.parent_path().string()));
}

double milliseconds_of_load(const std::filesystem::path& file) {
  const auto start = std::chrono::steady_clock::now();
  const LoadResult loaded = load(file);
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
  if (!loaded.api) std::exit(1);
  return taken.count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: linkspan_openapi_bench FILE [LOADS]\n");
    return 2;
  }
  const std::filesystem::path file(argv[1]);
  const int loads = argc > 2 ? std::max(1, std::atoi(argv[2])) : 15;
  const std::size_t before = allocated_bytes();
  const LoadResult kept = load(file);
  if (!kept.api) {
    std::fprintf(stderr, "%s is no description of an API\n", argv[1]);
    return 1;
  }
  const double mebibytes = static_cast<double>(allocated_bytes() - before) / (1024.0 * 1024.0);
  std::vector<double> times;
  for (int i = 0; i < loads; ++i) times.push_back(milliseconds_of_load(file));
  std::nth_element(times.begin(), times.begin() + loads / 2, times.end());
  std::printf("{\"openapi_load_ms\":%.1f,\"openapi_load_mib\":%.1f}\n",
              times[static_cast<std::size_t>(loads / 2)], mebibytes);
  return 0;
}
