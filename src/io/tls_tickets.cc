#include "io/tls_tickets.h"

#include <algorithm>

#include "base/random.h"

namespace linkspan::io {

namespace {

Result<TlsTickets::Key> make_key() {
  TlsTickets::Key key;
  for (const std::span<std::uint8_t> part :
       {std::span<std::uint8_t>(key.name), std::span<std::uint8_t>(key.cipher),
        std::span<std::uint8_t>(key.mac)}) {
    Result<void> filled = fill_secure(part);
    if (!filled) return std::move(filled).error();
  }
  return key;
}

constexpr MonotonicNs kRotateEvery = TlsTickets::kLifetimeSeconds * kNsPerSecond;

}  // namespace

Result<std::shared_ptr<TlsTickets>> TlsTickets::create(const Clock& clock) {
  Result<Key> first = make_key();
  if (!first) return std::move(first).error().context("making TLS ticket keys");
  return std::shared_ptr<TlsTickets>(new TlsTickets(clock, *first));
}

TlsTickets::TlsTickets(const Clock& clock, const Key& first)
    : clock_(clock), current_(first), rotate_at_(clock.monotonic_ns() + kRotateEvery) {}

// A key encrypts for one lifetime and decrypts for one more, so the last ticket of a key lives its full time.
void TlsTickets::rotate_if_due() {
  const MonotonicNs now = clock_.monotonic_ns();
  if (now < rotate_at_) return;
  Result<Key> next = make_key();
  if (!next) return;  // no randomness for the moment: the old key serves on
  if (now < rotate_at_ + kRotateEvery) {
    previous_ = current_;
  } else {
    previous_.reset();
  }
  current_ = *next;
  rotate_at_ = now + kRotateEvery;
}

TlsTickets::Key TlsTickets::current() {
  const std::lock_guard lock(mutex_);
  rotate_if_due();
  return current_;
}

std::optional<TlsTickets::Found> TlsTickets::find(std::span<const std::uint8_t, kNameBytes> name) {
  const std::lock_guard lock(mutex_);
  rotate_if_due();
  if (std::ranges::equal(name, current_.name)) return Found{current_, true};
  if (previous_ && std::ranges::equal(name, previous_->name)) return Found{*previous_, false};
  return std::nullopt;
}

}  // namespace linkspan::io
