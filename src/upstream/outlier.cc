#include "upstream/outlier.h"

#include <algorithm>

#include "base/error_kinds.h"

namespace linkspan::upstream {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr std::int64_t kForgetAfterDurations = 8;

std::size_t count_ejected(const SharedCluster& cluster, MonotonicNs now) {
  std::size_t ejected = 0;
  for (std::size_t i = 0; i < cluster.size(); ++i) ejected += cluster.state(i)->is_ejected(now) ? 1 : 0;
  return ejected;
}

bool room_for_one_more(const SharedCluster& cluster, const EjectionSettings& settings, MonotonicNs now) {
  if (cluster.size() < 2 || settings.max_share <= 0) return false;
  const auto share = static_cast<std::size_t>(settings.max_share * static_cast<double>(cluster.size()));
  const std::size_t allowed = std::clamp<std::size_t>(share, 1, cluster.size());
  return count_ejected(cluster, now) < allowed;
}

}  // namespace

Outcome outcome_of_open_error(const Error& error) {
  const bool asked =
      &error.kind() != &errors::upstream_none_available && &error.kind() != &errors::out_of_sockets;
  return asked ? Outcome::connect_failed : Outcome::cancelled;
}

bool note_success(ServerState& server, MonotonicNs now) {
  if (server.consecutive_failures.load(kRelaxed) != 0) server.consecutive_failures.store(0, kRelaxed);
  if (!server.is_ejected(now)) return false;
  // The time stays as that of the last ejection's end, from which repeated ones are judged.
  return server.ejected_until_ns.exchange(now, kRelaxed) > now;
}

MonotonicNs note_failure(ServerState& server, const EjectionSettings& settings, const SharedCluster& cluster,
                         MonotonicNs now) {
  if (!settings.enabled) return 0;
  MonotonicNs until = server.ejected_until_ns.load(kRelaxed);
  if (until > now) return 0;
  const std::uint32_t failures = server.consecutive_failures.fetch_add(1, kRelaxed) + 1;
  if (failures < settings.after || !room_for_one_more(cluster, settings, now)) return 0;

  const bool forgotten = until == 0 || now - until > kForgetAfterDurations * settings.duration_ns;
  const std::uint32_t repeated = forgotten ? 1 : server.repeated_ejections.load(kRelaxed) + 1;
  const MonotonicNs longest = std::max(kMaxEjectionNs, settings.duration_ns);
  const MonotonicNs duration = std::min(settings.duration_ns * repeated, longest);
  // Of workers that see the failure at the same time one ejects.
  if (!server.ejected_until_ns.compare_exchange_strong(until, now + duration, kRelaxed)) return 0;
  server.repeated_ejections.store(repeated, kRelaxed);
  server.consecutive_failures.store(settings.after - 1, kRelaxed);
  return duration;
}

}  // namespace linkspan::upstream
