#include "systems/fault_answers.h"

#include <string>

#include "systems/transfer.h"

namespace linkspan::systems {

using gateway::Exchange;
using gateway::ResponseState;

namespace {

constexpr std::int64_t kMaxHangMs = 10 * 60 * 1000;
constexpr std::string_view kGarbage = "<<< this is no HTTP >>>\r\n\x01\x02\x03\r\n\r\n";

io::Task<void> hang(Exchange& exchange) {
  const MonotonicNs until = exchange.loop().now() + kMaxHangMs * kNsPerMs;
  while (!exchange.client().peer_gone() && exchange.loop().now() < until) {
    co_await exchange.waiter().wait(until);
  }
  exchange.set_response_state(ResponseState::broken);
}

io::Task<void> send_garbage(Exchange& exchange) {
  exchange.set_close();
  io::Task<bool> sending = send_bytes(exchange, kGarbage);
  const bool sent = co_await sending;
  if (sent) complete(exchange);
}

io::Task<void> send_half(Exchange& exchange, const Answer& answer, bool reset) {
  exchange.set_close();
  io::Task<bool> head = send_head(
      exchange,
      {.status = answer.status, .content_type = answer.content_type, .content_length = answer.body.size()});
  bool sent = co_await head;
  if (sent) {
    io::Task<bool> body =
        send_bytes(exchange, std::string_view(answer.body).substr(0, answer.body.size() / 2));
    sent = co_await body;
  }
  if (sent) complete(exchange);
  if (reset) exchange.set_response_state(ResponseState::broken);
}

io::Task<void> send_status(Exchange& exchange, const Fault& fault, std::string_view served_by) {
  const Answer answer{.status = fault.status,
                      .body = R"({"error":"fault","message":"this answer was asked for by a fault"})"};
  const std::string seconds = std::to_string(fault.retry_after_s);
  const gateway::ResponseField retry_after{"Retry-After", seconds};
  const std::size_t count = fault.retry_after_s > 0 ? 1 : 0;
  io::Task<void> sending = send_answer(exchange, answer, served_by, std::span(&retry_after, count));
  co_await sending;
}

}  // namespace

io::Task<void> fail(Exchange& exchange, const Fault& fault, const Answer& answer,
                    std::string_view served_by) {
  switch (fault.kind) {
    case FaultKind::none:
    case FaultKind::reset:
      exchange.set_response_state(ResponseState::broken);
      co_return;
    case FaultKind::status: {
      io::Task<void> sending = send_status(exchange, fault, served_by);
      co_await sending;
      co_return;
    }
    case FaultKind::hang: {
      io::Task<void> hanging = hang(exchange);
      co_await hanging;
      co_return;
    }
    case FaultKind::garbage: {
      io::Task<void> sending = send_garbage(exchange);
      co_await sending;
      co_return;
    }
    case FaultKind::half:
    case FaultKind::half_reset: {
      io::Task<void> sending = send_half(exchange, answer, fault.kind == FaultKind::half_reset);
      co_await sending;
      co_return;
    }
  }
}

}  // namespace linkspan::systems
