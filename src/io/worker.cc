#include "io/worker.h"

#include <cstring>
#include <system_error>

#include <pthread.h>
#include <sched.h>

#include "base/error_kinds.h"

namespace linkspan::io {

namespace {

void run_worker(Loop& loop, const Worker::Options& options) {
  // Both are conveniences: a worker without them still works.
  if (!options.name.empty()) ::pthread_setname_np(::pthread_self(), options.name.substr(0, 15).c_str());
  if (options.cpu >= 0) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<std::size_t>(options.cpu), &only);
    ::pthread_setaffinity_np(::pthread_self(), sizeof only, &only);
  }
  if (options.on_start) options.on_start(loop);
  loop.run();
  if (options.on_end) options.on_end(loop);
}

}  // namespace

Result<std::unique_ptr<Worker>> Worker::start(Clock& clock, Options options) {
  Result<std::unique_ptr<Loop>> loop = Loop::create(clock);
  if (!loop) return std::move(loop).error();
  std::unique_ptr<Worker> worker(new Worker(*std::move(loop)));
  try {
    worker->thread_ =
        std::thread([&loop = *worker->loop_, options = std::move(options)] { run_worker(loop, options); });
  } catch (const std::system_error& failure) {
    return Error(errors::system_error, std::string("starting a thread: ") + failure.what());
  }
  return worker;
}

Worker::~Worker() {
  if (!thread_.joinable()) return;
  stop();
  join();
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace linkspan::io
