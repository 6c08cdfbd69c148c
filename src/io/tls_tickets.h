// Keys that encrypt TLS session tickets (RFC 5077, RFC 8446 section 4.6.1). One object for the whole process:
// shared by all workers, so that a client may come back to any of them, and kept across reloads. Keys are
// made from the kernel's randomness, live in memory only and rotate by themselves; a ticket is accepted for
// at least kLifetimeSeconds.
//
// Safe from any thread (a short lock per handshake, never per request). The clock must outlive it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "base/clock.h"
#include "base/result.h"

namespace linkspan::io {

class TlsTickets {
 public:
  static constexpr std::int64_t kLifetimeSeconds = 2 * 60 * 60;
  static constexpr std::size_t kNameBytes = 16;

  struct Key {
    std::array<std::uint8_t, kNameBytes> name{};
    std::array<std::uint8_t, 32> cipher{};  // AES-256-CBC
    std::array<std::uint8_t, 32> mac{};     // HMAC-SHA-256
  };
  struct Found {
    Key key;
    bool current;  // false: accept the ticket, but issue a new one
  };

  // Fails with system_error when the kernel gives no randomness.
  static Result<std::shared_ptr<TlsTickets>> create(const Clock& clock);

  // The key for new tickets, rotated first if it is due.
  Key current();
  std::optional<Found> find(std::span<const std::uint8_t, kNameBytes> name);

 private:
  TlsTickets(const Clock& clock, const Key& first);
  void rotate_if_due();

  const Clock& clock_;
  std::mutex mutex_;
  Key current_;
  std::optional<Key> previous_;
  MonotonicNs rotate_at_;
};

}  // namespace linkspan::io
