#include "data/csv.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/utf8.h"

namespace linkspan::data {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

void require_delimiter(char c) {
  if (!is_csv_delimiter(c)) std::abort();
}

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

void advance(CsvPosition& position, std::string_view text) {
  position.offset += text.size();
  const std::size_t line_feed = text.rfind('\n');
  if (line_feed != std::string_view::npos) {
    position.line += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    position.column = 1;
    text.remove_prefix(line_feed + 1);
  }
  position.column += static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), begins_character));
}

}  // namespace

bool is_csv_delimiter(char c) {
  return c == '\t' || (c >= ' ' && c <= '~' && c != '"');
}

std::string csv_place(const CsvPosition& position) {
  std::string place = "line ";
  append_u64(place, position.line);
  place += ", column ";
  append_u64(place, position.column);
  place += " (byte ";
  append_u64(place, position.offset);
  place += "): ";
  return place;
}

CsvReader::CsvReader(const CsvOptions& options) : options_(options) {
  require_delimiter(options.delimiter);
}

Result<bool> CsvReader::read(std::string_view& bytes) {
  if (row_is_done_) begin_row();
  while (!bytes.empty() && state_ != State::over) {
    Result<void> taken;
    if (state_ == State::byte_order_mark) {
      skip_byte_order_mark(bytes);
      if (!bytes.empty()) taken = end_byte_order_mark();
    } else if (state_ == State::quoted || (state_ <= State::plain && !is_sign(bytes.front()))) {
      taken = take_text(bytes);
    } else {
      Result<bool> done = take_sign(bytes);
      if (!done || *done) return done;
    }
    if (!taken) return std::move(taken).error();
  }
  bytes = {};
  return false;
}

Result<bool> CsvReader::finish() {
  if (row_is_done_) begin_row();
  if (state_ == State::byte_order_mark) {
    Result<void> ended = end_byte_order_mark();
    if (!ended) return std::move(ended).error();
  }
  switch (state_) {
    case State::quoted:
      return fail(errors::csv_invalid, field_start_, "these quotes are not closed");
    case State::carriage:
      return fail(errors::csv_invalid, position_, "the text ends in the middle of a line break");
    case State::field_start:
    case State::plain:
    case State::quote: {
      Result<void> ended = end_field();
      if (!ended) return std::move(ended).error();
      end_row();
      return true;
    }
    default:
      return false;
  }
}

void CsvReader::skip_byte_order_mark(std::string_view& bytes) {
  while (!bytes.empty() && marked_ < kByteOrderMark.size() && bytes.front() == kByteOrderMark[marked_]) {
    bytes.remove_prefix(1);
    ++marked_;
  }
}

// Bytes that only began like one are text.
Result<void> CsvReader::end_byte_order_mark() {
  begin_row();
  if (marked_ == kByteOrderMark.size()) {
    position_.offset = marked_;
    row_start_ = field_start_ = position_;
  } else if (marked_ > 0) {
    state_ = State::plain;
    return append(kByteOrderMark.substr(0, marked_));
  }
  return {};
}

Result<void> CsvReader::take_text(std::string_view& bytes) {
  std::size_t size = 0;
  if (state_ == State::quoted) {
    size = std::min(bytes.find('"'), bytes.size());
  } else {
    state_ = State::plain;
    while (size < bytes.size() && !is_sign(bytes[size])) ++size;
  }
  Result<void> added = append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  if (added && state_ == State::quoted && !bytes.empty()) {
    advance(position_, bytes.substr(0, 1));
    bytes.remove_prefix(1);
    state_ = State::quote;
  }
  return added;
}

Result<bool> CsvReader::take_sign(std::string_view& bytes) {
  const char c = bytes.front();
  if (state_ == State::carriage && c != '\n')
    return fail(errors::csv_invalid, position_,
                "a line feed must follow a carriage return outside of quotes");
  if (state_ == State::quote && !is_sign(c))
    return fail(errors::csv_invalid, position_,
                "only a delimiter or a line break may follow a closing quote");
  if (state_ == State::plain && c == '"')
    return fail(errors::csv_invalid, position_, "a quote inside of a field that does not begin with one");
  Result<void> taken;
  const bool ends_field =
      c != '"' && state_ != State::carriage && (state_ != State::row_start || c == options_.delimiter);
  if (ends_field) taken = end_field();
  if (c == '"') taken = take_quote();
  if (!taken) return std::move(taken).error();
  advance(position_, bytes.substr(0, 1));
  bytes.remove_prefix(1);
  if (c == options_.delimiter) {
    state_ = State::field_start;
    field_start_ = position_;
  } else if (c == '\r') {
    state_ = State::carriage;
  } else if (c == '\n') {
    if (ends_.empty()) {
      begin_row();
    } else {
      end_row();
      return true;
    }
  }
  return false;
}

// The first opens a field, the second of two stands for one.
Result<void> CsvReader::take_quote() {
  const bool is_doubled = state_ == State::quote;
  state_ = State::quoted;
  if (!is_doubled) {
    is_quoted_ = true;
    return {};
  }
  const CsvPosition before = position_;
  Result<void> added = append("\"");
  position_ = before;  // take_sign counts it
  return added;
}

// Which limit is met first does not depend on how the text was cut.
Result<void> CsvReader::append(std::string_view text) {
  const std::size_t begin = ends_.empty() ? 0 : ends_.back();
  const std::size_t field_room = options_.limits.max_field_bytes - (text_.size() - begin);
  const std::size_t row_room = options_.limits.max_row_bytes - text_.size();
  if (text.size() > std::min(field_room, row_room)) {
    return field_room <= row_room ? fail(errors::csv_too_large, field_start_,
                                         "the field is longer than max_field_bytes, " +
                                             std::to_string(options_.limits.max_field_bytes))
                                  : fail(errors::csv_too_large, row_start_,
                                         "the row is longer than max_row_bytes, " +
                                             std::to_string(options_.limits.max_row_bytes));
  }
  text_ += text;
  advance(position_, text);
  return {};
}

Result<void> CsvReader::end_field() {
  const std::size_t begin = ends_.empty() ? 0 : ends_.back();
  const std::string_view field = std::string_view(text_).substr(begin);
  const std::size_t valid = valid_utf8_bytes(field);
  if (valid != field.size())
    return fail(errors::csv_invalid, position_in_field(field.substr(0, valid)), "invalid UTF-8");
  if (ends_.size() == options_.limits.max_row_fields)
    return fail(errors::csv_too_large, row_start_,
                "the row has more fields than max_row_fields, " + std::to_string(ends_.size()));
  ends_.push_back(text_.size());
  is_quoted_ = false;
  return {};
}

void CsvReader::end_row() {
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    fields_.push_back(std::string_view(text_).substr(begin, end - begin));
    begin = end;
  }
  row_is_done_ = true;
}

void CsvReader::begin_row() {
  text_.clear();
  ends_.clear();
  fields_.clear();
  row_is_done_ = false;
  if (state_ == State::over) return;
  state_ = State::row_start;
  row_start_ = field_start_ = position_;
}

// Behind this much of the field's text, which may have had quotes.
CsvPosition CsvReader::position_in_field(std::string_view before) const {
  CsvPosition position = field_start_;
  if (is_quoted_) advance(position, "\"");
  for (std::size_t at = 0; at < before.size(); ++at)
    advance(position, before[at] == '"' ? "\"\"" : before.substr(at, 1));
  return position;
}

Error CsvReader::fail(const ErrorKind& kind, const CsvPosition& at, std::string_view what) {
  state_ = State::over;
  return Error(kind, csv_place(at) + std::string(what));
}

void append_csv_row(std::string& out, std::span<const std::string_view> fields, const CsvFormat& format) {
  require_delimiter(format.delimiter);
  if (fields.empty()) std::abort();
  const char signs[] = {format.delimiter, '"', '\r', '\n'};
  // A line without anything is no row, and a mark at the start of the text would be skipped.
  const bool is_empty_line = fields.size() == 1 && fields[0].empty();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string_view field = fields[i];
    if (i > 0) out += format.delimiter;
    const bool needs_quotes = is_empty_line || field.starts_with(kByteOrderMark) ||
                              field.find_first_of({signs, sizeof signs}) != std::string_view::npos;
    if (!needs_quotes) {
      out += field;
      continue;
    }
    out += '"';
    for (const char c : field) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }
  out += format.line_end == CsvLineEnd::crlf ? "\r\n" : "\n";
}

}  // namespace linkspan::data
