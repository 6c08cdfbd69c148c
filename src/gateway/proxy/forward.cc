// GatewayHandler::forward: the coroutine that waits for what Attempts and Relay do.
#include "base/error_kinds.h"
#include "gateway/proxy/attempts.h"
#include "gateway/proxy/gateway_handler.h"
#include "http/forwarded.h"
#include "upstream/server.h"

namespace linkspan::gateway {

namespace {

// How often a request may have passed through gateways of our name; more is a circle.
constexpr int kMaxPasses = 8;

bool goes_in_circles(const http::RequestHead& head, const config::ForwardedConfig& forwarded) {
  return head.fields.contains(http::HeaderId::via) &&
         http::via_count(head.fields, forwarded.via_name) >= kMaxPasses;
}

// Reading is worth nothing later; a change that nobody has seen may still be made.
bool may_become_run(const http::RequestHead& head, const Endpoint& endpoint, const Attempts& attempts) {
  return endpoint.config->proxy->when_unavailable && !http::is_safe(head.method) && attempts.nobody_asked();
}

}  // namespace

io::Task<void> GatewayHandler::forward(Exchange& exchange, RequestState& state) {
  if (goes_in_circles(exchange.request(), state.view->snapshot->config->forwarded)) {
    io::Task<void> refusing =
        refuse(exchange, state, errors::request_loop, "its Via field names this gateway several times");
    co_await refusing;
    co_return;
  }
  io::Loop& loop = exchange.loop();
  Attempts attempts(exchange, state);
  Attempts::Next next = Attempts::Next::again;
  while (next == Attempts::Next::again) {
    next = Attempts::Next::refuse;
    upstream::Server* server = attempts.choose();
    if (server == nullptr) break;
    const MonotonicNs pause_ns = attempts.pause_ns();
    const MonotonicNs asked_ns = loop.now() + pause_ns;
    while (pause_ns != 0 && loop.now() < asked_ns && !exchange.client().broken()) {
      co_await exchange.waiter().wait(asked_ns);
    }
    if (pause_ns != 0 && attempts.give_up_if_late()) break;
    upstream::Connection* connection = attempts.may_reuse() ? server->take_idle(exchange.waiter()) : nullptr;
    if (connection == nullptr) {
      MonotonicNs waited_ns = -1;
      io::Task<Result<upstream::Connection*>> opening =
          server->open(exchange.waiter(), attempts.connect_deadline(), &waited_ns);
      Result<upstream::Connection*> opened = co_await opening;
      attempts.note_opened(loop.now() - asked_ns, waited_ns);
      if (!opened) {
        next = attempts.on_connect_failed(std::move(opened).error());
        continue;
      }
      connection = *opened;
    }
    if (exchange.client().broken()) {
      next = attempts.on_client_gone(*connection);
      continue;
    }
    if (!attempts.start(*connection, response_head_)) break;
    state.context.endpoint->metrics->fetch_ahead(shard_);
    Relay& relay = *state.relay;
    if (!relay.finished()) relay.step();
    while (!relay.finished()) {
      const MonotonicNs until = relay.yields() ? loop.now() : relay.deadline();
      const io::Wake wake = co_await exchange.waiter().wait(until);
      if (wake == io::Wake::timeout && !relay.yields()) {
        relay.on_timeout();
      } else {
        relay.step();
      }
    }
    next = attempts.on_relayed(connection);
  }
  const bool refused = next == Attempts::Next::refuse;
  if (refused && may_become_run(exchange.request(), *state.context.endpoint, attempts)) {
    io::Task<void> giving = give_to_flow(exchange, state);
    co_await giving;
  } else if (refused) {
    io::Task<void> refusing = refuse(exchange, state, attempts.failure().kind(), attempts.failure().detail());
    co_await refusing;
  } else if (next == Attempts::Next::abandon) {
    state.error = &attempts.failure().kind();
    exchange.set_response_state(ResponseState::broken);
  }
}

}  // namespace linkspan::gateway
