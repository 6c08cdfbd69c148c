#include "upstream/health_checker.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "upstream/exchange.h"
#include "upstream/job.h"

namespace linkspan::upstream {

namespace {

constexpr ClientLimits kLimits{.max_header_bytes = 32 * 1024, .max_body_bytes = 1024 * 1024};
constexpr MonotonicNs kFirstCheckWithinNs = kNsPerSecond;

std::string compose(const Server& server, const HealthSettings& settings) {
  std::string message = "GET " + settings.path + " HTTP/1.1\r\nHost: ";
  message += server.authority();
  message += "\r\nUser-Agent: linkspan-health-check\r\nAccept: */*\r\nConnection: close\r\n\r\n";
  return message;
}

bool expected(const HealthSettings& settings, int status) {
  return std::ranges::any_of(settings.expect,
                             [&](const StatusRange& range) { return range.contains(status); });
}

// Those of checks that are no longer made would stay for ever.
void forget_verdicts(Cluster& cluster) {
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    ServerState& state = cluster.server(i).state();
    if (state.is_healthy()) continue;
    state.healthy.store(true, std::memory_order_relaxed);
    state.set_health_detail({});
  }
}

// A connection of a check is used once, and closed also when the check is destroyed while it waits.
struct OneUse {
  explicit OneUse(Connection* c) : connection(c) {}
  OneUse(const OneUse&) = delete;
  OneUse& operator=(const OneUse&) = delete;
  ~OneUse() { connection->server().release(connection, false); }
  Connection* connection;
};

}  // namespace

struct HealthChecker::Probe {
  Probe(io::Loop& loop, Ref<Server> s) : server(std::move(s)), waiter(loop) {}

  std::string api;
  HealthSettings settings;
  Ref<Server> server;
  std::uint32_t failures = 0;   // in a row
  std::uint32_t successes = 0;  // in a row
  io::Waiter waiter;
  Job job;  // last, so that it goes first
};

HealthChecker::HealthChecker(ClusterSet& clusters, Logger log, StateChange on_change)
    : clusters_(clusters), log_(log), on_change_(std::move(on_change)) {}

HealthChecker::~HealthChecker() = default;

void HealthChecker::adopt() {
  std::unordered_map<const Server*, std::unique_ptr<Probe>> known;
  for (std::unique_ptr<Probe>& probe : probes_) {
    const Server* server = probe->server.get();
    known.emplace(server, std::move(probe));
  }
  probes_.clear();
  for (const ClusterRef& cluster : clusters_.clusters()) {
    if (!cluster->settings().health) {
      forget_verdicts(*cluster);
      continue;
    }
    for (std::size_t i = 0; i < cluster->size(); ++i) {
      Server& server = cluster->server(i);
      auto found = known.extract(&server);
      const bool is_new = found.empty() || found.mapped() == nullptr;
      std::unique_ptr<Probe> probe =
          is_new ? std::make_unique<Probe>(cluster->loop(), Ref<Server>(&server)) : std::move(found.mapped());
      probe->api = cluster->name();
      probe->settings = *cluster->settings().health;
      if (is_new) probe->job = start(watch(*this, *probe));
      probes_.push_back(std::move(probe));
    }
  }
}

io::Task<void> HealthChecker::watch(HealthChecker& checker, Probe& probe) {
  io::Loop& loop = probe.waiter.loop();
  const MonotonicNs within = std::min(probe.settings.every_ns, kFirstCheckWithinNs);
  auto delay = static_cast<MonotonicNs>(checker.random_.next_unit() * static_cast<double>(within));
  while (true) {
    const MonotonicNs due = loop.now() + delay;
    while (loop.now() < due) co_await probe.waiter.wait(due);
    co_await check(checker, probe);
    // A tenth earlier or later, so that checks of many servers and nodes do not fall together.
    const double jitter = 0.9 + 0.2 * checker.random_.next_unit();
    delay = static_cast<MonotonicNs>(jitter * static_cast<double>(probe.settings.every_ns));
  }
}

io::Task<void> HealthChecker::check(HealthChecker& checker, Probe& probe) {
  const MonotonicNs deadline = probe.waiter.loop().now() + probe.settings.timeout_ns;
  const std::string message = compose(*probe.server, probe.settings);
  Result<Connection*> opened = co_await probe.server->open_unlimited(probe.waiter, deadline);
  if (!opened) {
    if (failure_of_open_error(opened.error()) == Failure::own_want)
      co_return;  // says nothing about the server
    checker.judge(probe, opened.error().detail());
    co_return;
  }
  OneUse connection(*opened);
  const ExchangeDeadlines deadlines{deadline, deadline};
  const ExchangeResult result =
      co_await exchange(*connection.connection, probe.waiter, message, http::Method::get, kLimits, deadlines);
  std::string failure;
  if (result.error) {
    failure = result.error->detail();
  } else if (!expected(probe.settings, result.response.status)) {
    failure = "answered " + std::to_string(result.response.status);
  }
  if (!failure.empty()) failure = "GET " + probe.settings.path + ": " + failure;
  checker.judge(probe, failure);
}

void HealthChecker::judge(Probe& probe, std::string_view failure) {
  ServerState& state = probe.server->state();
  const bool was_healthy = state.is_healthy();
  if (failure.empty()) {
    if (probe.failures > 0) state.set_health_detail({});
    probe.failures = 0;
    ++probe.successes;
    if (was_healthy || probe.successes < probe.settings.healthy_after) return;
  } else {
    probe.successes = 0;
    ++probe.failures;
    state.set_health_detail(std::string(failure));
    if (!was_healthy || probe.failures < probe.settings.unhealthy_after) return;
  }
  state.healthy.store(!was_healthy, std::memory_order_relaxed);
  announce(probe, !was_healthy, failure);
}

void HealthChecker::announce(const Probe& probe, bool healthy, std::string_view why) {
  const std::string& label = probe.server->label();
  if (healthy) {
    log_.info("server is healthy again", {{"api", probe.api}, {"server", label}});
  } else {
    log_.warn("server is unhealthy", {{"api", probe.api}, {"server", label}, {"why", why}});
  }
  if (on_change_) on_change_(probe.api, label, healthy, why);
}

}  // namespace linkspan::upstream
