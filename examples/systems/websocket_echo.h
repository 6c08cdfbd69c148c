// The server's half of a WebSocket (RFC 6455) that sends every message back: bytes in, bytes out. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace linkspan::systems {

// Value of Sec-WebSocket-Accept for the Sec-WebSocket-Key that a client sent (RFC 6455 section 4.2.2).
std::string websocket_accept(std::string_view key);

class WebSocketEcho {
 public:
  static constexpr std::uint64_t kMaxPayloadBytes = 1024 * 1024;  // of a frame; a longer one ends with 1009

  // Takes what arrived and appends what is to be sent. False when the connection ends after that.
  bool receive(std::string_view bytes, std::string& out);

 private:
  struct Frame {
    std::uint8_t first_byte;  // FIN and opcode
    std::string payload;      // unmasked
  };
  enum class Parsed : std::uint8_t { frame, need_more, too_large, malformed };

  Parsed parse(Frame& frame);
  bool answer(const Frame& frame, std::string& out) const;

  std::string received_;  // the start of a frame that is not yet whole
};

}  // namespace linkspan::systems
