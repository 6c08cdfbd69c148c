#include "http/head_writer.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "http/scan.h"
#include "http/status.h"

namespace linkspan::http {

namespace {

char without_underscore(char c) {
  return c == '_' ? '-' : to_lower_ascii(c);
}

bool looks_alike(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, without_underscore, without_underscore);
}

// `name` has an underscore.
bool is_lookalike(std::string_view name, HeaderSet drop, std::span<const std::string_view> names) {
  std::array<char, kHeaderNameReadAhead> plain;
  if (name.size() <= plain.size()) {
    std::ranges::transform(name, plain.begin(), without_underscore);
    const HeaderId id = header_id({plain.data(), name.size()});
    if (id != HeaderId::other && (drop.contains(id) || id == HeaderId::content_length)) return true;
  }
  return std::ranges::any_of(names, [name](std::string_view dropped) { return looks_alike(name, dropped); });
}

// Of a field without an id.
bool is_dropped_name(std::string_view name, HeaderSet drop, const CopyRules& rules) {
  for (std::string_view dropped : rules.drop_names) {
    if (equals_ignore_case(name, dropped)) return true;
  }
  return rules.drop_lookalikes && name.find('_') != std::string_view::npos &&
         is_lookalike(name, drop, rules.drop_names);
}

}  // namespace

bool is_dropped(std::string_view name, HeaderId id, const CopyRules& rules) {
  const HeaderSet drop = kHopByHop | rules.drop;
  return drop.contains(id) || (id == HeaderId::other && is_dropped_name(name, drop, rules));
}

bool is_token(std::string_view text) {
  const char* end = text.data() + text.size();
  return !text.empty() && skip_token_chars(text.data(), end) == end;
}

bool is_field_value(std::string_view text) {
  const char* end = text.data() + text.size();
  return skip_value_chars(text.data(), end) == end && trim(text).size() == text.size();
}

void HeadWriter::request_line(std::string_view method, std::string_view target) {
  raw(method);
  raw(" ");
  raw(target);
  raw(" HTTP/1.1\r\n");
}

void HeadWriter::status_line(int status) {
  const std::string_view line = http::status_line(status);
  if (!line.empty()) {
    raw(line);
    return;
  }
  raw("HTTP/1.1 ");
  number(static_cast<std::uint64_t>(status));
  raw(" \r\n");
}

void HeadWriter::field(std::string_view name, std::string_view value) {
  if (space_left() < name.size() + value.size() + 4) {
    overflow();
    return;
  }
  std::memcpy(at_, name.data(), name.size());
  at_ += name.size();
  std::memcpy(at_, ": ", 2);
  at_ += 2;
  if (!value.empty()) std::memcpy(at_, value.data(), value.size());
  at_ += value.size();
  std::memcpy(at_, "\r\n", 2);
  at_ += 2;
}

void HeadWriter::field(std::string_view name, std::uint64_t value) {
  char digits[kMaxU64Digits];
  field(name, std::string_view(digits, format_u64(value, digits)));
}

bool HeadWriter::checked_field(std::string_view name, std::string_view value) {
  if (!is_token(name) || !is_field_value(value)) return false;
  field(name, value);
  return true;
}

void HeadWriter::begin_field(std::string_view name) {
  raw(name);
  raw(": ");
}

void HeadWriter::number(std::uint64_t value) {
  char digits[kMaxU64Digits];
  raw({digits, format_u64(value, digits)});
}

void copy_end_to_end(const Fields& fields, const CopyRules& rules, HeadWriter& out) {
  const HeaderSet drop = kHopByHop | rules.drop;
  const char* run = nullptr;  // first line of the neighbours that stay
  const auto flush = [&run, &out](const char* run_end) {
    if (run != nullptr) out.raw({run, static_cast<std::size_t>(run_end - run)});
    run = nullptr;
  };
  for (const Field& field : fields) {
    const bool dropped = drop.contains(field.id) || field.connection_named ||
                         (field.id == HeaderId::other && is_dropped_name(field.name(), drop, rules));
    if (dropped || field.rewrite) {
      flush(field.line);
      if (!dropped) out.field(field.name(), field.value());
    } else if (run == nullptr) {
      run = field.line;
    }
  }
  flush(fields.lines_end());
}

}  // namespace linkspan::http
