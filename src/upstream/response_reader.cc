#include "upstream/response_reader.h"

#include <algorithm>

#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan::upstream {

std::string_view Response::header(std::string_view name) const {
  for (const HeaderLine& line : headers) {
    if (equals_ignore_case(line.name, name)) return line.value;
  }
  return {};
}

ResponseReader::State ResponseReader::feed(std::string_view bytes) {
  if (error_) return State::failed;
  if (!bytes.empty()) started_ = true;
  if (head_done_) return read_body(bytes);
  head_.append(bytes);
  return read_head();
}

ResponseReader::State ResponseReader::read_head() {
  http::FieldStorage<> storage;
  http::ResponseHead head(storage);
  const http::HeadLimits limits{.max_header_bytes = limits_.max_header_bytes};
  while (true) {
    const http::ParseStatus parsed = http::parse_response_head(head_, method_, limits, scanned_, head);
    if (parsed.state == http::ParseState::error) {
      error_ = head.error.to_error();
      return State::failed;
    }
    scanned_ = parsed.bytes;
    if (parsed.state == http::ParseState::need_more) return State::need_more;
    if (head.switches_protocol)
      return fail(errors::upstream_bad_response, "101 (Switching Protocols) without Upgrade");
    if (!head.interim) break;
    head_.erase(0, parsed.bytes);
    scanned_ = 0;
  }
  response_.status = head.status;
  for (const http::Field& field : head.fields) {
    response_.headers.push_back({std::string(field.name()), std::string(field.value())});
  }
  head_done_ = true;
  keep_alive_ = head.keep_alive;
  framing_ = head.framing;
  body_left_ = framing_ == http::Framing::length ? head.content_length : 0;
  const std::string rest = head_.substr(scanned_);
  head_ = {};
  return read_body(rest);
}

ResponseReader::State ResponseReader::read_body(std::string_view bytes) {
  if (done_) return finish(bytes);
  switch (framing_) {
    case http::Framing::none:
      return finish(bytes);
    case http::Framing::until_close:
      return append(bytes);
    case http::Framing::chunked:
      return read_chunks(bytes);
    case http::Framing::length:
      break;
  }
  const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, bytes.size()));
  if (append(bytes.substr(0, take)) == State::failed) return State::failed;
  body_left_ -= take;
  return body_left_ == 0 ? finish(bytes.substr(take)) : State::need_more;
}

ResponseReader::State ResponseReader::read_chunks(std::string_view bytes) {
  while (true) {
    const http::ChunkStep step = chunks_.decode(bytes);
    if (step.state == http::ChunkState::error) {
      error_ = chunks_.error().to_error();
      return State::failed;
    }
    if (append(step.bytes) == State::failed) return State::failed;
    bytes.remove_prefix(step.consumed);
    if (step.state == http::ChunkState::end) return finish(bytes);
    if (step.state == http::ChunkState::need_more) return State::need_more;
  }
}

ResponseReader::State ResponseReader::append(std::string_view payload) {
  if (payload.size() > limits_.max_body_bytes - response_.body.size()) {
    return fail(errors::upstream_bad_response,
                "the body is larger than the " + std::to_string(limits_.max_body_bytes) + " bytes allowed");
  }
  response_.body.append(payload);
  return State::need_more;
}

ResponseReader::State ResponseReader::finish(std::string_view left_over) {
  done_ = true;
  if (!left_over.empty()) keep_alive_ = false;
  return State::complete;
}

ResponseReader::State ResponseReader::end() {
  if (error_) return State::failed;
  if (done_) return State::complete;
  if (head_done_ && framing_ == http::Framing::until_close) {
    keep_alive_ = false;
    return finish({});
  }
  if (!started_) return fail(errors::upstream_reset, "closed the connection without an answer");
  if (!head_done_) return fail(errors::upstream_incomplete, "closed the connection within the header fields");
  return fail(errors::upstream_incomplete,
              "closed the connection after " + std::to_string(response_.body.size()) + " bytes of the body");
}

ResponseReader::State ResponseReader::fail(const ErrorKind& kind, std::string detail) {
  error_ = Error(kind, std::move(detail));
  return State::failed;
}

}  // namespace linkspan::upstream
