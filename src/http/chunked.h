// The chunked transfer coding (RFC 9112 section 7.1), strictly: CRLF only, sizes of at most 15 hex digits,
// extensions limited and dropped, trailer fields validated, limited and dropped where a trailer must not
// carry them.
//
// Two ways to read, not to be mixed on one message:
// - decode(): payload only, as views into the input.
// - pass_through(): bytes that are themselves valid chunked framing, to be sent on as they are. Usually that
// is the
//   whole input in one piece; where a chunk header had an extension or straddled two reads, the decoder gives
//   a clean one of its own. The bytes given out so far plus those to come are always one complete message.
//
//   do {
//     step = decoder.decode(input);
//     use(step.bytes);
//     input.remove_prefix(step.consumed);
//   } while (step.state == ChunkState::data);
//
// One thread at a time; never allocates.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/head_writer.h"
#include "http/header_id.h"
#include "http/protocol_error.h"

namespace linkspan::http {

// Who sent the body decides which kinds errors have: chunk-invalid and headers-too-large, or
// upstream-bad-response.
enum class MessageSide : std::uint8_t { request, response };

struct ChunkedLimits {
  std::size_t max_extension_bytes = 1024;        // per chunk
  std::size_t max_overhead_bytes = 1024 * 1024;  // extensions of the whole body
  std::size_t max_trailer_bytes = 8 * 1024;      // the whole trailer section, dropped fields included
};

enum class ChunkState : std::uint8_t {
  need_more,  // all input is consumed and the message goes on
  data,       // call again with the rest of the input
  end,        // the message is complete; what follows `consumed` is not of it
  error       // see error(); the connection must be closed
};

struct ChunkStep {
  ChunkState state;
  std::size_t consumed;    // bytes of the input that are done with
  std::string_view bytes;  // to be used, in every state but error; may be empty. Valid until the next call
};

class ChunkedDecoder {
 public:
  // Kept trailer fields are collected in `trailer_storage`, the caller's, as far as they fit (those that do
  // not are dropped). Without storage all are dropped (RFC 9110 section 6.5.1 permits it).
  explicit ChunkedDecoder(MessageSide side, std::span<char> trailer_storage = {},
                          const ChunkedLimits& limits = {});

  // Also drops trailer fields that would stay behind in a head. Before the first byte; what `rules` points to
  // stays until the end of the body.
  void drop_trailers(const CopyRules& rules) { trailer_rules_ = rules; }

  ChunkStep decode(std::string_view input);
  ChunkStep pass_through(std::string_view input);

  bool finished() const { return state_ == State::done; }
  std::uint64_t payload_bytes() const { return payload_bytes_; }  // so far
  // Kept trailer fields, after `end`, as "Name: value\r\n" lines; empty if none.
  std::string_view trailers() const;
  const ProtocolError& error() const { return error_; }

 private:
  enum class State : std::uint8_t {
    size_first,
    size,
    extension_space,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    end_lf,
    done,
    failed
  };

  // All take one byte and return false after an error.
  bool framing_byte(char byte);
  bool size_byte(char byte);
  bool extension_byte(char byte);
  bool data_end_byte(char byte);
  bool trailer_byte(char byte);
  bool expect(char byte, char wanted, State next);

  bool add_size_digit(int digit);
  void finish_size_line();
  void begin_trailers();
  void store_trailer_byte(char byte);
  void finish_trailer_line();
  std::size_t take_data(std::size_t available);
  std::size_t take_plain_header(std::string_view input);
  ChunkStep take_lines(std::string_view input);
  std::string_view last_chunk() const;
  bool fail(std::string_view what);
  bool fail_byte(char byte, std::string_view where);
  bool fail_too_large(std::string_view what);

  MessageSide side_;
  State state_ = State::size_first;
  std::uint8_t size_digits_ = 0;
  bool trailer_fits_ = true;  // the trailer line under way, so far
  ChunkedLimits limits_;
  std::uint64_t chunk_left_ = 0;
  std::uint64_t payload_bytes_ = 0;
  std::uint64_t offset_ = 0;  // bytes of the body consumed
  std::size_t extension_bytes_ = 0;
  std::size_t overhead_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::span<char> trailers_;  // "0\r\n", kept lines, "\r\n": ready to be sent
  std::size_t trailers_used_ = 0;
  std::size_t trailer_line_ = 0;  // where the line under way begins in trailers_
  std::size_t name_bytes_ = 0;    // of the trailer field under way
  CopyRules trailer_rules_;
  std::array<char, 24> header_;  // a chunk header of our own
  ProtocolError error_;
};

// Whether a trailer section may carry this field (RFC 9110 section 6.5.1): not framing, routing,
// authentication, request modifiers, response control data or content format.
bool allowed_in_trailer(HeaderId id);

// Writing. A chunk is its header, `payload` bytes and kChunkEnd; the message ends with kLastChunk, or with
// "0\r\n", trailer lines and "\r\n".
inline constexpr std::size_t kMaxChunkHeaderBytes = 18;
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// "1a2b\r\n" into `out` (at least kMaxChunkHeaderBytes); the number of bytes written. `payload_bytes` is
// above 0.
std::size_t write_chunk_header(std::uint64_t payload_bytes, char* out);

}  // namespace linkspan::http
