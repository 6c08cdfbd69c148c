#include "upstream/server.h"

#include <algorithm>
#include <utility>

#include "upstream/server_pending.h"

namespace linkspan::upstream {

namespace {

// With a limit, how often a worker looks whether another one waits for what it keeps idle, and a waiting
// request whether another worker has freed something.
constexpr MonotonicNs kShareIntervalNs = 20 * kNsPerMs;

std::string make_authority(const ServerSettings& settings) {
  const bool ipv6 = settings.host.find(':') != std::string::npos;
  std::string authority = ipv6 ? "[" + settings.host + "]" : settings.host;
  if (settings.port != (settings.https ? 443 : 80)) authority += ":" + std::to_string(settings.port);
  return authority;
}

}  // namespace

Server::Server(WorkerContext& context, const SharedCluster& cluster, std::size_t index)
    : context_(context),
      state_(cluster.state(index)),
      settings_(cluster.settings().servers[index]),
      pool_(cluster.settings().pool),
      tls_settings_(cluster.settings().tls),
      tls_(cluster.tls()),
      authority_(make_authority(settings_)),
      idle_timer_(*this) {}

Server::~Server() {
  drop_all_idle();
}

bool Server::same_peer(const SharedCluster& cluster, std::size_t index) const {
  const ServerSettings& other = cluster.settings().servers[index];
  return settings_.https == other.https && settings_.host == other.host && settings_.port == other.port &&
         (!settings_.https || tls_settings_ == cluster.settings().tls);
}

void Server::update(const SharedCluster& cluster, std::size_t index) {
  context_.metrics.add(settings_.metrics.connections, -std::int64_t{open_});
  context_.metrics.add(settings_.metrics.idle_connections, -std::int64_t{idle_});
  settings_ = cluster.settings().servers[index];
  context_.metrics.add(settings_.metrics.connections, open_);
  context_.metrics.add(settings_.metrics.idle_connections, idle_);
  pool_ = cluster.settings().pool;
  tls_ = cluster.tls();
  while (idle_ > pool_.max_idle_per_worker) drop_idle(oldest_);
  arm_idle_timer();
}

void Server::retire() {
  retired_ = true;
  drop_all_idle();
}

// ---- the pool

Connection* Server::take_idle(io::Waiter& waiter) {
  if (newest_ == nullptr || first_pending_ != nullptr) return nullptr;
  Connection* connection = pop_newest();
  connection->stream.set_waiter(&waiter);
  return connection;
}

void Server::release(Connection* connection, bool reusable) {
  --in_flight_;
  ++connection->exchanges_;
  const bool keep = reusable && !retired_ && idle_ < pool_.max_idle_per_worker && connection->is_quiet();
  const bool wanted_elsewhere =
      limited() && first_pending_ == nullptr && state_->waiting.load(std::memory_order_relaxed) != 0;
  if (!keep || wanted_elsewhere) {
    close(connection);
    return;
  }
  push_idle(connection);
  serve_waiting_soon();
}

Connection* Server::pop_newest() {
  Connection* connection = newest_;
  unlink_idle(connection);
  ++in_flight_;
  return connection;
}

void Server::push_idle(Connection* connection) {
  connection->newer_ = nullptr;
  connection->older_ = newest_;
  (newest_ != nullptr ? newest_->newer_ : oldest_) = connection;
  newest_ = connection;
  connection->idle_since_ = context_.loop.now();
  connection->stream.set_waiter(&connection->idle_waiter_);
  ++idle_;
  context_.metrics.add(settings_.metrics.idle_connections, 1);
  if (!idle_timer_.armed()) arm_idle_timer();
}

void Server::unlink_idle(Connection* connection) {
  (connection->newer_ != nullptr ? connection->newer_->older_ : newest_) = connection->older_;
  (connection->older_ != nullptr ? connection->older_->newer_ : oldest_) = connection->newer_;
  connection->newer_ = connection->older_ = nullptr;
  --idle_;
  context_.metrics.add(settings_.metrics.idle_connections, -1);
}

void Server::drop_idle(Connection* connection) {
  unlink_idle(connection);
  close(connection);
}

void Server::drop_all_idle() {
  while (newest_ != nullptr) drop_idle(newest_);
  idle_timer_.cancel();
}

void Server::close(Connection* connection) {
  connection->stream.close();
  --open_;
  context_.metrics.add(settings_.metrics.connections, -1);
  if (connection->counted_) free_slot();
  connection->counted_ = false;
  context_.connections.recycle(connection);
}

void Server::arm_idle_timer() {
  if (oldest_ == nullptr) return;
  MonotonicNs due = INT64_MAX;
  if (pool_.idle_timeout_ns > 0) due = oldest_->idle_since_ + pool_.idle_timeout_ns;
  if (limited()) due = std::min(due, context_.loop.now() + kShareIntervalNs);
  if (due != INT64_MAX) context_.loop.arm(idle_timer_, due);
}

void Server::check_idle() {
  const MonotonicNs now = context_.loop.now();
  while (oldest_ != nullptr && pool_.idle_timeout_ns > 0 &&
         oldest_->idle_since_ + pool_.idle_timeout_ns <= now) {
    drop_idle(oldest_);
  }
  if (limited() && first_pending_ == nullptr) {
    std::uint32_t wanted = state_->waiting.load(std::memory_order_relaxed);
    for (; wanted > 0 && oldest_ != nullptr; --wanted) drop_idle(oldest_);
  }
  arm_idle_timer();
}

// ---- the limit

bool Server::try_slot() {
  std::atomic<std::uint32_t>& count = state_->connections;
  std::uint32_t open = count.load(std::memory_order_relaxed);
  while (open < pool_.max_connections) {
    if (count.compare_exchange_weak(open, open + 1, std::memory_order_relaxed)) return true;
  }
  return false;
}

void Server::free_slot() {
  state_->connections.fetch_sub(1, std::memory_order_relaxed);
  serve_waiting_soon();
}

bool Server::grant(Pending& pending) {
  if (newest_ != nullptr) {
    pending.connection = pop_newest();
  } else {
    pending.has_slot = try_slot();
  }
  if (pending.granted()) pending.leave();
  return pending.granted();
}

void Server::serve_waiting() {
  while (first_pending_ != nullptr) {
    Pending& pending = *first_pending_;
    const bool granted = grant(pending);
    if (!granted && pending.polls) return;
    pending.waiter.notify();
    if (!granted) return;
  }
}

// A message instead of a call, since whoever gives a connection back is in the middle of its own work.
void Server::serve_waiting_soon() {
  if (first_pending_ == nullptr || serving_soon_) return;
  serving_soon_ = true;
  context_.loop.post([self = Ref<Server>(this)] {
    self->serving_soon_ = false;
    self->serve_waiting();
  });
}

io::Task<Result<Connection*>> Server::open(io::Waiter& waiter, MonotonicNs deadline, MonotonicNs* waited_ns) {
  if (!limited()) {
    auto opened = co_await open_new(waiter, deadline, false);
    co_return opened;
  }
  if (first_pending_ == nullptr && try_slot()) {
    auto opened = co_await open_new(waiter, deadline, true);
    co_return opened;
  }
  if (pending_ >= pool_.max_waiting) co_return line_too_long();
  const MonotonicNs since = context_.loop.now();
  bool has_slot = false;
  {
    Pending pending(*this, waiter);
    while (!pending.granted()) {
      const MonotonicNs now = context_.loop.now();
      if (waited_ns != nullptr) *waited_ns = now - since;
      if (now >= deadline) co_return waited_too_long(now - since);
      pending.polls = first_pending_ == &pending;
      const MonotonicNs look_again = pending.polls ? std::min(deadline, now + kShareIntervalNs) : deadline;
      co_await waiter.wait(look_again);
      if (!pending.granted() && first_pending_ == &pending) grant(pending);
    }
    if (waited_ns != nullptr) *waited_ns = context_.loop.now() - since;
    has_slot = std::exchange(pending.has_slot, false);
    if (pending.connection != nullptr) {
      pending.connection->stream.set_waiter(&waiter);
      co_return std::exchange(pending.connection, nullptr);
    }
  }
  auto opened = co_await open_new(waiter, deadline, has_slot);
  co_return opened;
}

}  // namespace linkspan::upstream
