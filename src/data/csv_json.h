// CSV as JSON: every field is a string, every row an array or, with a header row, an object.
//
//   Result<JsonValue> orders = parse_csv(text, CsvShape::objects);      // [{"id":"7","total":"9.50"}, ...]
//   Result<std::string> text = write_csv(*orders, CsvShape::objects);   // the same text again
//
// CSV knows no types: "7" stays text (`tonumber` of jq makes a number of it). As objects, each row must have
// as many fields as the header, whose names must differ. Written: strings as they are, null as an empty
// field, numbers and booleans as JSON; arrays and objects in a field are errors::csv_unwritable.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/csv.h"
#include "data/json.h"

namespace linkspan::data {

enum class CsvShape : unsigned char {
  arrays,
  objects  // the first row has the names
};

// Row by row, as CsvReader reads; errors are those of CsvReader. One thread.
class CsvJsonReader {
 public:
  explicit CsvJsonReader(CsvShape shape, const CsvOptions& options = {}) : shape_(shape), reader_(options) {}

  // Takes bytes from the front of `bytes` until a row is complete; nullopt when it has taken all of them.
  Result<std::optional<JsonValue>> read(std::string_view& bytes);
  // There are no more bytes: the last row, if no line break ended it.
  Result<std::optional<JsonValue>> finish();

 private:
  Result<std::optional<JsonValue>> to_json();
  Result<void> take_header();
  Error fail(std::string_view what) const;

  CsvShape shape_;
  CsvReader reader_;
  bool has_header_ = false;
  std::vector<JsonValue> names_;
};

// All rows as one array.
Result<JsonValue> parse_csv(std::string_view text, CsvShape shape, const CsvOptions& options = {});

// An array of arrays, none of them empty; or an array of objects, of which the first has all names that
// occur, and whose rows may leave some out, which gives an empty field.
Result<std::string> write_csv(const JsonValue& rows, CsvShape shape, const CsvFormat& format = {});

}  // namespace linkspan::data
