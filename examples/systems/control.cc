#include "systems/control.h"

#include <string>

#include "base/json_writer.h"
#include "base/strings.h"
#include "systems/demo.h"
#include "systems/json_body.h"
#include "systems/transfer.h"

namespace linkspan::systems {

using gateway::Exchange;
using http::Method;

namespace {

constexpr std::size_t kMaxBodyBytes = 64 * 1024;

Answer refusal(int status, std::string_view message) {
  Answer answer{.status = status};
  JsonStringWriter json(answer.body);
  json.begin_object();
  json.member("error", status == 404 ? "not-found" : "invalid");
  json.member("message", message);
  json.end_object();
  return answer;
}

Answer done() {
  return {.status = 204};
}

struct ControlCall {
  Method method;
  std::string_view path;  // after /_control
  std::string_view body;
};

Answer control_faults(PlayedSystem& system, const ControlCall& call) {
  if (call.method == Method::get) return {.body = system.faults.to_json()};
  if (call.method == Method::post && call.path == "/faults") {
    const Result<std::uint64_t> id = system.faults.add(call.body);
    if (!id) return refusal(422, id.error().detail());
    return {.status = 201, .body = "{\"id\":" + std::to_string(*id) + "}"};
  }
  if (call.method != Method::delete_) return refusal(405, "faults have GET, POST and DELETE");
  const auto [_, id_text] = split_once(call.path.substr(1), '/');
  if (!id_text) {
    system.faults.clear();
    return done();
  }
  const auto id = parse_u64(*id_text);
  return id && system.faults.remove(*id) ? done() : refusal(404, "there is no such fault");
}

Answer control_listeners(Demo& demo, const PlayedSystem& system, const ControlCall& call) {
  if (call.method != Method::post) return refusal(405, "POST is expected");
  std::string listener;
  if (!call.body.empty()) {
    const auto body = JsonBody::parse(call.body);
    if (!body || !body->text("/listener"))
      return refusal(422, "listener: an address such as 127.0.0.1:7001 is expected");
    listener = *body->text("/listener");
  }
  const Result<void> result = demo.set_down(system, listener, call.path == "/down");
  return result ? done() : refusal(result.error().kind().status == 400 ? 422 : 500, result.error().detail());
}

Answer control_reset(Demo& demo, PlayedSystem* system, const ControlCall& call) {
  if (call.method != Method::post) return refusal(405, "POST is expected");
  for (PlayedSystem& played : demo.systems()) {
    if (system != nullptr && &played != system) continue;
    played.system->reset();
    played.faults.clear();
  }
  demo.effects().clear(system != nullptr ? system->system->name() : std::string_view());
  return done();
}

Answer decide(Demo& demo, PlayedSystem* system, const ControlCall& call) {
  const std::string_view name = system != nullptr ? system->system->name() : std::string_view();
  if (call.path.empty() || call.path == "/") return {.body = demo.to_json()};
  if (call.path == "/effects") return {.body = demo.effects().to_json(name)};
  if (call.path == "/reset") return control_reset(demo, system, call);
  const bool faults = call.path == "/faults" || call.path.starts_with("/faults/");
  const bool listeners = call.path == "/down" || call.path == "/up";
  if (!faults && !listeners) return refusal(404, "there is no such control");
  if (system == nullptr) return refusal(422, "name a system with ?system=");
  return faults ? control_faults(*system, call) : control_listeners(demo, *system, call);
}

}  // namespace

io::Task<void> control(Exchange& exchange, Demo& demo, PlayedSystem* system, std::string_view served_by) {
  io::Task<Result<std::string>> reading = exchange.read_body(kMaxBodyBytes);
  const Result<std::string> body = co_await reading;
  if (!body) {
    io::Task<void> refusing = exchange.respond_problem(body.error().kind(), body.error().detail());
    co_await refusing;
    co_return;
  }
  constexpr std::string_view kPrefix = "/_control";
  const http::RequestHead& request = exchange.request();
  const auto named = query_value(request.query, "system");
  if (named) system = demo.find(*named);
  Answer answer;
  if (!request.path.starts_with(kPrefix) || (named && system == nullptr)) {
    answer = refusal(404, named ? "there is no such system" : "this port has /_control only");
  } else {
    const Method method = request.method == Method::head ? Method::get : request.method;
    answer =
        decide(demo, system, {.method = method, .path = request.path.substr(kPrefix.size()), .body = *body});
  }
  io::Task<void> sending = send_answer(exchange, answer, served_by);
  co_await sending;
}

}  // namespace linkspan::systems
