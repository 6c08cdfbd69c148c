// The gateway on one worker: decides about each request and answers it, from an upstream or by itself, and
// records what became of it. Used by the worker's thread.
#pragma once

#include <memory>
#include <vector>

#include "base/log.h"
#include "base/log_ring.h"
#include "base/metrics.h"
#include "base/random.h"
#include "gateway/decide.h"
#include "gateway/flow_seam.h"
#include "gateway/proxy/request_state.h"
#include "gateway/proxy/worker_view.h"
#include "gateway/server/handler.h"
#include "http/h1_response.h"
#include "upstream/cluster.h"

namespace linkspan::gateway {

class GatewayHandler final : public Handler {
 public:
  // `access_ring` is where access-log lines go, `in_flight` counts requests under way, `flows` takes the
  // requests of flows. All must outlive the handler. A snapshot must be adopted before the first request.
  GatewayHandler(upstream::ClusterSet& clusters, MetricShard& shard, GaugeId in_flight, LogRing& access_ring,
                 FlowIntake& flows, Logger log);
  ~GatewayHandler() override;

  // Serves requests from now on by this snapshot; those in flight keep theirs. `clusters` were built from its
  // apis.
  void adopt(std::shared_ptr<const Snapshot> snapshot, const upstream::ClusterList& clusters);
  const Snapshot& snapshot() const { return *view_->snapshot; }

  io::Task<void> handle(Exchange& exchange) override;
  std::string_view name_malformed(char (&storage)[kMalformedIdBytes]) override;
  void on_malformed(Exchange& exchange, const ErrorKind& kind, std::string_view detail) override;

 private:
  RequestState* take_state();
  void begin(Exchange& exchange, RequestState& state);
  Decision decide(Exchange& exchange, RequestState& state);
  void choose_request_id(const http::RequestHead& head, RequestState& state);
  void continue_trace(const http::RequestHead& head, RequestState& state);
  io::Task<void> answer(Exchange& exchange, RequestState& state, Decision decision);
  io::Task<void> forward(Exchange& exchange, RequestState& state);  // forward.cc
  io::Task<void> give_to_flow(Exchange& exchange, RequestState& state);
  io::Task<void> refuse(Exchange& exchange, RequestState& state, const ErrorKind& kind,
                        std::string_view detail);
  void record(Exchange& exchange, RequestState& state);

  upstream::ClusterSet& clusters_;
  MetricShard& shard_;
  GaugeId in_flight_;
  LogRing& access_ring_;
  FlowIntake& flows_;
  Logger log_;
  Random random_;
  WorkerScratch scratch_;
  WorkerViewRef view_;
  std::vector<std::unique_ptr<RequestState>> free_states_;
  static constexpr std::size_t kMaxResponseFields = 256;
  std::unique_ptr<http::Field[]> response_fields_;  // of response_head_, which every exchange uses in turn
  http::ResponseHead response_head_;
};

}  // namespace linkspan::gateway
