// Host names to addresses, without blocking. Resolver is the seam (tests pass their own); DnsResolver asks
// the system's DNS servers through c-ares and caches what they say for as long as they say it.
//
// One resolver per loop, used by its thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/loop.h"
#include "io/socket_address.h"
#include "io/task.h"
#include "io/waiter.h"

namespace linkspan::io {

struct Resolution {
  std::vector<SocketAddress> addresses;  // best first (RFC 6724), never empty, with the port asked for
  MonotonicNs expires_at = 0;  // loop time from which asking again may give another answer; kForever if never
  bool stale = false;          // the servers did not answer: this is what they said last

  static constexpr MonotonicNs kForever = INT64_MAX;
};

class Resolver {
 public:
  virtual ~Resolver() = default;

  // Numeric addresses, names in /etc/hosts and fresh cache entries are answered without suspending.
  // `deadline` is loop time; the task may be destroyed while it waits. Errors: upstream_dns_failed, saying
  // whether the name does not exist, the servers failed, or the deadline passed.
  virtual Task<Result<Resolution>> resolve(std::string host, std::uint16_t port, Waiter& waiter,
                                           MonotonicNs deadline) = 0;
};

struct DnsOptions {
  // "10.0.0.2", "10.0.0.2:5353", "[::1]:53". With servers given, names are absolute; without, servers and
  // search domains are those of /etc/resolv.conf.
  std::vector<std::string> servers;
  int query_timeout_ms = 2000;  // of the first try; later tries wait longer
  int tries = 3;
  int min_ttl_ms = 1'000;  // the servers' TTL is honoured between these two
  int max_ttl_ms = 300'000;
  int negative_ttl_ms = 2'000;  // for names that do not exist, and between tries at failing servers
  int stale_for_ms =
      60 * 60'000;  // how long after its TTL an answer may stand in while the servers fail (RFC 8767)
  std::size_t max_cached_names = 4096;
};

class DnsResolver final : public Resolver {
 public:
  // Fails with system_error for a malformed server list or when c-ares cannot start.
  static Result<std::unique_ptr<DnsResolver>> create(Loop& loop, const DnsOptions& options);
  // Tasks that still wait must have been destroyed before, and none that it wakes may destroy it.
  ~DnsResolver() override;

  Task<Result<Resolution>> resolve(std::string host, std::uint16_t port, Waiter& waiter,
                                   MonotonicNs deadline) override;

 private:
  struct Impl;
  explicit DnsResolver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace linkspan::io
