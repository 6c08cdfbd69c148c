// The body of one request as its handler reads it: first what came with the head, then what the stream
// brings, up to the end of the message and never past it (RFC 9112 section 6). Length-delimited bodies are
// read straight into the caller's space; chunked ones through a buffer of ours, as the end of the message is
// only known by decoding.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "gateway/server/buffer_pool.h"
#include "http/chunked.h"
#include "http/h1_request.h"
#include "io/stream.h"

namespace linkspan::gateway {

// Bytes received from a client and not yet used: [at, end) of the buffer.
struct InputBuffer {
  Buffer buffer;
  std::size_t at = 0;
  std::size_t end = 0;

  std::string_view unread() const { return {buffer.data() + at, end - at}; }
  bool empty() const { return at == end; }
  void clear() {
    buffer.release();
    at = end = 0;
  }
};

enum class BodyState : std::uint8_t {
  data,         // `bytes` are to be used now; valid until the next call
  end,          // the whole body has been delivered
  would_block,  // wait for the stream and call again
  failed        // the client left (body-incomplete) or sent nonsense; see error()
};

struct BodyPiece {
  BodyState state;
  std::string_view bytes;
};

class BodySource {
 public:
  // Raw: chunked framing is validated and kept, as a proxy passes it on. Payload: the content alone.
  enum class Form : std::uint8_t { raw, payload };

  // Takes up the body that `head` announces. Until set_max_bytes() its size is not bounded here: a declared
  // length that is too large is the caller's to refuse before reading; a chunked body that grows too large
  // fails with body-too-large.
  void begin(const http::RequestHead& head);

  // Sets the bound of a chunked body's payload before it is read (0: unlimited).
  void set_max_bytes(std::uint64_t max_bytes) { max_bytes_ = max_bytes; }

  // Which fields of a chunked body's trailer section stay behind; what `rules` points to stays until the end
  // of the message. Before it is read.
  void drop_trailers(const http::CopyRules& rules);

  BodyPiece next(io::Stream& stream, InputBuffer& input, std::span<char> space, BufferPool& pool, Form form);

  bool finished() const { return finished_; }
  // Keeps what is read of a length-delimited body of at most `max_bytes`, so that it can be read again.
  void keep(std::size_t max_bytes) { keep_max_ = max_bytes; }
  // Nothing that was read is lost: rewind() makes the body readable from its start again (the caller does the
  // same for the input that it began with).
  bool can_rewind() const { return !lost_; }
  void rewind();
  std::uint64_t payload_bytes() const { return decoder_ ? decoder_->payload_bytes() : length_ - left_; }
  http::Framing framing() const { return framing_; }
  const ErrorKind& error_kind() const { return *error_kind_; }
  std::string_view error_detail() const { return error_detail_; }

  // After the message: what was read past its end becomes the connection's input.
  void give_back_excess(InputBuffer& input);
  // Forgets the message and gives back its memory.
  void reset();

 private:
  BodyPiece next_length(io::Stream& stream, InputBuffer& input, BufferPool& pool, std::span<char> space);
  BodyPiece next_chunked(io::Stream& stream, InputBuffer& input, BufferPool& pool, Form form);
  BodyPiece fail(const ErrorKind& kind, std::string_view detail);
  BodyPiece fail_read(const io::IoResult& result);

  http::Framing framing_ = http::Framing::none;
  bool finished_ = true;
  bool lost_ = false;
  std::size_t keep_max_ = 0;
  std::size_t kept_at_ = 0;
  std::size_t kept_end_ = 0;
  Buffer kept_;  // of a body to be kept, what did not come with the head
  std::uint64_t length_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t max_bytes_ = 0;
  std::optional<http::ChunkedDecoder> decoder_;
  http::CopyRules trailer_rules_;
  std::array<char, 1024> trailers_;  // of a chunked body; left as it is until used
  InputBuffer chunk_input_;          // chunked bodies, once what came with the head is used up
  const ErrorKind* error_kind_ = nullptr;
  std::string_view error_detail_;
};

}  // namespace linkspan::gateway
