#include "io/resolver.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "io/dns_channel.h"
#include "io/list_link.h"

namespace linkspan::io {

namespace {

// A task that waits for an answer; unlinks itself if it is destroyed meanwhile.
struct Pending : ListLink {
  explicit Pending(Waiter& w) : waiter(&w) {}
  ~Pending() { unlink(); }
  Waiter* waiter;
  bool done = false;
};

struct Entry {
  std::vector<SocketAddress> addresses;  // the last good answer
  std::string problem;                   // of the last query; empty if it was good
  bool stale = false;                    // `addresses` stand in for a failed query
  bool asking = false;
  MonotonicNs settled_until = 0;  // until then no query is needed
  MonotonicNs usable_until = 0;   // of `addresses`, stale time included
  ListLink waiting;
};

Resolution resolution_of(const Entry& entry, std::uint16_t port) {
  Resolution resolution{entry.addresses, entry.settled_until, entry.stale};
  for (SocketAddress& address : resolution.addresses) address.set_port(port);
  return resolution;
}

Error failure_of(const std::string& host, std::string_view problem) {
  return {errors::upstream_dns_failed, "\"" + host + "\": " + std::string(problem)};
}

}  // namespace

struct DnsResolver::Impl {
  Impl(Loop& l, const DnsOptions& o) : loop(l), options(o) {}

  Entry& entry_of(const std::string& name);
  void make_room();
  void on_answer(const std::string& name, DnsAnswer answer);
  void store(Entry& entry, DnsAnswer answer) const;

  Loop& loop;
  DnsOptions options;
  std::unique_ptr<DnsChannel> channel;
  std::unordered_map<std::string, Entry> entries;
};

Entry& DnsResolver::Impl::entry_of(const std::string& name) {
  const auto found = entries.find(name);
  if (found != entries.end()) return found->second;
  if (entries.size() >= options.max_cached_names) make_room();
  return entries[name];
}

void DnsResolver::Impl::make_room() {
  const auto in_use = [](const Entry& entry) { return entry.asking || entry.waiting.linked(); };
  std::erase_if(entries, [&](const auto& item) {
    return !in_use(item.second) && item.second.settled_until <= loop.now();
  });
  if (entries.size() < options.max_cached_names) return;
  const auto any = std::ranges::find_if(entries, [&](const auto& item) { return !in_use(item.second); });
  if (any != entries.end()) entries.erase(any);
}

void DnsResolver::Impl::store(Entry& entry, DnsAnswer answer) const {
  const MonotonicNs now = loop.now();
  entry.asking = false;
  entry.problem = std::move(answer.problem);
  entry.stale = false;
  if (answer.outcome == DnsAnswer::Outcome::found) {
    const std::int64_t ttl_ms =
        std::clamp<std::int64_t>(answer.ttl_ms, std::max(options.min_ttl_ms, 1),
                                 std::max({options.max_ttl_ms, options.min_ttl_ms, 1}));
    entry.addresses = std::move(answer.addresses);
    entry.settled_until = now + ttl_ms * kNsPerMs;
    entry.usable_until = entry.settled_until + options.stale_for_ms * kNsPerMs;
    return;
  }
  entry.settled_until = now + std::max(options.negative_ttl_ms, 1) * kNsPerMs;
  const bool may_stand_in = answer.outcome == DnsAnswer::Outcome::servers_failed && now < entry.usable_until;
  if (may_stand_in) {
    entry.stale = true;
  } else {
    entry.addresses.clear();
    entry.usable_until = 0;
  }
}

void DnsResolver::Impl::on_answer(const std::string& name, DnsAnswer answer) {
  Entry& entry = entry_of(name);
  store(entry, std::move(answer));
  // What they do may reach any entry, this one too, so they leave it first.
  ListLink woken;
  if (entry.waiting.linked()) {
    entry.waiting.insert_before(woken);
    entry.waiting.unlink();
  }
  while (woken.linked()) {
    auto& pending = static_cast<Pending&>(*woken.next);
    pending.unlink();
    pending.done = true;
    pending.waiter->notify();
  }
}

Result<std::unique_ptr<DnsResolver>> DnsResolver::create(Loop& loop, const DnsOptions& options) {
  auto impl = std::make_unique<Impl>(loop, options);
  Impl* self = impl.get();
  Result<std::unique_ptr<DnsChannel>> channel = DnsChannel::create(
      loop, options,
      [self](const std::string& name, DnsAnswer answer) { self->on_answer(name, std::move(answer)); });
  if (!channel) return std::move(channel).error();
  impl->channel = *std::move(channel);
  return std::unique_ptr<DnsResolver>(new DnsResolver(std::move(impl)));
}

DnsResolver::DnsResolver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DnsResolver::~DnsResolver() = default;

Task<Result<Resolution>> DnsResolver::resolve(std::string host, std::uint16_t port, Waiter& waiter,
                                              MonotonicNs deadline) {
  Result<SocketAddress> numeric = SocketAddress::parse(host, port);
  if (numeric) co_return Resolution{{*numeric}, Resolution::kForever, false};
  const std::string name = to_lower_ascii(host);
  Loop& loop = impl_->loop;
  while (true) {
    Entry* entry = &impl_->entry_of(name);
    if (!entry->asking && loop.now() >= entry->settled_until) {
      entry->asking = true;
      impl_->channel->ask(name);
      entry = &impl_->entry_of(name);
    }
    if (!entry->asking) {
      if (entry->addresses.empty()) co_return failure_of(host, entry->problem);
      co_return resolution_of(*entry, port);
    }
    Pending pending(waiter);
    entry->waiting.insert_before(pending);
    while (!pending.done) {
      const Wake wake = co_await waiter.wait(deadline);
      if (wake == Wake::notified || pending.done) continue;
      const Entry& late = impl_->entry_of(name);
      if (!late.addresses.empty() && loop.now() < late.usable_until) {
        Resolution standing_in = resolution_of(late, port);
        standing_in.stale = true;
        co_return standing_in;
      }
      co_return failure_of(host, "the DNS servers did not answer in time");
    }
  }
}

}  // namespace linkspan::io
