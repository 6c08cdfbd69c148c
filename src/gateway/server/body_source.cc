#include "gateway/server/body_source.h"

#include <algorithm>

#include "base/error_kinds.h"

namespace linkspan::gateway {

namespace {

constexpr std::size_t kChunkBufferBytes = 16 * 1024;

}  // namespace

void BodySource::begin(const http::RequestHead& head) {
  framing_ = head.framing;
  length_ = framing_ == http::Framing::length ? head.content_length : 0;
  max_bytes_ = 0;
  keep_max_ = 0;
  kept_at_ = kept_end_ = 0;
  kept_.release();
  lost_ = false;
  if (framing_ == http::Framing::chunked) trailer_rules_ = {};
  rewind();
}

void BodySource::rewind() {
  left_ = length_;
  finished_ = framing_ == http::Framing::none || (framing_ == http::Framing::length && left_ == 0);
  kept_at_ = 0;
  decoder_.reset();
  if (framing_ != http::Framing::chunked) return;
  decoder_.emplace(http::MessageSide::request, trailers_);
  decoder_->drop_trailers(trailer_rules_);
}

void BodySource::drop_trailers(const http::CopyRules& rules) {
  if (!decoder_) return;
  trailer_rules_ = rules;
  decoder_->drop_trailers(rules);
}

BodyPiece BodySource::next(io::Stream& stream, InputBuffer& input, std::span<char> space, BufferPool& pool,
                           Form form) {
  if (finished_) return {BodyState::end, {}};
  return framing_ == http::Framing::chunked ? next_chunked(stream, input, pool, form)
                                            : next_length(stream, input, pool, space);
}

BodyPiece BodySource::next_length(io::Stream& stream, InputBuffer& input, BufferPool& pool,
                                  std::span<char> space) {
  std::string_view bytes = input.unread().substr(0, left_);
  if (!bytes.empty()) {
    input.at += bytes.size();
  } else if (kept_at_ != kept_end_) {
    bytes = {kept_.data() + kept_at_, kept_end_ - kept_at_};
    kept_at_ = kept_end_;
  } else {
    const bool keeps = length_ <= keep_max_;
    if (keeps) {
      if (kept_.empty()) kept_ = pool.acquire(left_);
      space = {kept_.data() + kept_end_, kept_.capacity() - kept_end_};
    }
    const io::IoResult result = stream.read(space.first(std::min<std::uint64_t>(space.size(), left_)));
    if (result.status != io::IoStatus::ok) return fail_read(result);
    bytes = {space.data(), result.bytes};
    if (keeps) {
      kept_at_ = kept_end_ += result.bytes;
    } else {
      lost_ = true;
    }
  }
  left_ -= bytes.size();
  finished_ = left_ == 0;
  return {BodyState::data, bytes};
}

BodyPiece BodySource::next_chunked(io::Stream& stream, InputBuffer& input, BufferPool& pool, Form form) {
  while (true) {
    InputBuffer& from = input.empty() ? chunk_input_ : input;
    if (from.empty()) {
      if (from.buffer.empty()) from.buffer = pool.acquire(kChunkBufferBytes);
      const io::IoResult result = stream.read({from.buffer.data(), from.buffer.capacity()});
      if (result.status != io::IoStatus::ok) return fail_read(result);
      lost_ = true;
      from.at = 0;
      from.end = result.bytes;
    }
    const http::ChunkStep step =
        form == Form::raw ? decoder_->pass_through(from.unread()) : decoder_->decode(from.unread());
    from.at += step.consumed;
    if (step.state == http::ChunkState::error)
      return fail(decoder_->error().kind(), decoder_->error().detail());
    if (max_bytes_ != 0 && decoder_->payload_bytes() > max_bytes_) {
      return fail(errors::body_too_large, "the chunked body is larger than this endpoint takes");
    }
    finished_ = step.state == http::ChunkState::end;
    if (!step.bytes.empty()) return {BodyState::data, step.bytes};
    if (finished_) return {BodyState::end, {}};
  }
}

BodyPiece BodySource::fail(const ErrorKind& kind, std::string_view detail) {
  error_kind_ = &kind;
  error_detail_ = detail;
  return {BodyState::failed, {}};
}

BodyPiece BodySource::fail_read(const io::IoResult& result) {
  if (result.status == io::IoStatus::would_block) return {BodyState::would_block, {}};
  return fail(errors::body_incomplete, "the client closed the connection before the end of the body");
}

void BodySource::give_back_excess(InputBuffer& input) {
  if (!chunk_input_.empty() && input.empty()) {
    std::swap(input.buffer, chunk_input_.buffer);
    input.at = chunk_input_.at;
    input.end = chunk_input_.end;
  }
  chunk_input_.clear();
}

void BodySource::reset() {
  finished_ = true;
  kept_.release();
  kept_at_ = kept_end_ = 0;
  decoder_.reset();
  chunk_input_.clear();
}

}  // namespace linkspan::gateway
