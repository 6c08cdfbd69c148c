// CSV on arbitrary bytes: the first chooses the delimiter, the second how the rest is cut. Invariants:
// however it is cut, the rows and the error are the same; rows written read back as themselves; and so do
// they as JSON.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "data/csv.h"
#include "data/csv_json.h"

namespace {

using namespace linkspan::data;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr CsvLimits kLimits{.max_field_bytes = 200, .max_row_bytes = 500, .max_row_fields = 50};
constexpr char kDelimiters[] = {',', ';', '\t', '|'};

struct Reading {
  std::vector<std::vector<std::string>> rows;
  std::string error;

  bool operator==(const Reading&) const = default;
  // Whether there was one.
  bool take(const CsvReader& reader, const linkspan::Result<bool>& row) {
    if (!row) error = row.error().to_string();
    if (!row || !*row) return false;
    rows.emplace_back(reader.fields().begin(), reader.fields().end());
    return true;
  }
};

// In pieces of sizes that `seed` gives; in one piece if it is 0.
Reading read_csv(std::string_view text, const CsvOptions& options, unsigned seed) {
  CsvReader reader(options);
  Reading reading;
  while (!text.empty() && reading.error.empty()) {
    std::string_view bytes = text.substr(0, seed == 0 ? text.size() : 1 + seed % 7);
    text.remove_prefix(bytes.size());
    seed = seed * 5 / 3;
    while (reading.take(reader, reader.read(bytes))) {
    }
    require(bytes.empty() || !reading.error.empty());
  }
  if (reading.error.empty()) reading.take(reader, reader.finish());
  return reading;
}

void check_writing(const Reading& reading, const CsvOptions& options) {
  std::string text;
  for (const auto& row : reading.rows)
    append_csv_row(text, std::vector<std::string_view>(row.begin(), row.end()),
                   {options.delimiter, CsvLineEnd::lf});
  const Reading again = read_csv(text, options, 0);
  require(again.error.empty() && again.rows == reading.rows);
}

void check_json(std::string_view text, const CsvOptions& options) {
  for (const CsvShape shape : {CsvShape::arrays, CsvShape::objects}) {
    const auto rows = parse_csv(text, shape, options);
    if (!rows) continue;
    const auto written = write_csv(*rows, shape, {.delimiter = options.delimiter});
    require(written.ok());
    const auto again = parse_csv(*written, shape, options);
    require(again.ok() && *again == *rows);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const CsvOptions options{.delimiter = kDelimiters[data[0] % 4], .limits = kLimits};
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Reading whole = read_csv(text, options, 0);
  require(read_csv(text, options, 1) == whole);
  require(read_csv(text, options, data[1]) == whole);
  check_writing(whole, options);
  check_json(text, options);
  return 0;
}
