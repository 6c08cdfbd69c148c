// CSV (RFC 4180), rows of texts: reading as the bytes come, and writing. csv_json.h makes JSON of it.
//
//   CsvReader reader({.delimiter = ';'});
//   for (std::string_view bytes : chunks) {           // cut anywhere: the rows are the same
//     while (true) {
//       Result<bool> row = reader.read(bytes);        // moves `bytes` along
//       if (!row) return std::move(row).error();      // csv-invalid: line 3, column 7 (byte 41): ...
//       if (!*row) break;                             // all of it is read
//       use(reader.fields());
//     }
//   }
//   Result<bool> last = reader.finish();              // the row that no line break ends
//
// Rows end with CRLF or LF. An empty line is no row. A byte order mark at the start is skipped. Rows may have
// different numbers of fields. Refused with errors::csv_invalid: a quote inside of a field without quotes,
// anything between a closing quote and the next delimiter, quotes that are not closed, a carriage return
// outside of quotes that no line feed follows, invalid UTF-8. Past a limit: errors::csv_too_large.
//
// What is written reads back as the same rows. A reader belongs to one thread; writing is pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace linkspan::data {

struct CsvLimits {
  std::size_t max_field_bytes = 1024 * 1024;     // after quotes are taken off
  std::size_t max_row_bytes = 16 * 1024 * 1024;  // of all fields together
  std::size_t max_row_fields = 10'000;
};

// Printable ASCII or a tab, but no quote.
bool is_csv_delimiter(char c);

struct CsvOptions {
  char delimiter = ',';  // one for which is_csv_delimiter holds
  CsvLimits limits{};
};

// Line and column from 1, the column in characters; the offset in bytes from the start.
struct CsvPosition {
  std::uint64_t offset = 0;
  std::uint64_t line = 1;
  std::uint64_t column = 1;
};

// "line 3, column 7 (byte 41): ", as errors begin.
std::string csv_place(const CsvPosition& position);

class CsvReader {
 public:
  explicit CsvReader(const CsvOptions& options = {});
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // Takes bytes from the front of `bytes` up to the end of a row: true, and fields() is the row; or all of
  // them: false. After an error it reads no more.
  Result<bool> read(std::string_view& bytes);
  // There are no more bytes. True if that ended a row.
  Result<bool> finish();

  // Of the row that was read last; views until the next read.
  std::span<const std::string_view> fields() const { return fields_; }
  // Where that row began.
  const CsvPosition& row_start() const { return row_start_; }

 private:
  enum class State : unsigned char {
    byte_order_mark,  // at the start of the text
    row_start,
    field_start,  // behind a delimiter
    plain,        // inside a field without quotes
    quoted,       // inside quotes
    quote,        // behind a quote inside of quotes
    carriage,     // behind the carriage return that ends a row
    over          // after an error
  };

  void skip_byte_order_mark(std::string_view& bytes);
  Result<void> end_byte_order_mark();
  // Takes what stands for itself: up to a delimiter, quote or line break, or inside quotes up to a quote.
  Result<void> take_text(std::string_view& bytes);
  // Takes one byte, which is no such text; true if it ended a row.
  Result<bool> take_sign(std::string_view& bytes);
  Result<void> take_quote();
  Result<bool> take_line_feed();
  Result<void> append(std::string_view text);
  Result<void> end_field();
  void end_row();
  void begin_row();
  bool is_sign(char c) const { return c == options_.delimiter || c == '"' || c == '\r' || c == '\n'; }
  CsvPosition position_in_field(std::string_view before) const;
  Error fail(const ErrorKind& kind, const CsvPosition& at, std::string_view what);

  CsvOptions options_;
  State state_ = State::byte_order_mark;
  CsvPosition position_;
  CsvPosition row_start_;
  CsvPosition field_start_;
  std::string text_;               // of the fields of this row
  std::vector<std::size_t> ends_;  // of the fields that are complete, in text_
  std::vector<std::string_view> fields_;
  std::size_t marked_ = 0;  // bytes of a byte order mark
  bool is_quoted_ = false;  // the field
  bool row_is_done_ = false;
};

enum class CsvLineEnd : unsigned char { crlf, lf };

struct CsvFormat {
  char delimiter = ',';
  CsvLineEnd line_end = CsvLineEnd::crlf;
};

// One row, in quotes only what would not be read back without. `fields` are UTF-8, and at least one.
void append_csv_row(std::string& out, std::span<const std::string_view> fields, const CsvFormat& format = {});

}  // namespace linkspan::data
