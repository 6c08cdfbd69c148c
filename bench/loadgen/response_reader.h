// Finds where an HTTP/1.1 response ends, and whether it is the one expected; nothing more (it is a load
// generator's reader, lenient where that is cheaper). Sans-I/O, incremental at any byte boundary, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace linkspan::loadgen {

class ResponseReader {
 public:
  enum class Progress { incomplete, complete, malformed };

  // Takes the next bytes of the connection. After `complete`, the next call begins another response; bytes
  // beyond the end of a response are malformed, as nobody asked for them. After `malformed` the connection is
  // of no more use.
  Progress take(std::string_view bytes);

  // Bytes of a Content-Length body still to come. They need not be shown to take(): skip() says how many were
  // read.
  std::size_t skippable_bytes() const { return phase_ == Phase::body ? remaining_ : 0; }
  Progress skip(std::size_t bytes);

  int status() const { return status_; }
  std::size_t body_bytes() const { return body_bytes_; }
  bool mid_response() const { return phase_ != Phase::head || !held_.empty(); }

 private:
  enum class Phase { head, body, chunk_size, chunk_data, chunk_end, trailer };

  bool read_head(std::string_view head);
  Progress take_chunked(std::string_view bytes);
  bool take_chunk_line(std::string_view line);
  Progress finish();

  Phase phase_ = Phase::head;
  int status_ = 0;
  std::size_t body_bytes_ = 0;
  std::size_t remaining_ = 0;  // of the body or of the chunk
  std::string held_;           // the start of a head or of a chunk's line that a read cut in two
};

}  // namespace linkspan::loadgen
