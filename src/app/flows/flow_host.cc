#include "app/flows/flow_host.h"

#include <future>
#include <utility>

#include "app/flows/flow_thread.h"
#include "base/digest.h"
#include "base/strings.h"

namespace linkspan::app {

namespace {

constexpr std::size_t kProofBytes = 16;

}  // namespace

FlowHost::FlowHost(const Parts& parts) : parts_(parts), metrics_(parts.metrics) {}

FlowHost::~FlowHost() {
  stop();
}

Result<void> FlowHost::open(const Generation& generation) {
  if (is_open() || generation.flows->flows.empty()) return {};
  // Shared with the thread, which may still be inside set_value() when get() returns here.
  const auto created = std::make_shared<std::promise<Result<std::string>>>();
  std::future<Result<std::string>> outcome = created->get_future();
  LogProducer& log = parts_.log_sink.add_producer();
  MetricShard& shard = parts_.metrics.add_shard();
  io::Worker::Options options{.name = "flows",
                              .cpu = -1,
                              .on_start =
                                  [this, &log, &shard, &generation, created](io::Loop& loop) {
                                    Result<std::unique_ptr<FlowThread>> thread =
                                        FlowThread::create(loop, log, shard, metrics_, generation);
                                    if (thread) thread_ = std::move(*thread);
                                    created->set_value(thread
                                                           ? Result<std::string>(thread_->status_key())
                                                           : Result<std::string>(std::move(thread).error()));
                                  },
                              .on_end = [this](io::Loop&) { thread_.reset(); }};
  Result<std::unique_ptr<io::Worker>> worker = io::Worker::start(parts_.clock, std::move(options));
  if (!worker) return std::move(worker).error();
  Result<std::string> key = outcome.get();
  if (!key) return std::move(key).error();
  status_key_ = std::make_unique<const Hmac>(Sha2::sha256, as_bytes(*key));
  worker_ = std::move(*worker);
  store_path_ = generation.config->store->path;
  open_.store(true, std::memory_order_release);
  return {};
}

void FlowHost::adopt(std::shared_ptr<const Generation> generation) {
  if (!is_open()) return;
  worker_->post([this, generation = std::move(generation)] { thread_->adopt(*generation); });
}

bool FlowHost::post(std::function<void(FlowWork&)> work) {
  if (!is_open()) return false;
  worker_->post([this, work = std::move(work)] { thread_->run(work); });
  return true;
}

void FlowHost::drain(std::function<void()> done) {
  if (!is_open()) return done();
  worker_->post([this, done = std::move(done)] { thread_->drain(done); });
}

void FlowHost::stop() {
  if (worker_ == nullptr) return;
  worker_->stop();
  worker_->join();
}

std::string FlowHost::status_id(std::string_view run_id) const {
  const HmacTag tag = status_key_->sign({run_id});
  return std::string(run_id) + "-" + encode_hex(std::span(tag.bytes).first(kProofBytes));
}

std::string_view FlowHost::run_of_status_id(std::string_view status_id) const {
  const std::size_t dash = status_id.rfind('-');
  if (!is_open() || dash == std::string_view::npos) return {};
  const std::string_view run_id = status_id.substr(0, dash);
  return constant_time_equal(this->status_id(run_id), status_id) ? run_id : std::string_view();
}

}  // namespace linkspan::app
