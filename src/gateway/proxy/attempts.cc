#include "gateway/proxy/attempts.h"

#include <algorithm>
#include <array>

#include "base/error_kinds.h"
#include "gateway/proxy/request_writer.h"
#include "gateway/server/server.h"
#include "upstream/outlier.h"

namespace linkspan::gateway {

namespace {

using upstream::Failure;
using upstream::Outcome;

Outcome outcome_of(const Relay& relay) {
  switch (relay.end()) {
    case RelayEnd::complete:
    case RelayEnd::rejected_status:
      return upstream::outcome_of_status(relay.status());
    case RelayEnd::tunnel:
      return Outcome::success;
    case RelayEnd::none:
    case RelayEnd::client_failed:
      return Outcome::cancelled;
    case RelayEnd::upstream_failed:
      break;
  }
  switch (relay.failure()) {
    case Failure::timeout:
      return Outcome::timeout;
    case Failure::bad_response:
      return Outcome::bad_response;
    default:
      return Outcome::reset;
  }
}

std::uint64_t balance_hash(const Snapshot& snapshot, const ProxyTarget& target,
                           const RequestContext& context) {
  const config::ApiConfig& api = snapshot.config->apis[target.api];
  if (api.balance.policy != config::BalancePolicy::consistent_hash) return 0;
  std::array<char, 16> scratch;
  return upstream::hash_key(balance_key(api, target, context, scratch));
}

}  // namespace

Attempts::Attempts(Exchange& exchange, RequestState& state)
    : exchange_(exchange),
      state_(state),
      target_(*state.context.endpoint->proxy),
      cluster_(*state.view->clusters[target_.api]) {
  const std::int64_t total_ns = target_.total_timeout.count();
  total_deadline_ns_ = total_ns == 0 ? io::Waiter::kNever : exchange.started_ns() + total_ns;
  facts_.idempotent = http::is_idempotent(exchange.request().method);
  pick_.hash = balance_hash(*state.view->snapshot, target_, state.context);
  state.api = cluster_.name();
  exchange.body().set_max_bytes(state.context.endpoint->max_body_bytes);
  if (exchange.body().framing() == http::Framing::chunked) {
    exchange.body().drop_trailers(request_copy_rules(target_));
  }
  if (facts_.idempotent) exchange.body().keep(exchange.server().limits().max_buffer_bytes);
  cluster_.begin_request();
}

// What the system takes is counted for each attempt, as it counts itself.
bool Attempts::within_rate() {
  upstream::RateGate* gate = cluster_.shared().rate_gate().get();
  if (gate == nullptr) return true;
  const std::int64_t wait_ns = gate->take(exchange_.loop().now());
  if (wait_ns == 0) return true;
  if (failure_) return false;  // of the attempt before
  const std::string seconds = std::to_string((wait_ns + kNsPerSecond - 1) / kNsPerSecond);
  state_.context.response_fields.add("Retry-After", state_.context.arena.concat({seconds}));
  failure_ = Error(errors::upstream_rate_reached, "api \"" + cluster_.name() + "\" takes " +
                                                      format_rate(gate->rate()) + ": try again in " +
                                                      seconds + " s");
  return false;
}

upstream::Server* Attempts::choose() {
  if (!within_rate()) return nullptr;
  upstream::Server* server = cluster_.pick(pick_);
  if (server == nullptr) {
    failure_ = cluster_.none_available();
    return nullptr;
  }
  state_.server = server;
  ++state_.attempts;
  return server;
}

MonotonicNs Attempts::pause_ns() {
  if (!pick_.tried.contains(state_.server)) return 0;
  const MonotonicNs pause_ns = upstream::retry_delay_ns(facts_.attempts, cluster_.random().next_unit());
  if (total_deadline_ns_ == io::Waiter::kNever) return pause_ns;
  return std::min(pause_ns, std::max<MonotonicNs>(total_deadline_ns_ - exchange_.loop().now(), 0));
}

bool Attempts::late() const {
  return total_deadline_ns_ != io::Waiter::kNever && exchange_.loop().now() >= total_deadline_ns_;
}

bool Attempts::give_up_if_late() {
  if (!late()) return false;
  --state_.attempts;
  if (!failure_) {
    failure_ =
        Error(errors::upstream_timeout_total,
              "no time is left to ask server " + state_.server->label() + " again within the total timeout");
  }
  return true;
}

// Once the time is up another attempt could only fail, and blame a server that did nothing.
bool Attempts::may_retry() {
  return !late() && cluster_.may_retry(facts_);
}

void Attempts::note_opened(std::int64_t took_ns, std::int64_t waited_ns) {
  if (waited_ns >= 0) {
    state_.wait_ns = std::max<std::int64_t>(state_.wait_ns, 0) + waited_ns;
    took_ns -= waited_ns;
    if (took_ns == 0) return;  // what came was open already, or nothing came
  }
  state_.connect_ns = std::max<std::int64_t>(state_.connect_ns, 0) + took_ns;
}

MonotonicNs Attempts::connect_deadline() const {
  const MonotonicNs deadline = exchange_.loop().now() + cluster_.settings().timeouts.connect_ns;
  return total_deadline_ns_ == io::Waiter::kNever ? deadline : std::min(deadline, total_deadline_ns_);
}

bool Attempts::start(upstream::Connection& connection, http::ResponseHead& head_space) {
  const config::ForwardedConfig& forwarded = state_.view->snapshot->config->forwarded;
  char trace_parent[kTraceparentBytes];
  format_traceparent(state_.trace, trace_parent);
  const RequestHeadParts parts{
      .method = exchange_.request().method_name,
      .target = write_upstream_target(target_, state_.context, exchange_.loop().read_scratch()),
      .server_authority = connection.server().authority(),
      .peer = state_.peer,
      .trace_parent = {trace_parent, sizeof trace_parent},
      .keep_trace_state = state_.keep_trace_state,
      .peer_trusted = state_.peer_trusted};
  http::HeadWriter out(exchange_.loop().write_scratch());
  if (!parts.target.empty()) write_request_head(exchange_, target_, state_.context, forwarded, parts, out);
  if (parts.target.empty() || !out.ok()) {
    connection.server().release(&connection, true);
    failure_ = Error(errors::headers_too_large,
                     "the request with what the gateway adds to it is too large to pass on");
    return false;
  }
  const ServerLimits& limits = exchange_.server().limits();
  const Relay::Settings settings{.timeouts = cluster_.settings().timeouts,
                                 .total_deadline_ns = total_deadline_ns_,
                                 .max_read_bytes = limits.max_buffer_bytes};
  const ResponseRules rules{
      .target = &target_, .context = &state_.context, .via = forwarded.via, .via_name = forwarded.via_name};
  is_sent_ = true;
  state_.relay.emplace(exchange_, head_space);
  state_.relay->start(connection, settings, rules, out.written(), this, &Attempts::accept_status);
  return true;
}

bool Attempts::nobody_asked() const {
  const ErrorKind& kind = failure_->kind();
  return !is_sent_ && kind.source == ErrorSource::upstream && kind.retryable;
}

void Attempts::note_progress() {
  facts_.bytes_sent = state_.relay->request_bytes_sent();
  facts_.body_replayable = exchange_.body().can_rewind();
  facts_.response_started = exchange_.response_state() != ResponseState::none || state_.relay->interim_sent();
}

// Relay::AcceptStatus: false when another attempt shall replace this answer.
bool Attempts::accept_status(void* owner, int status) {
  if (status < 400) return true;
  auto& self = *static_cast<Attempts*>(owner);
  self.note_progress();
  self.facts_.failure = Failure::status;
  self.facts_.status = status;
  return !self.may_retry();
}

void Attempts::prepare_again(bool tried) {
  if (tried) {
    ++facts_.attempts;
    pick_.tried.add(*state_.server);
  }
  exchange_.rewind_body();
}

Attempts::Next Attempts::on_connect_failed(Error error) {
  cluster_.report(*state_.server, upstream::outcome_of_open_error(error));
  facts_.failure = upstream::failure_of_open_error(error);
  failure_ = std::move(error);
  if (exchange_.client().broken()) return Next::abandon;
  facts_.bytes_sent = false;
  if (!may_retry()) return Next::refuse;
  prepare_again(true);
  return Next::again;
}

Attempts::Next Attempts::on_client_gone(upstream::Connection& connection) {
  upstream::Server& server = connection.server();
  server.release(&connection, true);
  cluster_.report(server, Outcome::cancelled);
  failure_ = Error(errors::client_closed, "the client closed the connection");
  return Next::abandon;
}

Attempts::Next Attempts::on_relayed(upstream::Connection* connection) {
  const Relay& relay = *state_.relay;
  upstream::Server& server = connection->server();
  if (relay.first_byte_ns() >= 0 && relay.sent_ns() >= 0) {
    state_.first_byte_ns = std::max<std::int64_t>(relay.first_byte_ns() - relay.sent_ns(), 0);
  }
  server.release(connection, relay.reusable());
  const bool stale = relay.end() == RelayEnd::upstream_failed && relay.failure() == Failure::stale;
  if (!stale) cluster_.report(server, outcome_of(relay));
  if (relay.end() == RelayEnd::complete || relay.end() == RelayEnd::tunnel) return Next::done;
  if (relay.end() == RelayEnd::rejected_status) {
    prepare_again(true);
    return Next::again;
  }
  failure_ = Error(relay.error_kind(), relay.error_detail());
  note_progress();
  if (relay.end() == RelayEnd::upstream_failed && !exchange_.client().broken()) {
    facts_.failure = relay.failure();
    const bool had_free_retry = facts_.free_retry_used;
    if (may_retry()) {
      prepare_again(facts_.free_retry_used == had_free_retry);
      return Next::again;
    }
  }
  const bool can_answer = exchange_.response_state() == ResponseState::none && failure_->kind().status != 0;
  return can_answer ? Next::refuse : Next::abandon;
}

}  // namespace linkspan::gateway
