#include "upstream/balance_tables.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

namespace linkspan::upstream {

namespace {

constexpr std::uint32_t kRingPoints = 256;  // of the heaviest server: 256 to 511

std::uint64_t load_word(const char* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// Up to 8 bytes, zeros behind them.
std::uint64_t load_tail(const char* bytes, std::size_t size) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < size; ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return word;
}

// Both halves of a 128-bit product folded together: every input bit reaches every output bit.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
  constexpr std::uint64_t kOdd1 = 0x9e3779b97f4a7c15;
  constexpr std::uint64_t kOdd2 = 0xd1b54a32d192ed03;
  std::uint64_t hash = seed ^ (bytes.size() * kOdd1);
  const std::size_t size = bytes.size();
  std::size_t at = 0;
  for (; at + 8 < size; at += 8) hash = fold(hash ^ load_word(bytes.data() + at), kOdd2);
  // The last 8 bytes, some of which were seen already: cheaper than a shorter load. The size is in the hash.
  const std::uint64_t tail = size >= 8 ? load_word(bytes.data() + size - 8) : load_tail(bytes.data(), size);
  hash = fold(hash ^ tail, kOdd2);
  return fold(hash ^ kOdd1, kOdd2 ^ seed);
}

std::string identity(const ServerSettings& server) {
  return (server.https ? "https://" : "http://") + server.host + ":" + std::to_string(server.port);
}

// Weights in the same proportions with a small sum.
std::vector<std::uint32_t> reduced_weights(std::span<const ServerSettings> servers) {
  std::uint32_t divisor = 0;
  for (const ServerSettings& server : servers) divisor = std::gcd(divisor, server.weight);
  std::vector<std::uint32_t> weights;
  std::uint64_t sum = 0;
  for (const ServerSettings& server : servers) {
    weights.push_back(server.weight / std::max(divisor, 1U));
    sum += weights.back();
  }
  if (sum > BalanceTables::kMaxPeriod) {
    for (std::uint32_t& weight : weights) {
      weight = static_cast<std::uint32_t>(std::uint64_t{weight} * BalanceTables::kMaxPeriod / sum);
    }
  }
  for (std::uint32_t& weight : weights) weight = std::max(weight, 1U);
  return weights;
}

}  // namespace

std::uint64_t hash_key(std::string_view key) {
  return hash_bytes(key, 0x2545f4914f6cdd1d);
}

BalanceTables::BalanceTables(BalancePolicy policy, std::span<const ServerSettings> servers) {
  switch (policy) {
    case BalancePolicy::round_robin:
      build_schedule(servers);
      break;
    case BalancePolicy::least_requests:
    case BalancePolicy::random:
      build_alias(servers);
      break;
    case BalancePolicy::consistent_hash:
      build_ring(servers);
      break;
  }
}

void BalanceTables::build_schedule(std::span<const ServerSettings> servers) {
  struct Turn {
    double at;  // in one period from 0 to 1
    std::uint32_t server;
  };
  const std::vector<std::uint32_t> weights = reduced_weights(servers);
  std::vector<Turn> turns;
  for (std::uint32_t i = 0; i < weights.size(); ++i) {
    for (std::uint32_t turn = 0; turn < weights[i]; ++turn) turns.push_back({(turn + 0.5) / weights[i], i});
  }
  std::ranges::stable_sort(turns, {}, &Turn::at);
  schedule_.reserve(turns.size());
  for (const Turn& turn : turns) schedule_.push_back(turn.server);
}

void BalanceTables::build_alias(std::span<const ServerSettings> servers) {
  double sum = 0;
  for (const ServerSettings& server : servers) sum += server.weight;
  std::vector<double> share;  // 1 on average
  std::vector<std::uint32_t> below;
  std::vector<std::uint32_t> above;
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    share.push_back(servers[i].weight * static_cast<double>(servers.size()) / sum);
    (share[i] < 1 ? below : above).push_back(i);
    alias_.push_back({UINT32_MAX, i});
  }
  while (!below.empty() && !above.empty()) {
    const std::uint32_t light = below.back();
    const std::uint32_t heavy = above.back();
    below.pop_back();
    alias_[light] = {static_cast<std::uint32_t>(share[light] * 0x1.0p32), heavy};
    share[heavy] -= 1 - share[light];
    if (share[heavy] < 1) {
      above.pop_back();
      below.push_back(heavy);
    }
  }
}

std::uint32_t BalanceTables::sample(std::uint64_t random_bits) const {
  const auto index = static_cast<std::uint32_t>(((random_bits >> 32) * alias_.size()) >> 32);
  const Alias& slot = alias_[index];
  return static_cast<std::uint32_t>(random_bits) < slot.keep_below ? index : slot.other;
}

void BalanceTables::build_ring(std::span<const ServerSettings> servers) {
  std::uint32_t heaviest = 1;
  for (const ServerSettings& server : servers) heaviest = std::max(heaviest, server.weight);
  // A power of two, so that the points of a server do not move when another one comes or goes, unless the
  // heaviest weight changes by more than that.
  const std::uint32_t unit = std::bit_floor(heaviest);
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    const std::string name = identity(servers[i]);
    const std::uint32_t points = (kRingPoints * servers[i].weight + unit - 1) / unit;
    for (std::uint32_t point = 0; point < points; ++point) {
      ring_.push_back({static_cast<std::uint32_t>(hash_bytes(name, point + 1) >> 32), i});
    }
  }
  std::ranges::stable_sort(ring_, {}, &Point::position);
  index_ring();
}

// For each leading part of a position, the first point at or after it.
void BalanceTables::index_ring() {
  ring_shift_ = 32 - static_cast<int>(std::bit_width(std::min<std::size_t>(ring_.size(), kMaxRingIndex)));
  std::size_t point = 0;
  for (std::uint64_t part = 0; part << ring_shift_ <= UINT32_MAX; ++part) {
    while (point < ring_.size() && ring_[point].position < part << ring_shift_) ++point;
    ring_index_.push_back(static_cast<std::uint32_t>(point));
  }
}

std::size_t BalanceTables::ring_start(std::uint64_t hash) const {
  const auto position = static_cast<std::uint32_t>(hash >> 32);
  std::size_t point = ring_index_[position >> ring_shift_];
  while (point < ring_.size() && ring_[point].position < position) ++point;
  return point == ring_.size() ? 0 : point;
}

}  // namespace linkspan::upstream
