#include "gateway/proxy/gateway_handler.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error_kinds.h"
#include "gateway/proxy/request_writer.h"
#include "gateway/server/server.h"
#include "http/forwarded.h"
#include "io/tls_peer.h"

namespace linkspan::gateway {

namespace {

constexpr std::size_t kKeptStates = 256;

// Ids of trusted proxies are taken over if they are short and harmless wherever ids go: header fields, logs,
// URLs.
bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= RequestState::kMaxRequestIdBytes &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

std::span<const ResponseField> fields_of(const RequestContext& context) {
  return {context.response_fields.begin(), context.response_fields.size()};
}

}  // namespace

GatewayHandler::GatewayHandler(upstream::ClusterSet& clusters, MetricShard& shard, GaugeId in_flight,
                               LogRing& access_ring, FlowIntake& flows, Logger log)
    : clusters_(clusters),
      shard_(shard),
      in_flight_(in_flight),
      access_ring_(access_ring),
      flows_(flows),
      log_(log),
      response_fields_(new http::Field[kMaxResponseFields]),
      response_head_(std::span(response_fields_.get(), kMaxResponseFields)) {}

GatewayHandler::~GatewayHandler() = default;

void GatewayHandler::adopt(std::shared_ptr<const Snapshot> snapshot, const upstream::ClusterList& clusters) {
  clusters_.adopt(clusters);
  view_ = WorkerViewRef(new WorkerView(std::move(snapshot), clusters_.clusters()));
}

RequestState* GatewayHandler::take_state() {
  if (free_states_.empty()) return new RequestState;
  RequestState* state = free_states_.back().release();
  free_states_.pop_back();
  return state;
}

io::Task<void> GatewayHandler::handle(Exchange& exchange) {
  RequestState* state = take_state();
  begin(exchange, *state);
  const Decision decision = decide(exchange, *state);
  if (decision.kind == Decision::Kind::proxy) {
    io::Task<void> forwarding = forward(exchange, *state);
    co_await forwarding;
  } else if (decision.kind == Decision::Kind::flow) {
    io::Task<void> giving = give_to_flow(exchange, *state);
    co_await giving;
  } else {
    io::Task<void> answering = answer(exchange, *state, decision);
    co_await answering;
  }
  record(exchange, *state);
  state->relay.reset();
  state->view = {};
  if (free_states_.size() < kKeptStates) {
    free_states_.emplace_back(state);
  } else {
    delete state;
  }
}

void GatewayHandler::begin(Exchange& exchange, RequestState& state) {
  const http::RequestHead& head = exchange.request();
  state.view = view_;
  view_->snapshot->router.fetch_ahead(head.path);
  state.error = nullptr;
  state.api = {};
  state.server = nullptr;
  state.attempts = 0;
  state.wait_ns = state.connect_ns = state.first_byte_ns = -1;
  state.peer = http::format_ip_address(exchange.peer(), state.peer_text.data());
  state.client = state.peer;
  http::IpAddress client = exchange.peer();
  const http::NetworkSet& trusted = exchange.listener().trusted_proxies;
  state.peer_trusted = !trusted.empty() && trusted.contains(exchange.peer());
  if (state.peer_trusted) {
    client = http::client_info(head.fields, exchange.peer(), exchange.is_tls(), trusted).address;
    state.client = http::format_ip_address(client, state.client_text.data());
  }
  state.context.start(head, client, exchange.started_ns(), scratch_);
  shard_.add(in_flight_, 1);
}

// What does not depend on the decision is done between its steps, while memory brings what the next one
// needs.
Decision GatewayHandler::decide(Exchange& exchange, RequestState& state) {
  const http::RequestHead& head = exchange.request();
  RequestContext& context = state.context;
  const std::optional<Decision> early = route(*state.view->snapshot, context);
  choose_request_id(head, state);
  exchange.set_request_id(context.request_id);
  const bool identified = !early && identify(context);
  continue_trace(head, state);
  if (early) return *early;
  return identified ? admit(context) : Decision{};
}

void GatewayHandler::choose_request_id(const http::RequestHead& head, RequestState& state) {
  const std::string_view given = head.fields.value(http::HeaderId::x_request_id);
  if (state.peer_trusted && is_request_id(given)) {
    std::memcpy(state.request_id.data(), given.data(), given.size());
    state.context.request_id = {state.request_id.data(), given.size()};
    return;
  }
  char id[32];
  random_.fill_hex128(id);
  std::memcpy(state.request_id.data(), id, sizeof id);
  state.context.request_id = {state.request_id.data(), sizeof id};
}

void GatewayHandler::continue_trace(const http::RequestHead& head, RequestState& state) {
  const std::string_view given = head.fields.value(http::HeaderId::traceparent);
  const std::optional<TraceContext> parent =
      given.empty() || head.fields.repeated(http::HeaderId::traceparent) ? std::nullopt
                                                                         : parse_traceparent(given);
  state.trace = parent ? child_of(*parent, random_) : new_trace(random_, false);
  state.keep_trace_state = parent && head.fields.contains(http::HeaderId::tracestate) &&
                           tracestate_is_valid(head.fields.value(http::HeaderId::tracestate));
}

io::Task<void> GatewayHandler::answer(Exchange& exchange, RequestState& state, Decision decision) {
  if (decision.kind == Decision::Kind::refuse) {
    io::Task<void> refusing =
        refuse(exchange, state, *state.context.refusal.kind, state.context.refusal.detail);
    co_await refusing;
    co_return;
  }
  state.context.response_fields.add("X-Request-Id", state.context.request_id);
  const Response response{.status = decision.response->status,
                          .content_type = {},
                          .fields = fields_of(state.context),
                          .lines = decision.response->lines,
                          .body = decision.response->body};
  io::Task<void> responding = exchange.respond(response);
  co_await responding;
}

io::Task<void> GatewayHandler::give_to_flow(Exchange& exchange, RequestState& state) {
  state.context.response_fields.add("X-Request-Id", state.context.request_id);
  FlowRequest request{.context = state.context, .client = state.client};
  io::Task<void> handling = flows_.handle(exchange, request);
  co_await handling;
  state.error = request.error;
}

io::Task<void> GatewayHandler::refuse(Exchange& exchange, RequestState& state, const ErrorKind& kind,
                                      std::string_view detail) {
  state.error = &kind;
  if (log_.enabled(Level::debug)) {
    log_.debug("request refused", {{"request_id", state.context.request_id},
                                   {"client", state.client},
                                   {"error", kind.slug},
                                   {"detail", detail}});
  }
  state.context.response_fields.add("X-Request-Id", state.context.request_id);
  io::Task<void> responding = exchange.respond_problem(kind, detail, fields_of(state.context));
  co_await responding;
}

void GatewayHandler::record(Exchange& exchange, RequestState& state) {
  const http::RequestHead& head = exchange.request();
  const RequestContext& context = state.context;
  const io::Loop& loop = exchange.loop();
  const MonotonicNs finished_ns = loop.clock().monotonic_ns();
  RequestRecord record;
  record.finished_at_ns = loop.wall_ns_at(finished_ns);
  record.request_id = context.request_id;
  record.trace = &state.trace;
  record.client = state.client;
  if (context.consumer != nullptr) record.consumer = context.consumer->name;
  record.key_id = context.key_id;
  record.endpoint = context.endpoint;
  record.method = head.method;
  record.method_name = head.method_name;
  record.host = head.host;
  record.path = head.path;
  record.query = head.query;
  record.protocol = head.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
  if (exchange.is_tls()) record.tls = io::tls_version(exchange.client().tls());
  record.user_agent = head.fields.value(http::HeaderId::user_agent);
  record.referer = head.fields.value(http::HeaderId::referer);
  record.status = exchange.status();
  record.error = state.error;
  record.bytes_in = exchange.head_bytes() + exchange.body().payload_bytes();
  record.bytes_out = exchange.response_bytes();
  record.api = state.api;
  if (state.server != nullptr) record.server = state.server->label();
  record.attempts = state.attempts;
  record.wait_ns = state.wait_ns;
  record.connect_ns = state.connect_ns;
  record.first_byte_ns = state.first_byte_ns;
  record.total_ns = finished_ns - exchange.started_ns();
  state.view->snapshot->metrics_of(context.endpoint).record(record, shard_);
  state.view->access_log.write(record, access_ring_);
  shard_.add(in_flight_, -1);
}

std::string_view GatewayHandler::name_malformed(char (&storage)[kMalformedIdBytes]) {
  random_.fill_hex128(storage);
  return {storage, kMalformedIdBytes};
}

void GatewayHandler::on_malformed(Exchange& exchange, const ErrorKind& kind, std::string_view detail) {
  std::array<char, http::kMaxIpAddressText> peer;
  const io::Loop& loop = exchange.loop();
  const MonotonicNs finished_ns = loop.clock().monotonic_ns();
  RequestRecord record;
  record.finished_at_ns = loop.wall_ns_at(finished_ns);
  record.request_id = exchange.request_id();
  record.client = http::format_ip_address(exchange.peer(), peer.data());
  record.status = exchange.status();
  record.error = &kind;
  if (exchange.is_tls()) record.tls = io::tls_version(exchange.client().tls());
  record.bytes_in = exchange.head_bytes();
  record.bytes_out = exchange.response_bytes();
  record.total_ns = finished_ns - exchange.started_ns();
  view_->snapshot->metrics_of(nullptr).record(record, shard_);
  view_->access_log.write(record, access_ring_);
  if (log_.enabled(Level::debug)) {
    log_.debug("request refused", {{"request_id", record.request_id},
                                   {"client", record.client},
                                   {"error", kind.slug},
                                   {"detail", detail}});
  }
}

}  // namespace linkspan::gateway
