#include "systems/websocket_echo.h"

#include <gtest/gtest.h>

namespace linkspan::systems {
namespace {

using namespace std::string_literals;

// A client's frame with the mask "abcd".
std::string masked(char first_byte, std::string payload) {
  std::string frame{first_byte, static_cast<char>(0x80 | payload.size())};
  frame += "abcd";
  for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ "abcd"[i % 4]);
  return frame;
}

TEST(WebSocketEcho, accept_key_is_that_of_the_rfc) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketEcho, a_message_split_at_every_byte_comes_back_unmasked) {
  const std::string frame = masked('\x81', "hello");
  for (std::size_t split = 0; split <= frame.size(); ++split) {
    WebSocketEcho echo;
    std::string out;
    EXPECT_TRUE(echo.receive(std::string_view(frame).substr(0, split), out));
    EXPECT_TRUE(echo.receive(std::string_view(frame).substr(split), out));
    EXPECT_EQ(out, "\x81\x05hello");
  }
}

TEST(WebSocketEcho, ping_is_answered_and_close_ends) {
  WebSocketEcho echo;
  std::string out;
  EXPECT_FALSE(echo.receive(masked('\x89', "x") + masked('\x88', "\x03\xe8"), out));
  EXPECT_EQ(out, "\x8a\x01x\x88\x02\x03\xe8");
}

TEST(WebSocketEcho, a_frame_without_mask_is_a_protocol_error) {
  WebSocketEcho echo;
  std::string out;
  EXPECT_FALSE(echo.receive("\x81\x01x", out));
  EXPECT_EQ(out, "\x88\x02\x03\xea");
}

TEST(WebSocketEcho, a_frame_past_the_limit_is_refused_before_it_arrives) {
  WebSocketEcho echo;
  std::string out;
  EXPECT_FALSE(echo.receive("\x82\xff\x00\x00\x00\x00\x7f\xff\xff\xff"s + "abcd", out));
  EXPECT_EQ(out, "\x88\x02\x03\xf1");
}

}  // namespace
}  // namespace linkspan::systems
