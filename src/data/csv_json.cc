#include "data/csv_json.h"

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/in_quotes.h"
#include "data/scalar_text.h"

namespace linkspan::data {

Result<std::optional<JsonValue>> CsvJsonReader::read(std::string_view& bytes) {
  while (true) {
    Result<bool> row = reader_.read(bytes);
    if (!row) return std::move(row).error();
    if (!*row) return std::optional<JsonValue>();
    Result<std::optional<JsonValue>> value = to_json();
    if (!value || value->has_value()) return value;
  }
}

Result<std::optional<JsonValue>> CsvJsonReader::finish() {
  Result<bool> row = reader_.finish();
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<JsonValue>();
  return to_json();
}

// Nothing of the row with the names.
Result<std::optional<JsonValue>> CsvJsonReader::to_json() {
  const auto fields = reader_.fields();
  if (shape_ == CsvShape::arrays) {
    JsonArrayBuilder row(fields.size());
    for (const std::string_view field : fields) row.add(field);
    return std::optional<JsonValue>(row.build());
  }
  if (!has_header_) {
    Result<void> taken = take_header();
    if (!taken) return std::move(taken).error();
    return std::optional<JsonValue>();
  }
  if (fields.size() != names_.size()) {
    std::string what = "the row has ";
    append_u64(what, fields.size());
    what += fields.size() == 1 ? " field, the header " : " fields, the header ";
    append_u64(what, names_.size());
    return fail(what);
  }
  JsonObjectBuilder row(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) row.set(names_[i], fields[i]);
  return std::optional<JsonValue>(row.build());
}

Result<void> CsvJsonReader::take_header() {
  JsonValue known = JsonValue::empty_object();
  for (const std::string_view field : reader_.fields()) {
    if (known.contains(field)) return fail("the name " + in_quotes(field) + " comes twice in the header");
    known.set(field, true);
    names_.emplace_back(field);
  }
  has_header_ = true;
  return {};
}

Error CsvJsonReader::fail(std::string_view what) const {
  return Error(errors::csv_invalid, csv_place(reader_.row_start()) + std::string(what));
}

Result<JsonValue> parse_csv(std::string_view text, CsvShape shape, const CsvOptions& options) {
  CsvJsonReader reader(shape, options);
  JsonArrayBuilder rows;
  while (true) {
    Result<std::optional<JsonValue>> row = reader.read(text);
    const bool is_last = row && !row->has_value();
    if (is_last) row = reader.finish();
    if (!row) return std::move(row).error();
    if (*row) rows.add(**std::move(row));
    if (is_last) return rows.build();
  }
}

namespace {

Error unwritable(std::size_t row, std::string_view what) {
  std::string detail = "row ";
  append_u64(detail, row + 1);
  detail += ": ";
  detail += what;
  return Error(errors::csv_unwritable, std::move(detail));
}

// Writes rows; keeps the memory of one.
class RowWriter {
 public:
  RowWriter(std::string& out, const CsvFormat& format) : out_(out), format_(format) {}

  // False if it has no text.
  bool add(const JsonValue& field) {
    const auto text = scalar_text(field);
    if (text) texts_.push_back(*text);
    return text.has_value();
  }
  void end() {
    const std::vector<std::string_view> fields(texts_.begin(), texts_.end());
    append_csv_row(out_, fields, format_);
    texts_.clear();
  }

 private:
  std::string& out_;
  const CsvFormat& format_;
  std::vector<std::string> texts_;
};

Result<void> write_arrays(RowWriter& writer, const JsonValue& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const JsonValue& row = rows.items()[i];
    if (!row.is_array() || row.empty()) return unwritable(i, "expected an array with something in it");
    for (const JsonValue& field : row.items())
      if (!writer.add(field)) return unwritable(i, "an array or object is no field");
    writer.end();
  }
  return {};
}

Result<void> write_objects(RowWriter& writer, const JsonValue& rows) {
  if (rows.empty()) return {};
  const JsonValue& names = rows.items()[0];
  if (!names.is_object() || names.empty()) return unwritable(0, "expected an object with something in it");
  for (const JsonMember& member : names.members()) writer.add(member.key);
  writer.end();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const JsonValue& row = rows.items()[i];
    if (!row.is_object()) return unwritable(i, "expected an object");
    std::size_t found = 0;
    for (const JsonMember& name : names.members()) {
      const JsonValue* field = row.find(name.key.string());
      if (field != nullptr) ++found;
      if (!writer.add(field == nullptr ? JsonValue() : *field))
        return unwritable(i, "the array or object at " + in_quotes(name.key.string()) + " is no field");
    }
    writer.end();
    if (found == row.size()) continue;
    for (const JsonMember& member : row.members())
      if (!names.contains(member.key.string()))
        return unwritable(i, "the first row has no " + in_quotes(member.key.string()));
  }
  return {};
}

}  // namespace

Result<std::string> write_csv(const JsonValue& rows, CsvShape shape, const CsvFormat& format) {
  if (!rows.is_array()) return Error(errors::csv_unwritable, "expected an array of rows");
  std::string out;
  RowWriter writer(out, format);
  Result<void> written = shape == CsvShape::arrays ? write_arrays(writer, rows) : write_objects(writer, rows);
  if (!written) return std::move(written).error();
  return out;
}

}  // namespace linkspan::data
