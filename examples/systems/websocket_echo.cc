#include "systems/websocket_echo.h"

#include <array>
#include <cstring>

#include <openssl/evp.h>

#include "base/strings.h"

namespace linkspan::systems {

namespace {

constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kBinary = 0x2;
constexpr std::uint8_t kClose = 0x8;
constexpr std::uint8_t kPing = 0x9;
constexpr std::uint8_t kPong = 0xA;
constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kTooBig = 1009;

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xff);
}

void append_frame(std::string& out, std::uint8_t first_byte, std::string_view payload) {
  out += static_cast<char>(first_byte);
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(126);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(127);
    append_big_endian(out, payload.size(), 8);
  }
  out += payload;
}

void append_close(std::string& out, std::uint16_t code) {
  std::string payload;
  append_big_endian(payload, code, 2);
  append_frame(out, kFin | kClose, payload);
}

}  // namespace

std::string websocket_accept(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return encode_base64(std::span(digest).first(size));
}

WebSocketEcho::Parsed WebSocketEcho::parse(Frame& frame) {
  const auto byte = [this](std::size_t at) { return static_cast<std::uint8_t>(received_[at]); };
  if (received_.size() < 2) return Parsed::need_more;
  // Clients mask (RFC 6455 section 5.1), and no extension was agreed on.
  if ((byte(1) & kMasked) == 0 || (byte(0) & kReserved) != 0) return Parsed::malformed;
  std::uint64_t length = byte(1) & 0x7f;
  std::size_t at = 2;
  const std::size_t length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (received_.size() < at + length_bytes + 4) return Parsed::need_more;
  if (length_bytes != 0) length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length = (length << 8) | byte(at++);
  if (length > kMaxPayloadBytes) return Parsed::too_large;
  const std::string mask = received_.substr(at, 4);
  at += 4;
  if (received_.size() - at < length) return Parsed::need_more;
  frame.first_byte = byte(0);
  frame.payload = received_.substr(at, static_cast<std::size_t>(length));
  for (std::size_t i = 0; i < frame.payload.size(); ++i) {
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  }
  received_.erase(0, at + static_cast<std::size_t>(length));
  return Parsed::frame;
}

bool WebSocketEcho::answer(const Frame& frame, std::string& out) const {
  const std::uint8_t opcode = frame.first_byte & 0x0f;
  if (opcode <= kBinary) {  // a fragment of a message is echoed as one
    append_frame(out, frame.first_byte, frame.payload);
    return true;
  }
  const bool is_control = opcode == kClose || opcode == kPing || opcode == kPong;
  if (!is_control || frame.payload.size() > 125 || (frame.first_byte & kFin) == 0) {
    append_close(out, kProtocolError);
    return false;
  }
  if (opcode == kPing) append_frame(out, kFin | kPong, frame.payload);
  if (opcode == kClose) append_frame(out, kFin | kClose, frame.payload);
  return opcode != kClose;
}

bool WebSocketEcho::receive(std::string_view bytes, std::string& out) {
  received_ += bytes;
  while (true) {
    Frame frame{};
    switch (parse(frame)) {
      case Parsed::need_more:
        return true;
      case Parsed::too_large:
        append_close(out, kTooBig);
        return false;
      case Parsed::malformed:
        append_close(out, kProtocolError);
        return false;
      case Parsed::frame:
        if (!answer(frame, out)) return false;
    }
  }
}

}  // namespace linkspan::systems
