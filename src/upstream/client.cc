#include "upstream/client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "http/head_writer.h"
#include "http/header_id.h"
#include "upstream/exchange.h"
#include "upstream/outlier.h"

namespace linkspan::upstream {

namespace {

bool is_target(std::string_view target) {
  return !target.empty() && target.front() == '/' &&
         std::ranges::all_of(target, [](char c) { return c > ' ' && c != '\x7f'; });
}

// Fields that this client writes itself, or that would change how the message is framed.
constexpr http::HeaderSet kOurs =
    http::kHopByHop |
    http::HeaderSet{http::HeaderId::host, http::HeaderId::content_length, http::HeaderId::expect};

bool has_body_by_nature(http::Method method) {
  return method == http::Method::post || method == http::Method::put || method == http::Method::patch;
}

// All of the message but the request line and Host, which depend on the server.
Result<std::string> compose_fields(const ClusterSettings& settings, const Request& request) {
  std::string fields;
  for (const HeaderLine& line : request.headers) {
    if (!http::is_token(line.name) || !http::is_field_value(line.value)) {
      return Error(errors::header_invalid,
                   "a header field for api \"" + settings.name + "\" cannot be sent: " +
                       (http::is_token(line.name) ? line.name + " has control characters"
                                                  : std::string("its name is not valid")));
    }
    if (kOurs.contains(http::header_id(line.name))) continue;
    const std::string name = to_lower_ascii(line.name);
    if (std::ranges::find(settings.credential_names, name) != settings.credential_names.end()) continue;
    fields.append(line.name).append(": ").append(line.value).append("\r\n");
  }
  fields += settings.credential_lines;
  if (!request.body.empty() || has_body_by_nature(request.method)) {
    fields += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return fields;
}

std::string compose(const ClusterSettings& settings, const Request& request, const Server& server,
                    std::string_view fields) {
  std::string message(http::to_string(request.method));
  message.append(" ").append(settings.path_prefix).append(request.target).append(" HTTP/1.1\r\nHost: ");
  message.append(server.authority()).append("\r\n").append(fields).append("\r\n").append(request.body);
  return message;
}

Outcome outcome_of(const ExchangeResult& attempt) {
  if (!attempt.error) return outcome_of_status(attempt.response.status);
  switch (attempt.failure) {
    case Failure::connect:
    case Failure::own_want:
      return outcome_of_open_error(*attempt.error);
    case Failure::timeout:
      return Outcome::timeout;
    case Failure::bad_response:
      return Outcome::bad_response;
    case Failure::stale:
      return Outcome::cancelled;  // says nothing about the server
    default:
      return Outcome::reset;
  }
}

// Gives the connection back also when the task is destroyed while it waits.
struct CheckedOut {
  explicit CheckedOut(Connection* c) : connection(c) {}
  CheckedOut(const CheckedOut&) = delete;
  CheckedOut& operator=(const CheckedOut&) = delete;
  ~CheckedOut() {
    if (connection != nullptr) connection->server().release(connection, false);
  }
  void give_back(bool reusable) {
    Connection* mine = std::exchange(connection, nullptr);
    mine->server().release(mine, reusable);
  }
  Connection* connection;
};

struct AttemptOptions {
  http::Method method;
  ClientLimits limits;
  MonotonicNs deadline;
  bool fresh_connection;  // after a stale one: the others of the pool may be as dead
};

io::Task<ExchangeResult> attempt_at(Cluster& cluster, Server& server, io::Waiter& waiter, std::string message,
                                    AttemptOptions options) {
  const Timeouts& timeouts = cluster.settings().timeouts;
  const MonotonicNs deadline = options.deadline;
  io::Loop& loop = cluster.loop();
  Connection* connection = options.fresh_connection ? nullptr : server.take_idle(waiter);
  if (connection == nullptr) {
    const MonotonicNs connect_by = std::min(deadline, loop.now() + timeouts.connect_ns);
    Result<Connection*> opened = co_await server.open(waiter, connect_by);
    if (!opened) {
      ExchangeResult failed;
      failed.error = std::move(opened).error();
      failed.failure = failure_of_open_error(*failed.error);
      co_return failed;
    }
    connection = *opened;
  }
  CheckedOut checked_out(connection);
  const ExchangeDeadlines deadlines{std::min(deadline, loop.now() + timeouts.first_byte_ns), deadline};
  ExchangeResult result =
      co_await exchange(*connection, waiter, message, options.method, options.limits, deadlines);
  checked_out.give_back(result.reusable);
  if (result.error) result.error = std::move(*result.error).context(server.label());
  co_return result;
}

AttemptFacts facts_of(const ExchangeResult& attempt, const Request& request, AttemptFacts before) {
  before.failure = attempt.error ? attempt.failure : Failure::status;
  before.status = attempt.error ? 0 : attempt.response.status;
  before.bytes_sent = attempt.bytes_sent;
  before.idempotent = request.idempotent || http::is_idempotent(request.method);
  return before;
}

}  // namespace

io::Task<Result<Response>> send(Cluster& pinned, Request request, MonotonicNs deadline, ClientLimits limits,
                                bool* reached) {
  const ClusterRef cluster(&pinned);
  if (reached != nullptr) *reached = false;
  io::Waiter waiter(cluster->loop());
  const bool sendable = request.method != http::Method::other && request.method != http::Method::connect;
  if (!sendable || !is_target(request.target)) {
    co_return Error(errors::target_invalid,
                    "the target for api \"" + cluster->name() +
                        "\" is not a path with an optional query, or the method cannot be sent");
  }
  Result<std::string> fields = compose_fields(cluster->settings(), request);
  if (!fields) co_return std::move(fields).error();
  cluster->begin_request();
  PickInput input{.hash = request.hash, .tried = {}};
  AttemptFacts facts;
  std::uint32_t made = 0;
  while (true) {
    Server* server = cluster->pick(input);
    if (server == nullptr) co_return cluster->none_available();
    if (input.tried.contains(server)) {
      const MonotonicNs resume_at =
          cluster->loop().now() + retry_delay_ns(facts.attempts, cluster->random().next_unit());
      if (resume_at < deadline) co_await waiter.wait(resume_at);
    }
    std::string message = compose(cluster->settings(), request, *server, *fields);
    const AttemptOptions options{request.method, limits, deadline, facts.free_retry_used};
    auto attempting = attempt_at(*cluster, *server, waiter, std::move(message), options);
    ExchangeResult attempt = co_await attempting;
    ++made;
    if (reached != nullptr) *reached = *reached || attempt.bytes_sent;
    cluster->report(*server, outcome_of(attempt));
    facts = facts_of(attempt, request, facts);
    const bool free_before = facts.free_retry_used;
    if (cluster->loop().now() >= deadline || !cluster->may_retry(facts)) {
      if (attempt.error) co_return std::move(*attempt.error);
      attempt.response.attempts = made;
      attempt.response.server = server->label();
      co_return std::move(attempt.response);
    }
    if (facts.free_retry_used == free_before) {
      ++facts.attempts;
      input.tried.add(*server);
    }
  }
}

}  // namespace linkspan::upstream
