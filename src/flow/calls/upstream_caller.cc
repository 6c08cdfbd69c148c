#include "flow/calls/upstream_caller.h"

#include <limits>
#include <utility>

#include "base/error_kinds.h"
#include "base/fault_point.h"
#include "upstream/client.h"

namespace linkspan::flow {

namespace {

// Of an api without a limit: so long that nobody waits for it, so short that time can be added to it.
constexpr MonotonicNs kWithoutLimitNs = std::numeric_limits<MonotonicNs>::max() / 4;

MonotonicNs timeout_of(const Outgoing& request, const upstream::Cluster& cluster) {
  if (request.timeout_ns > 0) return request.timeout_ns;
  const MonotonicNs total_ns = cluster.settings().timeouts.total_ns;
  return total_ns > 0 ? total_ns : kWithoutLimitNs;
}

upstream::Request to_request(Outgoing& request) {
  upstream::Request made{.method = request.method,
                         .target = std::move(request.target),
                         .headers = {},
                         .body = std::move(request.body),
                         .idempotent = request.repeatable,
                         .hash = 0};
  made.headers.reserve(request.headers.size());
  for (auto& [name, value] : request.headers) made.headers.push_back({std::move(name), std::move(value)});
  return made;
}

CallOutcome to_outcome(Result<upstream::Response> response, bool reached) {
  CallOutcome outcome;
  if (!response) {
    outcome.error = std::move(response).error();
    outcome.may_have_happened = reached;
    return outcome;
  }
  Incoming& answer = outcome.answer.emplace();
  answer.status = response->status;
  answer.body = std::move(response->body);
  answer.headers.reserve(response->headers.size());
  for (upstream::HeaderLine& line : response->headers) {
    answer.headers.emplace_back(std::move(line.name), std::move(line.value));
  }
  return outcome;
}

}  // namespace

UpstreamCaller::UpstreamCaller(upstream::ClusterSet& clusters, io::Loop& loop)
    : clusters_(clusters), loop_(loop), alive_(std::make_shared<bool>(true)) {}

UpstreamCaller::~UpstreamCaller() {
  *alive_ = false;
}

void UpstreamCaller::call(Outgoing request, Done done) {
  finished_.clear();
  upstream::Cluster* cluster = clusters_.find(request.api);
  if (cluster == nullptr) {
    CallOutcome outcome;
    outcome.error = Error(errors::upstream_none_available,
                          "the config has no api \"" + request.api + "\" with servers any more");
    tell_later(std::move(done), std::move(outcome));
    return;
  }
  const auto call = calls_.emplace(calls_.end());
  call->done = std::move(done);
  call->job = upstream::start(perform(call, upstream::ClusterRef(cluster), std::move(request)));
  if (call->job.done()) {
    finished_.splice(finished_.end(), calls_, call);
  } else {
    call->starting = false;
  }
}

io::Task<void> UpstreamCaller::perform(Calls::iterator call, upstream::ClusterRef cluster, Outgoing request) {
  const MonotonicNs deadline = loop_.now() + timeout_of(request, *cluster);
  bool reached = false;
  upstream::Request sent = to_request(request);
  io::Task<Result<upstream::Response>> sending =
      upstream::send(*cluster, std::move(sent), deadline, upstream::ClientLimits{}, &reached);
  Result<upstream::Response> response = co_await sending;
  LINKSPAN_FAULT_POINT("flow:after-answer");
  end(call, to_outcome(std::move(response), reached));
}

void UpstreamCaller::end(Calls::iterator call, CallOutcome outcome) {
  Done done = std::move(call->done);
  if (call->starting) {
    tell_later(std::move(done), std::move(outcome));
    return;
  }
  const std::shared_ptr<bool> alive = alive_;
  done(std::move(outcome));
  // Only now: a call made by `done` frees what has finished, and this one has not yet.
  if (*alive) finished_.splice(finished_.end(), calls_, call);
}

void UpstreamCaller::tell_later(Done done, CallOutcome outcome) {
  auto message = std::make_shared<std::pair<Done, CallOutcome>>(std::move(done), std::move(outcome));
  loop_.post([message, alive = alive_] {
    if (*alive) message->first(std::move(message->second));
  });
}

}  // namespace linkspan::flow
