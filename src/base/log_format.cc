#include "base/log_format.h"

#include <charconv>

#include "base/json_text.h"
#include "base/json_writer.h"
#include "base/timestamp.h"

namespace linkspan {
namespace {

// Cut so that one record always holds its message, and its fields in ordinary cases, though each byte may
// become six.
constexpr std::size_t kMaxMessageBytes = 1024;
constexpr std::size_t kMaxTextBytes = 2048;

void write_json_field(JsonWriter& json, const LogField& field) {
  json.key(field.key());
  switch (field.type()) {
    case LogField::Type::text:
      return json.value(field.text().substr(0, kMaxTextBytes));
    case LogField::Type::integer:
      return json.value(field.integer());
    case LogField::Type::unsigned_integer:
      return json.value(field.unsigned_integer());
    case LogField::Type::real:
      return json.value(field.real());
    case LogField::Type::boolean:
      return json.value(field.boolean());
  }
}

// Appends while there is room.
class LineBuffer {
 public:
  explicit LineBuffer(std::span<char> buffer) : buffer_(buffer) {}

  void add(std::string_view text) { size_ += text.copy(buffer_.data() + size_, buffer_.size() - size_); }
  void pad_to(std::size_t column_start, std::size_t width) {
    while (size_ < column_start + width) add(" ");
    add(" ");
  }
  // Control characters would let logged input move the terminal's cursor or forge lines.
  void add_printable(std::string_view text) {
    for (const char c : text) {
      const char shown = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
      add({&shown, 1});
    }
  }
  template <typename Number>
  void add_number(Number number) {
    char digits[32];
    add({digits, std::to_chars(digits, digits + sizeof digits, number).ptr});
  }
  std::size_t size() const { return size_; }

 private:
  std::span<char> buffer_;
  std::size_t size_ = 0;
};

void add_human_text(LineBuffer& line, std::string_view text) {
  text = text.substr(0, kMaxTextBytes);
  if (!text.empty() && text.find_first_of(" \t\r\n\"=\\") == std::string_view::npos)
    return line.add_printable(text);
  char quoted[max_json_string_bytes(kMaxTextBytes)];
  line.add_printable({quoted, put_json_string(text, quoted)});
}

void add_human_value(LineBuffer& line, const LogField& field) {
  switch (field.type()) {
    case LogField::Type::text:
      return add_human_text(line, field.text());
    case LogField::Type::integer:
      return line.add_number(field.integer());
    case LogField::Type::unsigned_integer:
      return line.add_number(field.unsigned_integer());
    case LogField::Type::real:
      return line.add_number(field.real());
    case LogField::Type::boolean:
      return line.add(field.boolean() ? "true" : "false");
  }
}

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::trace:
    case Level::debug:
      return "\x1b[2m";
    case Level::info:
      return "\x1b[32m";
    case Level::warn:
      return "\x1b[33m";
    case Level::error:
    case Level::off:
      return "\x1b[31m";
  }
  return "";
}

constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kPlain = "\x1b[0m";

}  // namespace

std::size_t format_log_json(const LogRecord& record, char* out) {
  JsonWriter json(std::span<char>(out, kMaxLogRecordBytes - 1));
  json.begin_object();
  json.member("time", record.timestamp);
  json.member("level", to_string(record.level));
  json.member("room", record.room);
  json.member("message", record.message.substr(0, kMaxMessageBytes));
  for (const LogField& field : record.fields) write_json_field(json, field);
  json.end_object();
  out[json.size()] = '\n';
  return json.size() + 1;
}

std::size_t format_log_human(const LogRecord& record, bool coloured, char* out) {
  constexpr std::size_t kTimeAt = 11;  // within the RFC 3339 text
  constexpr std::size_t kTimeBytes = 12;
  constexpr std::size_t kEndBytes = 16;  // kept for the reset and the newline
  const auto colour = [coloured](std::string_view code) { return coloured ? code : std::string_view(); };
  LineBuffer line(std::span<char>(out, kMaxLogRecordBytes - kEndBytes));
  line.add(colour(kDim));
  line.add(record.timestamp.substr(kTimeAt, kTimeBytes));
  line.add(colour(kPlain));
  line.add(" ");
  line.add(colour(colour_of(record.level)));
  std::size_t column = line.size();
  line.add(to_string(record.level));
  line.pad_to(column, 5);
  line.add(colour(kPlain));
  column = line.size();
  line.add(record.room);
  line.pad_to(column, 9);
  line.add_printable(record.message.substr(0, kMaxMessageBytes));
  if (record.fields.size() > 0) line.add("  ");
  for (const LogField& field : record.fields) {
    if (&field != record.fields.data()) line.add(" ");
    line.add(colour(kDim));
    line.add(field.key());
    line.add("=");
    line.add(colour(kPlain));
    add_human_value(line, field);
  }
  LineBuffer end(std::span<char>(out + line.size(), kEndBytes));
  end.add(colour(kPlain));
  end.add("\n");
  return line.size() + end.size();
}

}  // namespace linkspan
