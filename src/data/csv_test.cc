#include "data/csv.h"

#include <gtest/gtest.h>

#include "base/error_kinds.h"

namespace linkspan::data {
namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Reading {
  Rows rows;
  std::string error;
};

bool take_row(Reading& reading, const CsvReader& reader, const Result<bool>& row) {
  if (!row) reading.error = row.error().to_string();
  if (!row || !*row) return false;
  reading.rows.emplace_back(reader.fields().begin(), reader.fields().end());
  return true;
}

// In pieces of `piece` bytes.
Reading read_in_pieces(std::string_view text, std::size_t piece, const CsvOptions& options) {
  CsvReader reader(options);
  Reading reading;
  for (std::size_t at = 0; at < text.size() && reading.error.empty(); at += piece) {
    std::string_view bytes = text.substr(at, piece);
    while (take_row(reading, reader, reader.read(bytes))) {
    }
  }
  if (reading.error.empty()) take_row(reading, reader, reader.finish());
  return reading;
}

Reading read_csv(std::string_view text, const CsvOptions& options = {}) {
  const Reading whole = read_in_pieces(text, text.size() + 1, options);
  for (const std::size_t piece : {1, 2, 3, 7}) {
    const Reading again = read_in_pieces(text, piece, options);
    EXPECT_EQ(whole.rows, again.rows) << piece;
    EXPECT_EQ(whole.error, again.error) << piece;
  }
  return whole;
}

std::string write(const Rows& rows, const CsvFormat& format = {}) {
  std::string out;
  for (const auto& row : rows)
    append_csv_row(out, std::vector<std::string_view>(row.begin(), row.end()), format);
  return out;
}

TEST(CsvReader, rows_end_with_either_line_break_and_the_last_needs_none) {
  EXPECT_EQ(read_csv("a,b\r\nc,d\n").rows, (Rows{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(read_csv("a,b\nc,d").rows, (Rows{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(read_csv("").rows, Rows{});
}

TEST(CsvReader, quotes_hold_delimiters_line_breaks_and_doubled_quotes) {
  EXPECT_EQ(read_csv("\"a,b\",\"c\r\nd\ne\",\"say \"\"hi\"\"\",\"\"\n").rows,
            (Rows{{"a,b", "c\r\nd\ne", "say \"hi\"", ""}}));
}

TEST(CsvReader, empty_fields_count_and_empty_lines_do_not) {
  EXPECT_EQ(read_csv("\n,\r\n\r\na,,\n\"\"\n\n").rows, (Rows{{"", ""}, {"a", "", ""}, {""}}));
  EXPECT_EQ(read_csv("a,").rows, (Rows{{"a", ""}}));
}

TEST(CsvReader, spaces_are_part_of_fields) {
  EXPECT_EQ(read_csv(" a , b \n").rows, (Rows{{" a ", " b "}}));
}

TEST(CsvReader, a_byte_order_mark_is_skipped_at_the_start_only) {
  EXPECT_EQ(read_csv("\xEF\xBB\xBFid,name\n").rows, (Rows{{"id", "name"}}));
  EXPECT_EQ(read_csv("\xEF\xBB\xBF\"id\"\n").rows, (Rows{{"id"}}));
  EXPECT_EQ(read_csv("\xEF\xBB\xBF").rows, Rows{});
  EXPECT_EQ(read_csv("a\n\xEF\xBB\xBF\n").rows, (Rows{{"a"}, {"\xEF\xBB\xBF"}}));
  EXPECT_EQ(read_csv("\xEF\xBB\xBC,a").rows, (Rows{{"\xEF\xBB\xBC", "a"}}));
}

TEST(CsvReader, the_delimiter_can_be_chosen) {
  EXPECT_EQ(read_csv("a;b,c\n", {.delimiter = ';'}).rows, (Rows{{"a", "b,c"}}));
  EXPECT_EQ(read_csv("a\tb\n", {.delimiter = '\t'}).rows, (Rows{{"a", "b"}}));
}

TEST(CsvReader, errors_name_line_column_and_byte) {
  EXPECT_EQ(read_csv("a\n\xC3\xA9"
                     "b\"c\n")
                .error,
            "csv-invalid: line 2, column 3 (byte 5): a quote inside of a field that does not begin with one");
  EXPECT_EQ(
      read_csv("\"a\"b\n").error,
      "csv-invalid: line 1, column 4 (byte 3): only a delimiter or a line break may follow a closing quote");
  EXPECT_EQ(read_csv("x\na,\"b\nc").error,
            "csv-invalid: line 2, column 3 (byte 4): these quotes are not closed");
  EXPECT_EQ(
      read_csv("a\rb").error,
      "csv-invalid: line 1, column 3 (byte 2): a line feed must follow a carriage return outside of quotes");
  EXPECT_EQ(read_csv("a\r").error,
            "csv-invalid: line 1, column 3 (byte 2): the text ends in the middle of a line break");
}

TEST(CsvReader, invalid_utf8_is_found_where_it_is) {
  EXPECT_EQ(read_csv("ok,\"a\"\"\nb\xFF\"\n").error, "csv-invalid: line 2, column 2 (byte 9): invalid UTF-8");
  EXPECT_EQ(read_csv("\xEF\xBB").error, "csv-invalid: line 1, column 1 (byte 0): invalid UTF-8");
}

TEST(CsvReader, rows_before_an_error_are_given) {
  const Reading reading = read_csv("a\nb\n\"c\"d\ne\n");
  EXPECT_EQ(reading.rows, (Rows{{"a"}, {"b"}}));
  EXPECT_FALSE(reading.error.empty());
}

TEST(CsvReader, limits_hold) {
  const CsvOptions options{.limits = {.max_field_bytes = 4, .max_row_bytes = 6, .max_row_fields = 3}};
  EXPECT_EQ(read_csv("abcd,ef\n,,\n", options).rows.size(), 2U);
  EXPECT_EQ(read_csv("a\nx,abcde\n", options).error,
            "csv-too-large: line 2, column 3 (byte 4): the field is longer than max_field_bytes, 4");
  EXPECT_EQ(read_csv("abc,def,g\n", options).error,
            "csv-too-large: line 1, column 1 (byte 0): the row is longer than max_row_bytes, 6");
  EXPECT_EQ(read_csv(",,,\n", options).error,
            "csv-too-large: line 1, column 1 (byte 0): the row has more fields than max_row_fields, 3");
}

TEST(CsvWriter, only_what_must_be_is_in_quotes) {
  EXPECT_EQ(write({{"a b", "c,d", "e\"f", "g\nh", "", ";"}}), "a b,\"c,d\",\"e\"\"f\",\"g\nh\",,;\r\n");
  EXPECT_EQ(write({{""}}), "\"\"\r\n");
  EXPECT_EQ(write({{"a,b", "c;d"}}, {.delimiter = ';', .line_end = CsvLineEnd::lf}), "a,b;\"c;d\"\n");
}

TEST(CsvWriter, what_is_written_reads_back) {
  const Rows rows{{"\xEF\xBB\xBFmark", "\r", "\n", "\"", "\"\"", ","}, {""}, {"", ""}, {" ", "\t"}};
  EXPECT_EQ(read_csv(write(rows)).rows, rows);
  EXPECT_EQ(read_csv(write(rows, {.delimiter = '\t'}), {.delimiter = '\t'}).rows, rows);
}

}  // namespace
}  // namespace linkspan::data
