// Where requests become runs: the gateway's FlowIntake of one worker. Reads the request, has the thread of
// the flows start a run, and answers when the start is on disk (webhooks) or the run has an answer
// (endpoints).
//
//   webhook     202 {"run": ID} with Location; 200 if the same message was taken before
//   endpoint    what the run answers; 409 if it was undone; 202 {"run", "status"} with Location after
//   respond_within
//   .../runs/ID how the run is doing, as JSON
//
// Used by the worker's thread. A request whose client leaves is forgotten here; its run goes on.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/flows/approval_intake.h"
#include "app/flows/flow_host.h"
#include "app/flows/flow_set.h"
#include "app/flows/intake_request.h"
#include "data/json_parse.h"
#include "flow/plan/expression.h"
#include "gateway/flow_seam.h"

namespace linkspan::app {

class WorkerFlowIntake final : public gateway::FlowIntake {
 public:
  // The host outlives it, and its thread has ended before the worker's loop is destroyed.
  WorkerFlowIntake(FlowHost& host, const Clock& clock);

  // Together with the snapshot of the same generation.
  void adopt(std::shared_ptr<const FlowSet> flows) { flows_ = std::move(flows); }

  io::Task<void> handle(gateway::Exchange& exchange, gateway::FlowRequest& request) override;

 private:
  struct Pending;
  struct Reply;

  io::Task<void> start_run(gateway::Exchange& exchange, gateway::FlowRequest& request,
                           std::shared_ptr<const FlowSet> flows, FlowRoute route);
  io::Task<void> tell_status(gateway::Exchange& exchange, gateway::FlowRequest& request,
                             std::shared_ptr<const FlowSet> flows, FlowRoute route);
  io::Task<void> await(gateway::Exchange& exchange, std::shared_ptr<Pending> pending, MonotonicNs deadline,
                       bool for_answer);
  Reply reply_to(const gateway::FlowRequest& request, const Pending& pending, FlowRoute route) const;
  io::Task<void> send(gateway::Exchange& exchange, gateway::FlowRequest& request, Reply reply);

  FlowHost& host_;
  std::shared_ptr<const FlowSet> flows_;
  const Clock& clock_;
  data::JsonParser parser_;
  flow::Evaluator evaluator_;
  ApprovalIntake approvals_;
  std::size_t waiting_ = 0;  // requests that wait for the thread of the flows
};

}  // namespace linkspan::app
