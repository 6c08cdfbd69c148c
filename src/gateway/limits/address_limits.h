// Rate cells by client address: a table of fixed size, so that a flood of addresses costs no memory.
// Lock-free; any thread.
//
// An address (IPv6: its /64, which is what one subscriber has) together with the number of the limit chooses
// a bucket of 8 cells. A cell whose theoretical arrival time has passed says nothing any more and is taken
// over without loss. Only where all 8 of a bucket are in use, the one that runs out first is replaced: its
// address starts anew, a limit applied less strictly under a flood rather than callers refused for others'
// requests.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "gateway/limits/gcra.h"
#include "http/ip_address.h"

namespace linkspan::gateway {

class AddressLimits {
 public:
  static constexpr std::size_t kSlots = 64 * 1024;
  static constexpr std::size_t kWays = 8;

  // `seed` makes the placing of addresses unpredictable.
  explicit AddressLimits(std::uint64_t seed);

  // Counts a request of `address` against limit number `limit_slot`.
  GcraResult take(const http::IpAddress& address, std::uint32_t limit_slot, const GcraLimit& limit,
                  MonotonicNs now);
  // What take() would find, without counting.
  GcraResult peek(const http::IpAddress& address, std::uint32_t limit_slot, const GcraLimit& limit,
                  MonotonicNs now) const;

 private:
  // A key is 64 bits of a keyed hash of the address: two that share them would share their limit. 0: never
  // used.
  struct alignas(64) Bucket {
    std::array<std::atomic<std::uint64_t>, kWays> keys;
    std::array<RateCell, kWays> cells;
  };
  struct Free {
    void operator()(Bucket* buckets) const;
  };

  std::uint64_t key_of(const http::IpAddress& address, std::uint32_t limit_slot) const;
  Bucket& bucket_of(std::uint64_t key) const;
  static RateCell& claim(Bucket& bucket, std::uint64_t key, MonotonicNs now);

  std::uint64_t seed_;
  std::unique_ptr<Bucket[], Free> buckets_;  // zeroed pages that become resident as addresses come
};

}  // namespace linkspan::gateway
