#include "base/log_ring.h"

#include <algorithm>
#include <bit>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace linkspan {
namespace {

constexpr std::size_t kMinRingBytes = 64 * 1024;

}  // namespace

LogWakeup::LogWakeup() : event_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

LogWakeup::~LogWakeup() {
  if (event_fd_ >= 0) close(event_fd_);
}

void LogWakeup::notify() {
  if (called_.load(std::memory_order_relaxed) || called_.exchange(true, std::memory_order_acq_rel)) return;
  const std::uint64_t one = 1;
  // It can only fail when the counter is full, and then the writer is called already.
  [[maybe_unused]] const ssize_t written = write(event_fd_, &one, sizeof one);
}

void LogWakeup::wait_ms(int timeout_ms) {
  pollfd waited{event_fd_, POLLIN, 0};
  poll(&waited, 1, timeout_ms);
  std::uint64_t count = 0;
  // Empty after a time-out, which is as good.
  [[maybe_unused]] const ssize_t taken = read(event_fd_, &count, sizeof count);
  called_.store(false, std::memory_order_release);
}

LogRing::LogRing(std::size_t capacity_bytes, LogWakeup& wakeup)
    : capacity_(std::bit_ceil(std::max(capacity_bytes, kMinRingBytes))), wakeup_(wakeup) {
  // Not zeroed, so that pages are taken only as far as the ring is used.
  bytes_ = std::make_unique_for_overwrite<char[]>(capacity_);
}

char* LogRing::reserve(std::size_t max_bytes) {
  const std::uint64_t head = head_.load(std::memory_order_relaxed);
  const std::size_t offset = head & (capacity_ - 1);
  const std::size_t skipped = offset + max_bytes > capacity_ ? capacity_ - offset : 0;
  const auto fits = [&] { return head + skipped + max_bytes - seen_tail_ <= capacity_; };
  if (max_bytes <= capacity_ / 4) {
    if (!fits()) seen_tail_ = tail_.load(std::memory_order_acquire);
    if (fits()) {
      reserved_at_ = head + skipped;
      return bytes_.get() + (reserved_at_ & (capacity_ - 1));
    }
    wakeup_.notify();
  }
  dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return nullptr;
}

void LogRing::commit(std::size_t bytes) {
  if (bytes == 0) return;
  const std::uint64_t head = head_.load(std::memory_order_relaxed);
  // The end of the lap before this one is not needed any more: the reservation reaches beyond the lap's
  // start, so the writer has left the lap before.
  if (reserved_at_ != head) lap_end_.store(head, std::memory_order_relaxed);
  const std::uint64_t new_head = reserved_at_ + bytes;
  head_.store(new_head, std::memory_order_release);
  if (new_head - seen_tail_ <= capacity_ / 2) return;
  seen_tail_ = tail_.load(std::memory_order_acquire);
  if (new_head - seen_tail_ > capacity_ / 2) wakeup_.notify();
}

std::span<const char> LogRing::readable() {
  const std::uint64_t head = head_.load(std::memory_order_acquire);
  std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  std::uint64_t end = head;
  const std::uint64_t next_lap = (tail | (capacity_ - 1)) + 1;
  if (head > next_lap) {
    const std::uint64_t lap_end = lap_end_.load(std::memory_order_relaxed);
    end = lap_end >= tail && lap_end < next_lap ? lap_end : next_lap;
    if (end == tail) {
      tail = next_lap;
      tail_.store(tail, std::memory_order_release);
      end = head;
    }
  }
  return {bytes_.get() + (tail & (capacity_ - 1)), static_cast<std::size_t>(end - tail)};
}

void LogRing::consume(std::size_t bytes) {
  tail_.store(tail_.load(std::memory_order_relaxed) + bytes, std::memory_order_release);
}

}  // namespace linkspan
