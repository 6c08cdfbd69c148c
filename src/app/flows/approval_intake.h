// The page at which a person answers what a run asks, by a link (flow/approval_links.h). GET shows the
// question, POST decides: a GET must not, because scanners of mail follow links. Answers are pages without
// scripts, styles or frames, which nobody may keep. Used by the worker's thread.
#pragma once

#include <cstddef>

#include "app/flows/flow_host.h"
#include "gateway/flow_seam.h"
#include "gateway/server/exchange.h"
#include "io/task.h"

namespace linkspan::app {

class ApprovalIntake {
 public:
  // The host outlives it, and its thread has ended before the worker's loop is destroyed.
  explicit ApprovalIntake(FlowHost& host) : host_(host) {}

  io::Task<void> handle(gateway::Exchange& exchange, gateway::FlowRequest& request);

 private:
  FlowHost& host_;
  std::size_t waiting_ = 0;  // requests that wait for the thread of the flows
};

}  // namespace linkspan::app
