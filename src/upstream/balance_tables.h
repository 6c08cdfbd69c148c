// The immutable half of load balancing: tables computed once per configuration, so that choosing a server
// costs the same whatever their number and weights. Pure functions; any thread may read a finished table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "upstream/settings.h"

namespace linkspan::upstream {

// For consistent_hash keys and table points: 64 well mixed bits, the same on every machine and in every
// version.
std::uint64_t hash_key(std::string_view key);

class BalanceTables {
 public:
  // Computes what `policy` needs. Servers are known by their index.
  BalanceTables(BalancePolicy policy, std::span<const ServerSettings> servers);

  // round_robin: one whole period, in which a server occurs in proportion to its weight and evenly spread
  // (stride scheduling, C. A. Waldspurger and W. E. Weihl 1995). Not empty; at most about kMaxPeriod entries,
  // for which large weights lose precision.
  static constexpr std::uint32_t kMaxPeriod = 16384;
  std::span<const std::uint32_t> schedule() const { return schedule_; }

  // random and least_requests: one server in proportion to its weight, from 64 random bits (Walker's alias
  // method, A. J. Walker 1977; M. D. Vose 1991).
  std::uint32_t sample(std::uint64_t random_bits) const;

  // consistent_hash: where on the ring a key's servers begin. The servers to try are those of the points from
  // there on, wrapping round (D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997): a server
  // that leaves gives its keys away and no other key moves.
  std::size_t ring_start(std::uint64_t hash) const;
  std::size_t ring_size() const { return ring_.size(); }
  std::uint32_t ring_server(std::size_t point) const { return ring_[point].server; }

 private:
  struct Point {
    std::uint32_t position;
    std::uint32_t server;
  };
  struct Alias {
    std::uint32_t keep_below;  // of 2^32
    std::uint32_t other;
  };

  static constexpr std::size_t kMaxRingIndex = 1 << 20;

  void build_schedule(std::span<const ServerSettings> servers);
  void build_alias(std::span<const ServerSettings> servers);
  void build_ring(std::span<const ServerSettings> servers);
  void index_ring();

  std::vector<std::uint32_t> schedule_;
  std::vector<Alias> alias_;
  std::vector<Point> ring_;                // by position
  std::vector<std::uint32_t> ring_index_;  // where to begin looking, by the position's leading bits
  int ring_shift_ = 0;
};

}  // namespace linkspan::upstream
