#include "systems/tunnel.h"

#include <array>
#include <string>

#include "base/strings.h"
#include "http/head_writer.h"
#include "systems/transfer.h"
#include "systems/websocket_echo.h"

namespace linkspan::systems {

using gateway::Exchange;
using gateway::ResponseState;

namespace {

constexpr std::int64_t kIdleNs = 10 * 60 * kNsPerSecond;

io::Task<void> refuse(Exchange& exchange, int status, std::string_view served_by) {
  const Answer answer{.status = status,
                      .body = R"({"error":"upgrade-expected","message":"this path needs an Upgrade"})"};
  const gateway::ResponseField offered{"Upgrade", "websocket"};
  io::Task<void> sending = send_answer(exchange, answer, served_by, std::span(&offered, 1));
  co_await sending;
}

io::Task<bool> send_switch(Exchange& exchange, std::string_view protocol, std::string_view accept_key) {
  std::array<char, 512> space;
  http::HeadWriter out(space);
  out.status_line(101);
  out.checked_field("Upgrade", protocol);
  out.field("Connection", "Upgrade");
  if (!accept_key.empty()) out.field("Sec-WebSocket-Accept", accept_key);
  out.end();
  exchange.set_status(101);
  exchange.set_close();
  exchange.set_response_state(out.ok() ? ResponseState::started : ResponseState::broken);
  if (!out.ok()) co_return false;
  io::Task<bool> sending = send_bytes(exchange, out.written());
  const bool sent = co_await sending;
  co_return sent;
}

// Sends back what arrives, as `websocket` messages or as it is, until either side ends.
io::Task<void> echo(Exchange& exchange, bool websocket) {
  WebSocketEcho codec;
  std::string out;
  std::string_view arrived = exchange.input().unread();
  bool open = true;
  while (open) {
    out.clear();
    if (websocket) {
      open = codec.receive(arrived, out);
    } else {
      out = arrived;
    }
    if (!out.empty()) {
      io::Task<bool> sending = send_bytes(exchange, out);
      const bool sent = co_await sending;
      if (!sent) co_return;
    }
    if (!open) break;
    io::IoResult got = exchange.client().read(exchange.loop().read_scratch());
    while (got.status == io::IoStatus::would_block) {
      const io::Wake wake = co_await exchange.waiter().wait(exchange.loop().now() + kIdleNs);
      if (wake == io::Wake::timeout) break;
      got = exchange.client().read(exchange.loop().read_scratch());
    }
    open = got.status == io::IoStatus::ok;
    arrived = {exchange.loop().read_scratch().data(), got.bytes};
  }
  complete(exchange);
}

}  // namespace

io::Task<void> upgrade(Exchange& exchange, std::string_view, std::string_view served_by) {
  const http::RequestHead& request = exchange.request();
  const http::Field* key = request.fields.find("Sec-WebSocket-Key");
  const bool websocket = equals_ignore_case(request.upgrade, "websocket");
  if (request.upgrade.empty() || (websocket && key == nullptr)) {
    io::Task<void> refusing = refuse(exchange, request.upgrade.empty() ? 426 : 400, served_by);
    co_await refusing;
    co_return;
  }
  const std::string accept_key = websocket ? websocket_accept(key->value()) : std::string();
  io::Task<bool> switching = send_switch(exchange, request.upgrade, accept_key);
  const bool switched = co_await switching;
  if (!switched) co_return;
  io::Task<void> echoing = echo(exchange, websocket);
  co_await echoing;
}

}  // namespace linkspan::systems
