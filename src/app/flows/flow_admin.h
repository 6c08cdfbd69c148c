// The part of the admin API that is about runs. JSON in and out; errors are problem documents.
//
//   GET  /flows                               what starts each flow, and how its polls do
//   GET  /runs?flow=&status=&limit=&before=   the newest first: {"runs", "next": ID to give as `before`}
//   GET  /runs/ID                             a run with its journal
//   POST /runs/ID/ACTION                      retry, resume, skip, undo, cancel, approve: run_action.h
//   POST /runs                                {"action", "flow", "status", ...}: all that fit
//   POST /flows/NAME/run                      starts a run with the body as its input: 202 {"run": ID}
//   POST /events/NAME                         {"key", "data", "id"}: wakes who waits for it
//
// A page of another site that a browser of the operator shows must not be able to change anything: what
// changes something is JSON by its Content-Type, which such a page may not send unasked, and an Origin other
// than the admin listener's own is refused. Used by the control thread.
#pragma once

#include <string>
#include <string_view>

#include "app/flows/flow_host.h"
#include "base/error.h"
#include "gateway/server/exchange.h"
#include "io/task.h"

namespace linkspan::app {

class FlowAdmin {
 public:
  // The host outlives it.
  explicit FlowAdmin(FlowHost& host) : host_(host) {}

  static bool takes(std::string_view path);
  // Whether there are flows to ask about.
  bool has_flows() const;
  // For paths that it takes.
  io::Task<void> handle(gateway::Exchange& exchange);

 private:
  struct Reply {
    int status = 200;
    data::JsonValue body;
    std::optional<Error> error;  // then a problem document
  };
  using Answer = std::function<void(Reply)>;
  using Work = std::function<void(FlowWork&, Answer)>;

  static Reply failed(Error error);
  // An error, or what is to be done on the thread of the flows.
  Result<Work> plan(const http::RequestHead& head, std::string_view body) const;
  static Work plan_flows();
  static Result<Work> plan_list(std::string_view query);
  static Result<Work> plan_action(std::string id, std::string_view action, const data::JsonValue& body);
  static Result<Work> plan_bulk(const data::JsonValue& body);
  static Work plan_start(std::string flow, data::JsonValue input);
  static Work plan_event(std::string event, const data::JsonValue& body);
  io::Task<void> answer(gateway::Exchange& exchange, Work work);

  FlowHost& host_;
};

}  // namespace linkspan::app
