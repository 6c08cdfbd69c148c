#include "app/flows/flow_intake.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "app/flows/flow_routes.h"
#include "app/flows/run_document.h"
#include "base/error_kinds.h"
#include "base/fault_point.h"
#include "data/json_write.h"
#include "gateway/endpoint.h"

namespace linkspan::app {

namespace {

// Bodies of endpoints without a limit.
constexpr std::size_t kMaxBodyBytes = 64 * 1024 * 1024;
constexpr data::JsonLimits kJsonLimits{
    .max_bytes = kMaxBodyBytes, .max_depth = 256, .allow_non_finite = false};
// Starts of one worker that are not yet on disk; more are refused rather than kept waiting.
constexpr std::size_t kMaxWaiting = 20'000;
// For a store that does not answer.
constexpr std::int64_t kCommitNs = 60 * kNsPerSecond;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProblemJson = "application/problem+json";
constexpr std::string_view kRetrySoon = "Retry-After: 1\r\n";

}  // namespace

// What a request waits for; touched on the worker's thread only.
struct WorkerFlowIntake::Pending {
  io::Waiter* waiter = nullptr;  // null: nobody waits any more
  std::optional<flow::StartOutcome> started;
  std::optional<flow::RunAnswer> answer;
  std::optional<Result<data::JsonValue>> document;  // of a run's status

  void wake() const {
    if (waiter != nullptr) waiter->notify();
  }
};

struct WorkerFlowIntake::Reply {
  int status = 200;
  std::string body;
  std::string_view content_type = kJson;
  std::string lines;
  const ErrorKind* error = nullptr;
};

namespace {

// Takes the coroutine off the list of those who wait, however it ends.
template <typename P>
class Attention {
 public:
  Attention(std::shared_ptr<P> pending, io::Waiter& waiter, std::size_t& count)
      : pending_(std::move(pending)), count_(count) {
    pending_->waiter = &waiter;
    ++count_;
  }
  Attention(const Attention&) = delete;
  Attention& operator=(const Attention&) = delete;
  ~Attention() {
    pending_->waiter = nullptr;
    --count_;
  }

 private:
  std::shared_ptr<P> pending_;
  std::size_t& count_;
};

// The answer of a run that the engine does not have in memory any more.
template <typename P>
void answer_from_store(store::Store& store, store::RunNo run, std::shared_ptr<P> pending, io::Loop& loop) {
  store.load(run, [pending, &loop](Result<store::StoredRun> stored) {
    std::optional<flow::RunAnswer> answer = stored ? answer_of(*stored) : std::nullopt;
    if (!answer) return;  // whoever waits gets the URL of its status
    auto found = std::make_shared<flow::RunAnswer>(std::move(*answer));
    loop.post([pending, found] {
      pending->answer = std::move(*found);
      pending->wake();
    });
  });
}

// On the thread of the flows.
template <typename P>
void start_on_flow_thread(FlowWork& work, flow::StartRequest request, std::shared_ptr<P> pending,
                          io::Loop& loop, bool wants_answer) {
  flow::Engine& engine = work.engine;
  store::Store& store = work.store;
  engine.start(
      std::move(request), [&engine, &store, pending, &loop, wants_answer](flow::StartOutcome outcome) {
        const bool failed = outcome.error.has_value();
        const store::RunNo run = outcome.run;
        auto told = std::make_shared<flow::StartOutcome>(std::move(outcome));
        loop.post([pending, told] {
          pending->started = std::move(*told);
          pending->wake();
        });
        if (failed || !wants_answer) return;
        const bool known = engine.when_answered(run, [pending, &loop](const flow::RunAnswer& answer) {
          loop.post([pending, answer] {
            pending->answer = answer;
            pending->wake();
          });
        });
        if (!known) answer_from_store(store, run, pending, loop);
      });
}

}  // namespace

WorkerFlowIntake::WorkerFlowIntake(FlowHost& host, const Clock& clock)
    : host_(host), clock_(clock), parser_(kJsonLimits), evaluator_(clock), approvals_(host) {}

io::Task<void> WorkerFlowIntake::handle(gateway::Exchange& exchange, gateway::FlowRequest& request) {
  const std::uint32_t index = request.context.endpoint->index;
  const std::shared_ptr<const FlowSet> flows = flows_;
  const std::optional<FlowRoute> route =
      flows != nullptr && index < flows->routes.size() ? flows->routes[index] : std::nullopt;
  if (!route || !host_.is_open()) {
    request.error = &errors::flow_unknown;
    io::Task<void> refusing = exchange.respond_problem(
        errors::flow_unknown, "the flow of this endpoint is not there", request.context.response_fields);
    co_await refusing;
  } else if (route->kind == FlowRoute::Kind::approval) {
    io::Task<void> asking = approvals_.handle(exchange, request);
    co_await asking;
  } else if (route->kind == FlowRoute::Kind::status) {
    io::Task<void> telling = tell_status(exchange, request, flows, *route);
    co_await telling;
  } else {
    io::Task<void> starting = start_run(exchange, request, flows, *route);
    co_await starting;
  }
}

io::Task<void> WorkerFlowIntake::await(gateway::Exchange& exchange, std::shared_ptr<Pending> pending,
                                       MonotonicNs deadline, bool for_answer) {
  const Attention<Pending> attention(pending, exchange.waiter(), waiting_);
  while (!exchange.client().broken() && exchange.loop().now() < deadline) {
    if (pending->document || pending->answer) co_return;
    if (pending->started && (!for_answer || pending->started->error)) co_return;
    co_await exchange.waiter().wait(deadline);
  }
}

io::Task<void> WorkerFlowIntake::start_run(gateway::Exchange& exchange, gateway::FlowRequest& request,
                                           std::shared_ptr<const FlowSet> flows, FlowRoute route) {
  const gateway::RequestContext& context = request.context;
  const std::uint64_t max_bytes = context.endpoint->max_body_bytes;
  std::string body;
  if (!exchange.body().finished()) {
    io::Task<Result<std::string>> reading = exchange.read_body(
        max_bytes == config::kUnlimited ? kMaxBodyBytes : std::min<std::uint64_t>(max_bytes, kMaxBodyBytes));
    Result<std::string> read = co_await reading;
    if (!read) {
      request.error = &read.error().kind();
      io::Task<void> refusing =
          exchange.respond_problem(read.error().kind(), read.error().detail(), context.response_fields);
      co_await refusing;
      co_return;
    }
    body = std::move(*read);
  }
  const IntakeInput input{
      .flow = flows->flows[route.flow],
      .kind = route.kind,
      .config = *flows->config,
      .endpoint = *context.endpoint->config,
      .head = exchange.request(),
      .body = body,
      .consumer = context.consumer == nullptr ? std::string_view() : std::string_view(context.consumer->name),
      .request_id = context.request_id,
      .now = clock_.wall_ns()};
  std::variant<flow::StartRequest, IntakeRefusal> made = make_start_request(input, parser_, evaluator_);
  auto* refusal = std::get_if<IntakeRefusal>(&made);
  std::optional<IntakeRefusal> too_many;
  if (refusal == nullptr && waiting_ >= kMaxWaiting) {
    too_many = IntakeRefusal{&errors::overloaded, "too many runs are being started", {}};
    refusal = &*too_many;
  }
  if (refusal != nullptr) {
    Reply reply{.status = refusal->kind->status,
                .body = problem_document(*refusal, context.request_id),
                .content_type = kProblemJson,
                .lines = {},
                .error = refusal->kind};
    if (reply.status == 503) reply.lines = kRetrySoon;
    io::Task<void> refusing = send(exchange, request, std::move(reply));
    co_await refusing;
    co_return;
  }
  const Duration respond_within = config::flow_of(*context.endpoint->config)->respond_within;
  const bool for_answer = route.kind == FlowRoute::Kind::answer && respond_within > config::kNoDuration;
  const auto pending = std::make_shared<Pending>();
  auto start = std::make_shared<flow::StartRequest>(std::move(std::get<flow::StartRequest>(made)));
  host_.post([start, pending, &loop = exchange.loop(), for_answer](FlowWork& work) {
    start_on_flow_thread(work, std::move(*start), pending, loop, for_answer);
  });
  const MonotonicNs now = exchange.loop().now();
  const MonotonicNs patience = for_answer ? respond_within.count() : kCommitNs;
  io::Task<void> waiting = await(exchange, pending, now + patience, for_answer);
  co_await waiting;
  if (for_answer && !pending->started) {  // the promise of a status URL needs the commit
    io::Task<void> committing = await(exchange, pending, now + patience + kCommitNs, false);
    co_await committing;
  }
  Reply reply = reply_to(request, *pending, route);
  LINKSPAN_FAULT_POINT("app:before-acknowledge");
  io::Task<void> answering = send(exchange, request, std::move(reply));
  co_await answering;
}

WorkerFlowIntake::Reply WorkerFlowIntake::reply_to(const gateway::FlowRequest& request,
                                                   const Pending& pending, FlowRoute route) const {
  const std::string_view instance = request.context.request_id;
  const auto refuse = [instance](const ErrorKind& kind, std::string detail) {
    return Reply{.status = kind.status,
                 .body = problem_document({&kind, std::move(detail), {}}, instance),
                 .content_type = kProblemJson,
                 .lines = kind.status == 503 ? std::string(kRetrySoon) : std::string(),
                 .error = &kind};
  };
  if (!pending.started) return refuse(errors::overloaded, "the start of the run was not on disk in time");
  const flow::StartOutcome& started = *pending.started;
  if (started.error) return refuse(started.error->kind(), started.error->detail());
  Reply reply;
  if (route.has_status) {
    reply.lines = "Location: " + status_path(request.context.path, host_.status_id(started.run_id)) + "\r\n";
  }
  if (!pending.answer) {
    data::JsonValue body = data::JsonValue::object({{"run", started.run_id}});
    const bool repeats = route.kind == FlowRoute::Kind::accept && started.is_duplicate;
    reply.status = repeats ? 200 : 202;
    reply.body = data::write_json(body);
    return reply;
  }
  const flow::RunAnswer& answer = *pending.answer;
  const bool undone = answer.http_status == 0 && (answer.status == flow::RunStatus::undone ||
                                                  answer.status == flow::RunStatus::cancelled);
  if (undone) {
    Reply refusal =
        refuse(errors::flow_undone, answer.reason.empty() ? "what was begun has been undone" : answer.reason);
    refusal.lines += reply.lines;
    return refusal;
  }
  reply.status = answer.http_status == 0 ? 200 : answer.http_status;
  reply.body = data::write_json(answer.body);
  return reply;
}

io::Task<void> WorkerFlowIntake::tell_status(gateway::Exchange& exchange, gateway::FlowRequest& request,
                                             std::shared_ptr<const FlowSet> flows, FlowRoute route) {
  const gateway::RequestContext& context = request.context;
  const std::string id(host_.run_of_status_id(context.params[context.params.size() - 1]));
  const auto pending = std::make_shared<Pending>();
  if (id.empty()) {
    pending->document.emplace(Error(errors::run_not_found, "there is no run of this address"));
  } else {
    const std::string& flow = flows->flows[route.flow].config->name;
    host_.post([pending, id, flow, &loop = exchange.loop()](FlowWork& work) {
      work.store.load(work.engine.run_of(id), [pending, id, flow, &loop](Result<store::StoredRun> run) {
        auto document = std::make_shared<Result<data::JsonValue>>(
            !run ? Result<data::JsonValue>(std::move(run).error())
            : run->row.flow != flow
                ? Result<data::JsonValue>(Error(errors::run_not_found, "there is no such run"))
                : Result<data::JsonValue>(status_document(id, *run)));
        loop.post([pending, document] {
          pending->document = std::move(*document);
          pending->wake();
        });
      });
    });
  }
  io::Task<void> waiting = await(exchange, pending, exchange.loop().now() + kCommitNs, false);
  co_await waiting;
  Reply reply;
  if (pending->document && pending->document->ok()) {
    reply.body = data::write_json(pending->document->value());
    reply.lines = "Cache-Control: no-store\r\n";
  } else {
    const ErrorKind& kind = pending->document ? pending->document->error().kind() : errors::store_failed;
    const std::string detail =
        pending->document ? pending->document->error().detail() : "the store does not answer";
    reply.status = kind.status;
    reply.body = problem_document({&kind, detail, {}}, context.request_id);
    reply.content_type = kProblemJson;
    reply.error = &kind;
  }
  io::Task<void> answering = send(exchange, request, std::move(reply));
  co_await answering;
}

io::Task<void> WorkerFlowIntake::send(gateway::Exchange& exchange, gateway::FlowRequest& request,
                                      Reply reply) {
  if (exchange.client().broken()) {
    request.error = &errors::client_closed;
    exchange.set_response_state(gateway::ResponseState::broken);
    co_return;
  }
  request.error = reply.error;
  const gateway::Response response{.status = reply.status,
                                   .content_type = reply.content_type,
                                   .fields = request.context.response_fields,
                                   .lines = reply.lines,
                                   .body = reply.body};
  io::Task<void> responding = exchange.respond(response);
  co_await responding;
}

}  // namespace linkspan::app
