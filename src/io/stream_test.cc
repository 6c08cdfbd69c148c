#include "io/stream.h"

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include "io/io_testing.h"

namespace linkspan::io {
namespace {

using testing::LoopFixture;
using testing::receive;
using testing::tcp_pair;

std::span<const char> bytes(std::string_view text) {
  return {text.data(), text.size()};
}

struct StreamTest : ::testing::Test, LoopFixture {
  StreamTest() {
    testing::SocketPair pair = tcp_pair();
    EXPECT_TRUE(stream.open(std::move(pair.ours)));
    peer = std::move(pair.theirs);
    settle();
  }

  void peer_sends(std::string_view text) {
    ASSERT_EQ(::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    ASSERT_TRUE(run_until([&] { return stream.may_read(); }));
  }
  std::string read(std::size_t most, IoStatus expected = IoStatus::ok) {
    std::string buffer(most, '\0');
    const IoResult result = stream.read(buffer);
    EXPECT_EQ(result.status, expected);
    buffer.resize(result.bytes);
    return buffer;
  }
  // Fills the socket until the kernel takes no more; returns how much it took.
  std::size_t fill() {
    const std::string block(256 * 1024, 'x');
    std::size_t taken = 0;
    while (true) {
      const IoResult result = stream.write(bytes(block));
      if (result.status != IoStatus::ok) {
        EXPECT_EQ(result.status, IoStatus::would_block);
        return taken;
      }
      taken += result.bytes;
    }
  }

  Stream stream{*loop};
  UniqueFd peer;
};

TEST_F(StreamTest, fresh_connection_may_be_written_and_has_nothing_to_read) {
  EXPECT_TRUE(stream.may_write());
  EXPECT_FALSE(stream.may_read());
  EXPECT_FALSE(stream.peer_gone());
  read(10, IoStatus::would_block);
}

TEST_F(StreamTest, bytes_travel_both_ways) {
  EXPECT_EQ(stream.write(bytes("ping")).bytes, 4u);
  EXPECT_EQ(receive(peer.get(), 4), "ping");
  peer_sends("pong");
  EXPECT_EQ(read(100), "pong");
}

TEST_F(StreamTest, short_read_means_that_nothing_more_is_there) {
  peer_sends("abc");
  EXPECT_EQ(read(100), "abc");
  EXPECT_FALSE(stream.may_read());
}

TEST_F(StreamTest, full_read_leaves_readiness_and_the_rest_is_found) {
  peer_sends("abcdef");
  EXPECT_EQ(read(3), "abc");
  EXPECT_TRUE(stream.may_read());
  EXPECT_EQ(read(3), "def");
  EXPECT_TRUE(stream.may_read()) << "an exactly filled buffer does not tell whether there is more";
  read(3, IoStatus::would_block);
  EXPECT_FALSE(stream.may_read());
}

TEST_F(StreamTest, data_that_arrives_after_a_short_read_is_noticed) {
  peer_sends("one");
  EXPECT_EQ(read(100), "one");
  peer_sends("two");
  EXPECT_EQ(read(100), "two");
}

TEST_F(StreamTest, end_that_comes_with_data_is_found_after_the_data) {
  ASSERT_EQ(::send(peer.get(), "last", 4, 0), 4);
  peer.reset();
  ASSERT_TRUE(run_until([&] { return stream.peer_gone(); }));
  EXPECT_EQ(read(100), "last");
  EXPECT_TRUE(stream.may_read());
  read(100, IoStatus::closed);
}

TEST_F(StreamTest, end_that_comes_between_the_event_and_the_read_is_found) {
  peer_sends("last");
  peer.reset();
  EXPECT_EQ(read(100), "last");
  ASSERT_TRUE(run_until([&] { return stream.may_read(); }));
  read(100, IoStatus::closed);
}

TEST_F(StreamTest, half_closed_peer_still_receives) {
  ::shutdown(peer.get(), SHUT_WR);
  ASSERT_TRUE(run_until([&] { return stream.peer_gone(); }));
  read(10, IoStatus::closed);
  EXPECT_EQ(stream.write(bytes("still here")).bytes, 10u);
  EXPECT_EQ(receive(peer.get(), 10), "still here");
}

TEST_F(StreamTest, shutdown_write_ends_our_side_and_reading_goes_on) {
  stream.shutdown_write();
  EXPECT_EQ(receive(peer.get(), 1), "");
  peer_sends("answer");
  EXPECT_EQ(read(100), "answer");
}

TEST_F(StreamTest, reset_by_peer_is_a_failure_with_errno) {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  peer.reset();
  ASSERT_TRUE(run_until([&] { return stream.peer_gone(); }));
  char buffer[10];
  const IoResult result = stream.read(buffer);
  EXPECT_EQ(result.status, IoStatus::failed);
  EXPECT_EQ(result.error, ECONNRESET);
  EXPECT_EQ(stream.write(bytes("x")).status, IoStatus::failed);
}

TEST_F(StreamTest, writing_to_a_closed_peer_fails_without_a_signal) {
  peer.reset();
  ASSERT_TRUE(run_until([&] { return stream.peer_gone(); }));
  ASSERT_TRUE(run_until([&] { return stream.write(bytes("x")).status == IoStatus::failed; }));
}

TEST_F(StreamTest, our_reset_is_seen_as_a_reset) {
  stream.reset();
  EXPECT_FALSE(stream.is_open());
  char byte;
  EXPECT_EQ(::recv(peer.get(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST_F(StreamTest, partial_write_blocks_until_the_peer_reads) {
  const std::size_t taken = fill();
  EXPECT_FALSE(stream.may_write());
  EXPECT_EQ(stream.write(bytes("y")).status, IoStatus::would_block);
  Waiter waiter(*loop);
  stream.set_waiter(&waiter);
  const std::size_t held = stream.unacknowledged();
  EXPECT_GT(held, 0u);
  std::thread reader([&] { EXPECT_EQ(receive(peer.get(), taken).size(), taken); });
  EXPECT_TRUE(run_until([&] { return stream.may_write(); }));
  EXPECT_LT(stream.unacknowledged(), held);
  reader.join();
  EXPECT_EQ(stream.write(bytes("y")).bytes, 1u);
  EXPECT_EQ(receive(peer.get(), 1), "y");
}

TEST_F(StreamTest, pieces_arrive_joined_and_in_order) {
  const std::string parts[] = {"head", "", "body", "tail"};
  std::vector<iovec> pieces;
  for (const std::string& part : parts) pieces.push_back({const_cast<char*>(part.data()), part.size()});
  EXPECT_EQ(stream.write(std::span<const iovec>(pieces)).bytes, 12u);
  EXPECT_EQ(receive(peer.get(), 12), "headbodytail");
}

TEST_F(StreamTest, waiter_is_notified_of_data) {
  struct Counter : Waiter {
    explicit Counter(Loop& l) : Waiter(l, [](Waiter& w) { ++static_cast<Counter&>(w).count; }) {}
    int count = 0;
  } counter(*loop);
  stream.set_waiter(&counter);
  peer_sends("x");
  EXPECT_EQ(counter.count, 1);
  stream.set_waiter(nullptr);
  peer_sends("y");
  EXPECT_EQ(counter.count, 1);
  EXPECT_EQ(read(10), "xy") << "readiness is remembered for a stream without waiter";
}

TEST_F(StreamTest, closed_stream_reads_and_writes_nothing) {
  stream.close();
  stream.close();
  EXPECT_FALSE(stream.is_open());
  EXPECT_FALSE(stream.may_read());
  EXPECT_FALSE(stream.may_write());
  EXPECT_EQ(receive(peer.get(), 1), "");
}

TEST_F(StreamTest, may_be_opened_again_after_close) {
  peer_sends("unread");
  stream.close();
  testing::SocketPair pair = tcp_pair();
  ASSERT_TRUE(stream.open(std::move(pair.ours)));
  EXPECT_FALSE(stream.may_read());
  EXPECT_FALSE(stream.peer_gone());
  peer = std::move(pair.theirs);
  peer_sends("fresh");
  EXPECT_EQ(read(100), "fresh");
}

// Two streams become ready in one batch; whoever is told first closes the other, whose number is then in use
// again.
struct Closer : Waiter {
  explicit Closer(Loop& l) : Waiter(l, &told) {}
  static void told(Waiter& waiter) {
    auto& self = static_cast<Closer&>(waiter);
    ++self.count;
    if (!self.victim->is_open()) return;
    const int number = self.victim->fd();
    self.victim->close();
    ASSERT_EQ(::dup3(self.fresh, number, O_CLOEXEC), number);
    EXPECT_TRUE(self.successor->open(UniqueFd(number)));
  }
  int count = 0;
  Stream* victim = nullptr;
  Stream* successor = nullptr;
  int fresh = -1;
};

TEST_F(StreamTest, stale_events_of_a_closed_descriptor_do_not_reach_its_successor) {
  testing::SocketPair second = tcp_pair();
  const testing::SocketPair third = tcp_pair();
  Stream other(*loop);
  Stream successor(*loop);
  Closer waiters[2] = {Closer(*loop), Closer(*loop)};
  ASSERT_TRUE(other.open(std::move(second.ours)));
  settle();
  Stream* streams[2] = {&stream, &other};
  for (std::size_t i = 0; i < 2; ++i) {
    streams[i]->set_waiter(&waiters[i]);
    waiters[i].victim = streams[1 - i];
    waiters[i].successor = &successor;
    waiters[i].fresh = third.ours.get();
  }
  ASSERT_EQ(::send(peer.get(), "x", 1, 0), 1);
  ASSERT_EQ(::send(second.theirs.get(), "x", 1, 0), 1);
  ASSERT_TRUE(run_until([&] { return waiters[0].count + waiters[1].count > 0; }));
  settle();
  EXPECT_EQ(waiters[0].count + waiters[1].count, 1);
  EXPECT_TRUE(successor.is_open());
  EXPECT_FALSE(successor.may_read());
}

}  // namespace
}  // namespace linkspan::io
