#include "gateway/limits/address_limits.h"

#include <algorithm>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace linkspan::gateway {
namespace {

constexpr std::size_t kBuckets = AddressLimits::kSlots / AddressLimits::kWays;

constexpr std::uint64_t kOddBits = 0xd6e8feb86659fd93;

// Folds a 128-bit product: each bit of the result depends on all of both factors.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

void AddressLimits::Free::operator()(Bucket* buckets) const {
  munmap(buckets, kBuckets * sizeof(Bucket));
}

AddressLimits::AddressLimits(std::uint64_t seed) : seed_(mix(seed ^ kOddBits, ~kOddBits)) {
  // All zeros is the state of cells that nobody has used, so the pages stay untouched until they are needed.
  static_assert(sizeof(Bucket) == 128);
  void* memory =
      mmap(nullptr, kBuckets * sizeof(Bucket), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  buckets_.reset(static_cast<Bucket*>(memory));
}

AddressLimits::Bucket& AddressLimits::bucket_of(std::uint64_t key) const {
  return buckets_[key % kBuckets];
}

std::uint64_t AddressLimits::key_of(const http::IpAddress& address, std::uint32_t limit_slot) const {
  std::uint64_t high;
  std::uint64_t low = 0;
  std::memcpy(&high, address.bytes.data(), 8);
  if (address.is_v4()) std::memcpy(&low, address.bytes.data() + 8, 8);
  const std::uint64_t key = mix(high ^ seed_, low ^ kOddBits) ^ limit_slot;
  return std::max<std::uint64_t>(mix(key ^ kOddBits, seed_ ^ kOddBits), 1);
}

// The cell of the key, made its own if it has none. Two threads that do so at once agree on the cell or, if
// the bucket changes between them, count one request apart: no more is lost.
RateCell& AddressLimits::claim(Bucket& bucket, std::uint64_t key, MonotonicNs now) {
  while (true) {
    std::size_t oldest = 0;
    MonotonicNs oldest_tat = INT64_MAX;
    for (std::size_t i = 0; i < kWays; ++i) {
      if (bucket.keys[i].load(std::memory_order_relaxed) == key) return bucket.cells[i];
      const MonotonicNs tat = bucket.cells[i].load(std::memory_order_relaxed);
      if (tat < oldest_tat) {
        oldest = i;
        oldest_tat = tat;
      }
    }
    std::uint64_t previous = bucket.keys[oldest].load(std::memory_order_relaxed);
    if (previous != key &&
        !bucket.keys[oldest].compare_exchange_strong(previous, key, std::memory_order_relaxed)) {
      continue;
    }
    if (oldest_tat > now) bucket.cells[oldest].store(0, std::memory_order_relaxed);
    return bucket.cells[oldest];
  }
}

GcraResult AddressLimits::take(const http::IpAddress& address, std::uint32_t limit_slot,
                               const GcraLimit& limit, MonotonicNs now) {
  const std::uint64_t key = key_of(address, limit_slot);
  return gcra_take(limit, claim(bucket_of(key), key, now), now);
}

GcraResult AddressLimits::peek(const http::IpAddress& address, std::uint32_t limit_slot,
                               const GcraLimit& limit, MonotonicNs now) const {
  const std::uint64_t key = key_of(address, limit_slot);
  const Bucket& bucket = bucket_of(key);
  for (std::size_t i = 0; i < kWays; ++i) {
    if (bucket.keys[i].load(std::memory_order_relaxed) != key) continue;
    return gcra_peek(limit, bucket.cells[i].load(std::memory_order_relaxed), now);
  }
  return gcra_peek(limit, 0, now);
}

}  // namespace linkspan::gateway
