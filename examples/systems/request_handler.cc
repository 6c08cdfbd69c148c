#include "systems/request_handler.h"

#include "systems/control.h"
#include "systems/demo.h"
#include "systems/fault_answers.h"
#include "systems/tools.h"
#include "systems/transfer.h"

namespace linkspan::systems {

using gateway::Exchange;
using gateway::ResponseField;

namespace {

constexpr std::size_t kMaxBodyBytes = 4 * 1024 * 1024;

bool may_change(http::Method method) {
  return !http::is_safe(method);
}

}  // namespace

io::Task<void> RequestHandler::handle(Exchange& exchange) {
  const http::RequestHead& request = exchange.request();
  const std::string_view path = request.path;
  if (path.starts_with("/_control") || system_ == nullptr) {
    io::Task<void> controlling = control(exchange, demo_, system_, served_by_);
    co_await controlling;
    co_return;
  }
  std::optional<Fault> fault;
  if (!system_->faults.empty()) fault = system_->faults.take(request.method, path);
  if (fault && fault->latency_ms > 0) {
    io::Task<bool> delaying = delay(exchange, fault->latency_ms);
    const bool alive = co_await delaying;
    if (!alive) co_return;
  }
  if (fault && fault->kind == FaultKind::none) fault.reset();
  std::string_view rest;
  const Tool tool = find_tool(path, rest);
  if (tool == nullptr) {
    io::Task<void> operating = operate(exchange, std::move(fault));
    co_await operating;
  } else if (fault) {
    const Answer stand_in{.body = "half of this text will not arrive", .content_type = "text/plain"};
    io::Task<void> failing = fail(exchange, *fault, stand_in, served_by_);
    co_await failing;
  } else {
    io::Task<void> running = tool(exchange, rest, served_by_);
    co_await running;
  }
}

io::Task<void> RequestHandler::operate(Exchange& exchange, std::optional<Fault> fault) {
  const http::RequestHead& request = exchange.request();
  const System& system = *system_->system;
  const System::Match match = system.find(request.method, request.path);
  const std::string_view key = request.fields.value(http::HeaderId::idempotency_key);
  const bool counted = match.operation != nullptr && may_change(match.operation->method);
  const std::uint64_t entry = counted ? demo_.effects().arrived(system, *match.operation, key) : 0;
  if (fault && !fault->after_effect) {
    io::Task<void> failing = fail(exchange, *fault, {}, served_by_);
    co_await failing;
    co_return;
  }
  std::string body;
  if (!exchange.body().finished()) {
    io::Task<Result<std::string>> reading = exchange.read_body(kMaxBodyBytes);
    Result<std::string> read = co_await reading;
    if (!read) {
      io::Task<void> refusing = exchange.respond_problem(read.error().kind(), read.error().detail());
      co_await refusing;
      co_return;
    }
    body = std::move(*read);
  }
  const Call call{.id = match.id, .query = request.query, .body = body};
  bool replayed = false;
  Answer answer;
  if (match.operation == nullptr) {
    answer = match.allow.empty() ? system.refusal(404, "not-found", "this system has no such path")
                                 : system.refusal(405, "method-not-allowed", "this path has other methods");
  } else if (counted) {
    answer = demo_.effects().perform(entry, system, *match.operation, call, replayed);
  } else {
    answer = match.operation->run(call);
  }
  if (fault) {
    io::Task<void> failing = fail(exchange, *fault, answer, served_by_);
    co_await failing;
    co_return;
  }
  ResponseField more{"Idempotent-Replayed", "true"};
  if (!match.allow.empty()) more = {"Allow", match.allow};
  const std::size_t count = replayed || !match.allow.empty() ? 1 : 0;
  io::Task<void> sending = send_answer(exchange, answer, served_by_, std::span(&more, count));
  co_await sending;
}

}  // namespace linkspan::systems
