#include "data/json_parse.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/in_quotes.h"
#include "data/json_access.h"
#include "data/json_number.h"
#include "data/json_stack.h"
#include "data/json_structure.h"
#include "data/json_unescape.h"
#include "data/utf8.h"

namespace linkspan::data {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Whether a number or word may end before this byte.
bool ends_token(char c) {
  return is_blank(c) || c == ',' || c == ']' || c == '}' || c == ':' || c == '[' || c == '{';
}

}  // namespace

// Walks over the starts of tokens that simdjson found. Values of open arrays and objects wait on a stack,
// keys and values in turn, until their bracket closes and they move into a node of just their number. The
// parts return false where they failed; error_ then says how.
class JsonParser::State {
 public:
  explicit State(const JsonLimits& limits) : limits_(limits) {}

  bool begin(std::string_view text);
  // The next value of the text, where it is not at its end.
  bool value(JsonValue& out);
  bool at_end() const { return next_ + 1 >= starts_.size(); }
  bool expected(std::string_view what);

  Error take_error() { return std::move(*error_); }
  std::size_t error_offset() const { return error_offset_; }

 private:
  struct Frame {
    std::size_t first;  // of its values, on the stack
    std::size_t start;  // which token opened it
    bool is_object;
  };

  std::size_t offset() const { return starts_[next_]; }
  // The first byte of the next token, 0 at the end.
  char peek() const { return at_end() ? '\0' : text_[offset()]; }
  bool walk();
  bool open(bool is_object);
  bool close();
  bool key();
  bool scalar(char first);
  bool string();
  bool word(std::string_view name, JsonValue value);
  bool number();
  bool non_finite(const char* begin);
  bool fail(std::size_t offset, std::string_view message, const ErrorKind& kind = errors::json_invalid);
  bool duplicate_key(const Frame& frame, std::size_t member);

  JsonLimits limits_;
  JsonStructure structure_;
  JsonStack values_;
  std::vector<Frame> frames_;
  std::string unescaped_;
  std::string_view text_;
  std::span<const std::uint32_t> starts_;
  std::size_t next_ = 0;  // token
  std::size_t error_offset_ = 0;
  std::optional<Error> error_;
};

bool JsonParser::State::fail(std::size_t offset, std::string_view message, const ErrorKind& kind) {
  std::string detail = "byte ";
  append_u64(detail, offset);
  detail += ": ";
  detail += message;
  error_.emplace(kind, std::move(detail));
  error_offset_ = offset;
  values_.clear();
  frames_.clear();
  starts_ = {};
  next_ = 0;
  return false;
}

bool JsonParser::State::expected(std::string_view what) {
  std::string message = "expected ";
  message += what;
  if (at_end()) return fail(text_.size(), message + ", not the end of the text");
  const std::string_view rest = text_.substr(offset(), 24);
  std::size_t bytes = 1;
  while (bytes < rest.size() && !ends_token(rest[0]) && !ends_token(rest[bytes])) ++bytes;
  bytes = std::max<std::size_t>(valid_utf8_bytes(rest.substr(0, bytes)), 1);
  message += ", not ";
  message += in_quotes(rest.substr(0, bytes));
  return fail(offset(), message);
}

bool JsonParser::State::begin(std::string_view text) {
  text_ = text;
  starts_ = {};
  next_ = 0;
  values_.trim();
  const std::size_t max_bytes =
      std::min<std::size_t>(limits_.max_bytes, std::numeric_limits<std::uint32_t>::max());
  if (text.size() > max_bytes)
    return fail(max_bytes, "the text is longer than max_bytes, " + std::to_string(max_bytes),
                errors::json_too_large);
  const JsonStructure::Fault fault = structure_.scan(text);
  if (fault.message != nullptr) return fail(fault.offset, fault.message);
  starts_ = structure_.starts();
  return true;
}

bool JsonParser::State::value(JsonValue& out) {
  if (!walk()) return false;
  out = values_.pop();
  return true;
}

bool JsonParser::State::walk() {
  while (true) {
    const char first = peek();
    if (first == '{') {
      if (!open(true)) return false;
      if (peek() != '}') {
        if (!key()) return false;
        continue;
      }
    } else if (first == '[') {
      if (!open(false)) return false;
      if (peek() != ']') continue;
    } else if (!scalar(first)) {
      return false;
    }
    // A value is complete, or its closing bracket comes next.
    while (true) {
      if (frames_.empty()) return true;
      const Frame& frame = frames_.back();
      const char after = peek();
      if (after == (frame.is_object ? '}' : ']')) {
        if (!close()) return false;
      } else if (after == ',') {
        ++next_;
        if (frame.is_object && !key()) return false;
        break;
      } else {
        return expected(frame.is_object ? "\",\" or \"}\"" : "\",\" or \"]\"");
      }
    }
  }
}

bool JsonParser::State::open(bool is_object) {
  if (frames_.size() >= limits_.max_depth)
    return fail(offset(), "nested deeper than max_depth, " + std::to_string(limits_.max_depth),
                errors::json_too_large);
  frames_.push_back({values_.size(), next_, is_object});
  ++next_;
  return true;
}

bool JsonParser::State::close() {
  const Frame frame = frames_.back();
  frames_.pop_back();
  JsonValue* const first = values_.from(frame.first);
  const std::size_t count = values_.size() - frame.first;
  JsonValue value;
  if (frame.is_object) {
    std::size_t duplicate = count;
    value = JsonAccess::adopt_members(reinterpret_cast<JsonMember*>(first), count / 2, duplicate);
    values_.forget(frame.first);
    if (duplicate != count) return duplicate_key(frame, duplicate);
  } else {
    value = JsonAccess::adopt_items(first, count);
    values_.forget(frame.first);
  }
  values_.push(std::move(value));
  ++next_;
  return true;
}

bool JsonParser::State::key() {
  if (peek() != '"') return expected("a key in quotes");
  if (!string()) return false;
  if (peek() != ':') return expected("\":\"");
  ++next_;
  return true;
}

bool JsonParser::State::scalar(char first) {
  switch (first) {
    case '"':
      return string();
    case 't':
      return word("true", true);
    case 'f':
      return word("false", false);
    case 'n':
      return word("null", nullptr);
    default:
      return number();
  }
}

// Between the opening quote and the next token there is the string, its closing quote and blanks.
bool JsonParser::State::string() {
  const std::size_t begin = offset() + 1;
  std::size_t end = starts_[next_ + 1] - 1;
  while (text_[end] != '"') --end;
  const std::string_view raw(text_.data() + begin, end - begin);
  if (text_.size() - begin >= sizeof(JsonValue) &&
      JsonAccess::make_short_string(raw.data(), raw.size(), values_.place())) {
    values_.added();
  } else if (raw.empty() || std::memchr(raw.data(), '\\', raw.size()) == nullptr) {
    values_.push(raw);
  } else {
    const JsonUnescapeFault fault = unescape_json(raw, unescaped_);
    if (fault.message != nullptr) return fail(begin + fault.offset, fault.message);
    values_.push(unescaped_);
  }
  ++next_;
  return true;
}

bool JsonParser::State::word(std::string_view name, JsonValue value) {
  const std::string_view rest = text_.substr(offset());
  if (!rest.starts_with(name) || (rest.size() > name.size() && !ends_token(rest[name.size()])))
    return non_finite(rest.data()) || expected("a value");
  values_.push(std::move(value));
  ++next_;
  return true;
}

bool JsonParser::State::number() {
  if (at_end()) return expected("a value");
  const char* const begin = text_.data() + offset();
  const char* const end = text_.data() + text_.size();
  JsonValue value;
  const std::size_t bytes = read_json_number(begin, end, value);
  if (bytes == 0 || (begin + bytes != end && !ends_token(begin[bytes])))
    return non_finite(begin) || expected(bytes == 0 ? "a value" : "a number");
  values_.push(std::move(value));
  ++next_;
  return true;
}

bool JsonParser::State::non_finite(const char* begin) {
  if (!limits_.allow_non_finite) return false;
  const char* end = begin;
  while (end != text_.data() + text_.size() && !ends_token(*end)) ++end;
  std::string_view token(begin, end);
  const bool negative = token.starts_with('-');
  if (negative) token.remove_prefix(1);
  double value = 0;
  if (equals_ignore_case(token, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (equals_ignore_case(token, "infinity")) {
    value = std::numeric_limits<double>::infinity();
  } else {
    return false;
  }
  values_.push(negative ? -value : value);
  ++next_;
  return true;
}

// Finds the member's key anew: only who made a mistake pays for saying where.
bool JsonParser::State::duplicate_key(const Frame& frame, std::size_t member) {
  std::size_t depth = 0;
  std::size_t token = frame.start + 1;
  for (std::size_t commas = 0; commas < member; ++token) {
    const char c = text_[starts_[token]];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == ',' && depth == 0) ++commas;
  }
  const std::size_t begin = starts_[token] + 1;
  std::size_t end = starts_[token + 1] - 1;
  while (text_[end] != '"') --end;
  return fail(begin - 1,
              "the key " + in_quotes(text_.substr(begin, end - begin)) + " comes twice in its object");
}

JsonParser::JsonParser(const JsonLimits& limits) : state_(std::make_unique<State>(limits)) {}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;
JsonParser& JsonParser::operator=(JsonParser&&) noexcept = default;

Result<JsonValue> JsonParser::parse(std::string_view text) {
  JsonValue value;
  const bool done = state_->begin(text) && state_->value(value) &&
                    (state_->at_end() || state_->expected("the end of the text"));
  if (!done) return state_->take_error();
  return value;
}

Result<void> JsonParser::begin_stream(std::string_view text) {
  if (!state_->begin(text)) return state_->take_error();
  return {};
}

Result<std::optional<JsonValue>> JsonParser::next() {
  if (state_->at_end()) return std::optional<JsonValue>();
  JsonValue value;
  if (!state_->value(value)) return state_->take_error();
  return std::optional<JsonValue>(std::move(value));
}

std::size_t JsonParser::error_offset() const {
  return state_->error_offset();
}

Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits) {
  return JsonParser(limits).parse(text);
}

}  // namespace linkspan::data
