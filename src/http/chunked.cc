#include "http/chunked.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/error_kinds.h"
#include "http/char_class.h"

namespace linkspan::http {

namespace {

constexpr std::uint8_t kMaxSizeDigits = 15;  // below 2^60: sums of sizes do not overflow
constexpr std::string_view kLastChunkLine = "0\r\n";

constexpr HeaderSet kForbiddenInTrailer = kHopByHop | kSecretHeaders |
                                          HeaderSet{HeaderId::content_length,
                                                    HeaderId::host,
                                                    HeaderId::cache_control,
                                                    HeaderId::expect,
                                                    HeaderId::max_forwards,
                                                    HeaderId::pragma,
                                                    HeaderId::range,
                                                    HeaderId::if_match,
                                                    HeaderId::if_none_match,
                                                    HeaderId::if_modified_since,
                                                    HeaderId::if_unmodified_since,
                                                    HeaderId::if_range,
                                                    HeaderId::www_authenticate,
                                                    HeaderId::age,
                                                    HeaderId::date,
                                                    HeaderId::expires,
                                                    HeaderId::location,
                                                    HeaderId::retry_after,
                                                    HeaderId::vary,
                                                    HeaderId::content_encoding,
                                                    HeaderId::content_type,
                                                    HeaderId::content_range,
                                                    HeaderId::forwarded,
                                                    HeaderId::via,
                                                    HeaderId::x_forwarded_for,
                                                    HeaderId::x_forwarded_host,
                                                    HeaderId::x_forwarded_port,
                                                    HeaderId::x_forwarded_proto,
                                                    HeaderId::x_real_ip,
                                                    HeaderId::x_request_id};

}  // namespace

bool allowed_in_trailer(HeaderId id) {
  return !kForbiddenInTrailer.contains(id);
}

std::size_t write_chunk_header(std::uint64_t payload_bytes, char* out) {
  char* end = std::to_chars(out, out + 16, payload_bytes, 16).ptr;
  std::memcpy(end, "\r\n", 2);
  return static_cast<std::size_t>(end - out) + 2;
}

ChunkedDecoder::ChunkedDecoder(MessageSide side, std::span<char> trailer_storage, const ChunkedLimits& limits)
    : side_(side), limits_(limits), trailers_(trailer_storage) {}

std::string_view ChunkedDecoder::trailers() const {
  if (state_ != State::done || trailers_used_ == 0) return {};
  return last_chunk().substr(kLastChunkLine.size(), trailers_used_ - kLastChunk.size());
}

std::string_view ChunkedDecoder::last_chunk() const {
  return trailers_used_ == 0 ? kLastChunk : std::string_view(trailers_.data(), trailers_used_);
}

bool ChunkedDecoder::fail(std::string_view what) {
  state_ = State::failed;
  error_.set(side_ == MessageSide::request ? errors::chunk_invalid : errors::upstream_bad_response, offset_,
             what);
  return false;
}

bool ChunkedDecoder::fail_byte(char byte, std::string_view where) {
  state_ = State::failed;
  error_.set_byte(side_ == MessageSide::request ? errors::chunk_invalid : errors::upstream_bad_response,
                  offset_, byte, where);
  return false;
}

bool ChunkedDecoder::fail_too_large(std::string_view what) {
  state_ = State::failed;
  error_.set(side_ == MessageSide::request ? errors::headers_too_large : errors::upstream_bad_response,
             offset_, what);
  return false;
}

bool ChunkedDecoder::expect(char byte, char wanted, State next) {
  if (byte != wanted) return fail_byte(byte, "the framing of a chunked body");
  state_ = next;
  return true;
}

bool ChunkedDecoder::add_size_digit(int digit) {
  if (++size_digits_ > kMaxSizeDigits) return fail("a chunk size has too many digits");
  chunk_left_ = chunk_left_ * 16 + static_cast<std::uint64_t>(digit);
  state_ = State::size;
  return true;
}

bool ChunkedDecoder::size_byte(char byte) {
  if (state_ == State::size_first) {
    chunk_left_ = 0;
    size_digits_ = 0;
    extension_bytes_ = 0;
  }
  const int digit = hex_value(byte);
  if (digit >= 0) return add_size_digit(digit);
  if (state_ == State::size_first) return fail_byte(byte, "place of a chunk size");
  switch (byte) {
    case '\r':
      state_ = State::size_lf;
      return true;
    case ';':
      state_ = State::extension;
      return true;
    case ' ':
    case '\t':
      state_ = State::extension_space;
      return true;
    default:
      return fail_byte(byte, "a chunk size");
  }
}

bool ChunkedDecoder::extension_byte(char byte) {
  ++overhead_bytes_;
  if (++extension_bytes_ > limits_.max_extension_bytes) return fail("a chunk extension is too long");
  if (overhead_bytes_ > limits_.max_overhead_bytes) return fail("the body has too many chunk extensions");
  if (state_ == State::extension_space) {
    if (byte == ' ' || byte == '\t') return true;
    return expect(byte, ';', State::extension);
  }
  if (byte == '\r') {
    state_ = State::size_lf;
    return true;
  }
  return is_char(byte, kValueChar) || fail_byte(byte, "a chunk extension");
}

bool ChunkedDecoder::data_end_byte(char byte) {
  if (state_ == State::data_cr) {
    if (byte != '\r') return fail("a chunk is longer than its size says");
    state_ = State::data_lf;
    return true;
  }
  return expect(byte, '\n', State::size_first);
}

void ChunkedDecoder::finish_size_line() {
  if (chunk_left_ != 0) {
    state_ = State::data;
  } else {
    state_ = State::trailer_start;
    begin_trailers();
  }
}

void ChunkedDecoder::begin_trailers() {
  if (trailers_.size() < kLastChunk.size()) return;
  std::memcpy(trailers_.data(), kLastChunkLine.data(), kLastChunkLine.size());
  trailers_used_ = kLastChunkLine.size();
}

void ChunkedDecoder::store_trailer_byte(char byte) {
  // Two bytes are kept back for the empty line at the end.
  trailer_fits_ = trailer_fits_ && trailers_used_ + 2 < trailers_.size();
  if (trailer_fits_) trailers_[trailers_used_++] = byte;
}

void ChunkedDecoder::finish_trailer_line() {
  state_ = State::trailer_start;
  if (trailer_fits_) {
    const std::string_view name(trailers_.data() + trailer_line_, name_bytes_);
    const HeaderId id = header_id(name);
    if (allowed_in_trailer(id) && !is_dropped(name, id, trailer_rules_)) return;
  }
  trailers_used_ = trailer_line_;
}

bool ChunkedDecoder::trailer_byte(char byte) {
  if (++trailer_bytes_ > limits_.max_trailer_bytes) return fail_too_large("the trailer section is too large");
  if (state_ == State::trailer_start) {
    if (byte == '\r') {
      state_ = State::end_lf;
      return true;
    }
    name_bytes_ = 0;
    trailer_fits_ = true;
    trailer_line_ = trailers_used_;
    state_ = State::trailer_name;
  }
  store_trailer_byte(byte);
  switch (state_) {
    case State::trailer_name:
      if (byte == ':' && name_bytes_ != 0) {
        state_ = State::trailer_value;
        return true;
      }
      if (!is_char(byte, kTokenChar)) return fail_byte(byte, "the name of a trailer field");
      ++name_bytes_;
      return true;
    case State::trailer_value:
      if (byte != '\r') return is_char(byte, kValueChar) || fail_byte(byte, "the value of a trailer field");
      state_ = State::trailer_lf;
      return true;
    default:
      if (!expect(byte, '\n', State::trailer_start)) return false;
      finish_trailer_line();
      return true;
  }
}

bool ChunkedDecoder::framing_byte(char byte) {
  bool good = true;
  switch (state_) {
    case State::size_first:
    case State::size:
      good = size_byte(byte);
      break;
    case State::extension_space:
    case State::extension:
      good = extension_byte(byte);
      break;
    case State::size_lf:
      good = expect(byte, '\n', State::data);
      if (good) finish_size_line();
      break;
    case State::data_cr:
    case State::data_lf:
      good = data_end_byte(byte);
      break;
    case State::trailer_start:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_lf:
      good = trailer_byte(byte);
      break;
    case State::end_lf:
      good = expect(byte, '\n', State::done);
      if (good && trailers_used_ != 0) {
        std::memcpy(trailers_.data() + trailers_used_, "\r\n", 2);
        trailers_used_ += 2;
      }
      break;
    case State::data:
    case State::done:
    case State::failed:
      return false;
  }
  if (good) ++offset_;
  return good;
}

std::size_t ChunkedDecoder::take_data(std::size_t available) {
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, available));
  chunk_left_ -= taken;
  payload_bytes_ += taken;
  offset_ += taken;
  if (chunk_left_ == 0) state_ = State::data_cr;
  return taken;
}

ChunkStep ChunkedDecoder::decode(std::string_view input) {
  std::size_t at = 0;
  while (state_ != State::done) {
    if (state_ == State::failed) return {ChunkState::error, at, {}};
    if (at == input.size()) return {ChunkState::need_more, at, {}};
    if (state_ == State::data) {
      const std::size_t taken = take_data(input.size() - at);
      const bool all = at + taken == input.size();
      return {all ? ChunkState::need_more : ChunkState::data, at + taken, input.substr(at, taken)};
    }
    if (framing_byte(input[at])) ++at;
  }
  return {ChunkState::end, at, {}};
}

// A complete chunk header at the front that needs no rewriting: its length, and the decoder is in its data.
// Else 0.
std::size_t ChunkedDecoder::take_plain_header(std::string_view input) {
  std::uint64_t size = 0;
  std::size_t digits = 0;
  while (digits < input.size() && digits <= kMaxSizeDigits && hex_value(input[digits]) >= 0) {
    size = size * 16 + static_cast<std::uint64_t>(hex_value(input[digits++]));
  }
  const bool plain = digits != 0 && digits <= kMaxSizeDigits && input[0] != '0' &&
                     input.size() - digits >= 2 && input[digits] == '\r' && input[digits + 1] == '\n';
  if (!plain) return 0;
  chunk_left_ = size;
  state_ = State::data;
  offset_ += digits + 2;
  return digits + 2;
}

// Lines that cannot go on as they came: reads to their end and gives clean ones.
ChunkStep ChunkedDecoder::take_lines(std::string_view input) {
  std::size_t at = 0;
  while (at < input.size() && framing_byte(input[at])) {
    ++at;
    if (state_ == State::data) {
      return {ChunkState::data, at, {header_.data(), write_chunk_header(chunk_left_, header_.data())}};
    }
    if (state_ == State::done) return {ChunkState::end, at, last_chunk()};
  }
  return {state_ == State::failed ? ChunkState::error : ChunkState::need_more, at, {}};
}

ChunkStep ChunkedDecoder::pass_through(std::string_view input) {
  if (state_ == State::done) return {ChunkState::end, 0, {}};
  if (state_ == State::failed) return {ChunkState::error, 0, {}};
  std::size_t at = 0;
  while (at < input.size()) {
    if (state_ == State::data) {
      at += take_data(input.size() - at);
    } else if (state_ == State::data_cr || state_ == State::data_lf) {
      if (!framing_byte(input[at])) break;
      ++at;
    } else if (const std::size_t header =
                   state_ == State::size_first ? take_plain_header(input.substr(at)) : 0) {
      at += header;
    } else if (state_ == State::size_first && input.substr(at).starts_with(kLastChunk)) {
      at += kLastChunk.size();
      offset_ += kLastChunk.size();
      state_ = State::done;
      return {ChunkState::end, at, input.substr(0, at)};
    } else {
      if (at != 0) return {ChunkState::data, at, input.substr(0, at)};
      break;
    }
  }
  if (at == input.size()) return {ChunkState::need_more, at, input};
  if (state_ == State::failed) return {ChunkState::error, at, {}};
  return take_lines(input);
}

}  // namespace linkspan::http
