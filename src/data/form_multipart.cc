#include "data/form_multipart.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/form_parameters.h"
#include "data/form_part_headers.h"
#include "data/in_quotes.h"

namespace linkspan::data {

namespace {

constexpr std::string_view kDashes = "--";
constexpr std::string_view kLineBreak = "\r\n";

std::string format_offset(std::uint64_t offset) {
  std::string text = "byte ";
  append_u64(text, offset);
  text += ": ";
  return text;
}

}  // namespace

bool is_multipart_boundary(std::string_view boundary) {
  constexpr std::size_t kMaxBytes = 70;
  const auto is_allowed = [](char c) {
    return is_alpha(c) || is_digit(c) ||
           (c != '\0' && std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos);
  };
  return !boundary.empty() && boundary.size() <= kMaxBytes && boundary.back() != ' ' &&
         std::all_of(boundary.begin(), boundary.end(), is_allowed);
}

Result<std::string> multipart_boundary(std::string_view content_type) {
  const auto parsed = parse_parameters(content_type);
  if (!parsed || !equals_ignore_case(parsed->value, "multipart/form-data"))
    return Error(errors::form_invalid,
                 "expected the type multipart/form-data, not " + in_quotes(content_type));
  const auto* boundary = parsed->find("boundary");
  if (boundary == nullptr || !is_multipart_boundary(boundary->text))
    return Error(errors::form_invalid,
                 "no boundary, or one that RFC 2046 does not allow: " + in_quotes(content_type));
  return boundary->text;
}

MultipartReader::MultipartReader(std::string_view boundary, const MultipartLimits& limits) : limits_(limits) {
  if (!is_multipart_boundary(boundary)) std::abort();
  ((delimiter_ = "\r\n--") += boundary) += kDashes;
}

Result<MultipartEvent> MultipartReader::read(std::string_view& bytes) {
  if (std::exchange(end_is_due_, false)) return MultipartEvent::end;
  while (!bytes.empty()) {
    Result<void> done;
    std::optional<MultipartEvent> event;
    switch (state_) {
      case State::preamble:
      case State::content:
        event = matched_ > 0 ? continue_match(bytes) : search(bytes);
        break;
      case State::boundary_line:
        done = read_boundary_line(bytes);
        break;
      case State::headers: {
        Result<std::optional<MultipartEvent>> read = read_headers(bytes);
        if (!read) return std::move(read).error();
        event = *read;
        break;
      }
      case State::epilogue_start:
        done = read_epilogue_start(bytes);
        break;
      default:
        take(bytes, bytes.size());
    }
    if (!done) return std::move(done).error();
    if (event) return *event;
  }
  return MultipartEvent::need_bytes;
}

Result<void> MultipartReader::finish() {
  // What is behind the final boundary may be cut anywhere.
  if (state_ == State::epilogue_start || state_ == State::epilogue) return {};
  return fail(errors::form_invalid, offset_, "the form ends without its final boundary");
}

void MultipartReader::take(std::string_view& bytes, std::size_t count) {
  bytes.remove_prefix(count);
  offset_ += count;
}

// Nothing of the delimiter has been seen. A carriage return is its first byte and no other, so only the last
// one of the text can be its beginning.
std::optional<MultipartEvent> MultipartReader::search(std::string_view& bytes) {
  const std::size_t boundary_bytes = delimiter_.size() - kDashes.size();
  const void* found = memmem(bytes.data(), bytes.size(), delimiter_.data(), boundary_bytes);
  std::size_t size = bytes.size();
  if (found != nullptr) {
    size = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
  } else if (const std::size_t last = bytes.rfind('\r');
             last != std::string_view::npos && std::string_view(delimiter_).starts_with(bytes.substr(last))) {
    size = last;
  }
  const std::string_view content = bytes.substr(0, size);
  take(bytes, size);
  const std::size_t matched = std::min(boundary_bytes, bytes.size());
  take(bytes, matched);
  matched_ = matched;
  if (state_ == State::preamble || content.empty()) return std::nullopt;
  content_ = content;
  return MultipartEvent::content;
}

// Some of the delimiter has been seen. What comes behind it decides whether it is one.
std::optional<MultipartEvent> MultipartReader::continue_match(std::string_view& bytes) {
  const std::size_t boundary_bytes = delimiter_.size() - kDashes.size();
  while (!bytes.empty()) {
    const char c = bytes.front();
    if (matched_ == boundary_bytes && (c == ' ' || c == '\t' || c == '\r')) return found_boundary(false);
    if (c != delimiter_[matched_]) break;
    take(bytes, 1);
    if (++matched_ == delimiter_.size()) return found_boundary(true);
  }
  if (bytes.empty()) return std::nullopt;
  content_ = std::string_view(delimiter_).substr(assumed_, matched_ - assumed_);
  matched_ = assumed_ = 0;
  if (state_ == State::preamble || content_.empty()) return std::nullopt;
  return MultipartEvent::content;
}

std::optional<MultipartEvent> MultipartReader::found_boundary(bool is_final) {
  const bool ends_part = state_ == State::content;
  state_ = is_final ? State::epilogue_start : State::boundary_line;
  matched_ = assumed_ = 0;
  line_has_carriage_ = false;
  end_is_due_ = is_final && ends_part;
  if (ends_part) return MultipartEvent::part_end;
  if (is_final) return MultipartEvent::end;
  return std::nullopt;
}

Result<void> MultipartReader::read_boundary_line(std::string_view& bytes) {
  while (!bytes.empty()) {
    const char c = bytes.front();
    const bool is_line_feed = line_has_carriage_ && c == '\n';
    if (!is_line_feed && (line_has_carriage_ || (c != ' ' && c != '\t' && c != '\r')))
      return fail(errors::form_invalid, offset_, "something stands behind a boundary on its line");
    take(bytes, 1);
    line_has_carriage_ = c == '\r';
    if (!is_line_feed) continue;
    if (++parts_ > limits_.max_parts)
      return fail(errors::form_too_large, offset_,
                  "more parts than max_parts, " + std::to_string(limits_.max_parts));
    state_ = State::headers;
    headers_start_ = offset_;
    headers_.clear();
    return {};
  }
  return {};
}

Result<std::optional<MultipartEvent>> MultipartReader::read_headers(std::string_view& bytes) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    if (size > limits_.max_header_bytes - headers_.size())
      return fail(errors::form_too_large, headers_start_,
                  "the headers of the part are longer than max_header_bytes, " +
                      std::to_string(limits_.max_header_bytes));
    headers_ += bytes.substr(0, size);
    take(bytes, size);
    if (headers_ != kLineBreak && !headers_.ends_with("\r\n\r\n")) continue;
    const std::string_view lines = std::string_view(headers_).substr(0, headers_.size() - kLineBreak.size());
    Result<MultipartPart> part = parse_part_headers(lines, limits_);
    if (!part) return fail(part.error().kind(), headers_start_, part.error().detail());
    part_ = *std::move(part);
    state_ = State::content;
    matched_ = assumed_ = kLineBreak.size();
    return std::optional<MultipartEvent>(MultipartEvent::part);
  }
  return std::optional<MultipartEvent>();
}

Result<void> MultipartReader::read_epilogue_start(std::string_view& bytes) {
  const char c = bytes.front();
  if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
    return fail(errors::form_invalid, offset_, "something stands behind the final boundary on its line");
  state_ = State::epilogue;
  return {};
}

Error MultipartReader::fail(const ErrorKind& kind, std::uint64_t offset, std::string_view what) {
  state_ = State::over;
  return Error(kind, format_offset(offset) + std::string(what));
}

}  // namespace linkspan::data
