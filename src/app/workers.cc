#include "app/workers.h"

#include <algorithm>
#include <future>
#include <string>
#include <utility>

#include <sched.h>

namespace linkspan::app {

std::size_t worker_count(const config::Config& config) {
  if (config.workers != 0) return config.workers;
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (::sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
  return static_cast<std::size_t>(std::max(CPU_COUNT(&usable), 1));
}

Result<std::unique_ptr<Workers>> Workers::start(std::size_t count, const WorkerParts& parts,
                                                const Generation& first) {
  std::unique_ptr<Workers> workers(new Workers(count));
  for (std::size_t i = 0; i < count; ++i) {
    Result<void> started = start_one(workers->slots_[i], i, parts, first);
    if (!started) return std::move(started).error();
  }
  return workers;
}

Result<void> Workers::start_one(Slot& slot, std::size_t number, const WorkerParts& parts,
                                const Generation& first) {
  // Shared with the thread, which may still be inside set_value() when get() returns here.
  const auto created = std::make_shared<std::promise<Result<void>>>();
  std::future<Result<void>> outcome = created->get_future();
  LogProducer& log = parts.log_sink.add_producer();
  MetricShard& shard = parts.metrics.add_shard();
  io::Worker::Options options{
      .name = "worker-" + std::to_string(number),
      .cpu = -1,
      .on_start =
          [&slot, &log, &shard, &parts, &first, created](io::Loop& loop) {
            Result<std::unique_ptr<WorkerApp>> app = WorkerApp::create(loop, log, shard, parts.server_metrics,
                                                                       parts.in_flight, parts.flows, first);
            if (app) slot.app = std::move(*app);
            created->set_value(app ? Result<void>() : Result<void>(std::move(app).error()));
          },
      .on_end = [&slot](io::Loop&) { slot.app.reset(); }};
  Result<std::unique_ptr<io::Worker>> thread = io::Worker::start(parts.clock, std::move(options));
  if (!thread) return std::move(thread).error();
  slot.thread = std::move(*thread);
  return outcome.get();
}

Workers::~Workers() {
  for (Slot& slot : slots_) {
    if (slot.thread != nullptr) slot.thread->stop();
  }
  for (Slot& slot : slots_) {
    if (slot.thread != nullptr) slot.thread->join();
  }
}

void Workers::adopt(const std::shared_ptr<const Generation>& generation,
                    std::vector<ListenerChange> changes) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    // A message must be copyable, sockets are not.
    auto change = std::make_shared<ListenerChange>(std::move(changes[i]));
    slot.thread->post([&slot, change, generation] { slot.app->adopt(*generation, std::move(*change)); });
  }
}

void Workers::drain(const std::function<void()>& drained) {
  draining_ = slots_.size();
  for (Slot& slot : slots_) {
    slot.thread->post([this, &slot, drained] {
      slot.app->drain([this, drained] {
        if (draining_.fetch_sub(1, std::memory_order_relaxed) == 1) drained();
      });
    });
  }
}

}  // namespace linkspan::app
