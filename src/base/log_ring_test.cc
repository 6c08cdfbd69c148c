#include "base/log_ring.h"

#include <cstring>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace linkspan {
namespace {

constexpr std::size_t kRingBytes = 64 * 1024;

bool put(LogRing& ring, std::string_view text, std::size_t reserve_bytes = 0) {
  char* out = ring.reserve(reserve_bytes == 0 ? text.size() : reserve_bytes);
  if (out == nullptr) return false;
  std::memcpy(out, text.data(), text.size());
  ring.commit(text.size());
  return true;
}

std::string take_all(LogRing& ring) {
  std::string all;
  for (auto bytes = ring.readable(); !bytes.empty(); bytes = ring.readable()) {
    all.append(bytes.data(), bytes.size());
    ring.consume(bytes.size());
  }
  return all;
}

TEST(LogRing, gives_back_what_was_committed_and_no_more) {
  LogWakeup wakeup;
  LogRing ring(kRingBytes, wakeup);
  EXPECT_EQ(take_all(ring), "");
  ASSERT_TRUE(put(ring, "one\n", 100));
  ASSERT_NE(ring.reserve(50), nullptr);
  ring.commit(0);
  ASSERT_TRUE(put(ring, "two\n"));
  EXPECT_EQ(take_all(ring), "one\ntwo\n");
  EXPECT_EQ(take_all(ring), "");
}

TEST(LogRing, records_stay_whole_over_many_wraps) {
  LogWakeup wakeup;
  LogRing ring(kRingBytes, wakeup);
  std::string written;
  std::string read;
  for (int i = 0; i < 3000; ++i) {
    const std::string record =
        std::to_string(i) + std::string(static_cast<std::size_t>(i * 7 % 900), 'x') + "\n";
    while (!put(ring, record, 1000)) read += take_all(ring);
    written += record;
  }
  read += take_all(ring);
  EXPECT_EQ(read, written);
}

TEST(LogRing, a_full_ring_drops_and_counts_and_then_goes_on) {
  LogWakeup wakeup;
  LogRing ring(kRingBytes, wakeup);
  const std::string record(1023, 'x');
  int kept = 0;
  for (int i = 0; i < 100; ++i) kept += put(ring, record + "\n") ? 1 : 0;
  EXPECT_EQ(kept, 64);
  EXPECT_EQ(ring.dropped_records(), 36U);
  EXPECT_EQ(take_all(ring).size(), 64U * 1024);
  EXPECT_TRUE(put(ring, "again\n"));
  EXPECT_EQ(take_all(ring), "again\n");
}

TEST(LogRing, a_record_above_a_quarter_of_the_ring_is_refused) {
  LogWakeup wakeup;
  LogRing ring(kRingBytes, wakeup);
  EXPECT_EQ(ring.reserve(kRingBytes / 4 + 1), nullptr);
  EXPECT_EQ(ring.dropped_records(), 1U);
  EXPECT_NE(ring.reserve(kRingBytes / 4), nullptr);
}

TEST(LogRing, nothing_is_lost_or_torn_between_two_threads) {
  LogWakeup wakeup;
  LogRing ring(kRingBytes, wakeup);
  constexpr int kRecords = 20'000;
  std::thread producer([&ring] {
    for (int i = 0; i < kRecords;) {
      const std::string record =
          std::to_string(i) + std::string(static_cast<std::size_t>(i % 61), '.') + "\n";
      if (put(ring, record, 300)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  std::string all;
  int lines = 0;
  while (lines < kRecords) {
    const std::string taken = take_all(ring);
    for (const char c : taken) lines += c == '\n' ? 1 : 0;
    all += taken;
    if (taken.empty()) wakeup.wait_ms(1);
  }
  producer.join();
  std::size_t at = 0;
  for (int i = 0; i < kRecords; ++i) {
    const std::size_t end = all.find('\n', at);
    ASSERT_EQ(all.substr(at, end - at),
              std::to_string(i) + std::string(static_cast<std::size_t>(i % 61), '.'));
    at = end + 1;
  }
}

}  // namespace
}  // namespace linkspan
