#include "data/form_part_headers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/form_parameters.h"
#include "data/in_quotes.h"
#include "data/utf8.h"

namespace linkspan::data {

namespace {

constexpr std::array<std::pair<std::string_view, char>, 3> kSpellings{
    {{"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}}};

Error invalid(std::string what) {
  return Error(errors::form_invalid, std::move(what));
}

std::string decode_name(std::string_view text) {
  std::string name;
  while (!text.empty()) {
    const auto* const spelling = std::find_if(kSpellings.begin(), kSpellings.end(),
                                              [&](const auto& each) { return text.starts_with(each.first); });
    const bool found = spelling != kSpellings.end();
    name += found ? spelling->second : text.front();
    text.remove_prefix(found ? spelling->first.size() : 1);
  }
  return name;
}

Result<std::string> read_name(const ParameterizedValue::Parameter& parameter, const MultipartLimits& limits) {
  std::string name = parameter.is_quoted ? decode_name(parameter.text) : parameter.text;
  if (name.size() > limits.max_name_bytes)
    return Error(errors::form_too_large, "the part's " + to_lower_ascii(parameter.name) +
                                             " is longer than max_name_bytes, " +
                                             std::to_string(limits.max_name_bytes));
  if (valid_utf8_bytes(name) != name.size())
    return invalid("the part's " + to_lower_ascii(parameter.name) + " is no UTF-8");
  return name;
}

Result<void> read_disposition(std::string_view text, const MultipartLimits& limits, MultipartPart& part) {
  const auto parsed = parse_parameters(text);
  if (!parsed) return invalid("a Content-Disposition that is malformed: " + in_quotes(text));
  if (!equals_ignore_case(parsed->value, "form-data"))
    return invalid("a part's Content-Disposition must be form-data, not " + in_quotes(parsed->value));
  if (parsed->find("filename*") != nullptr) return invalid("a filename*, which RFC 7578 section 4.2 forbids");
  const auto* name = parsed->find("name");
  if (name == nullptr) return invalid("a part without a name");
  Result<std::string> read = read_name(*name, limits);
  if (!read) return std::move(read).error();
  part.name = *std::move(read);
  if (const auto* filename = parsed->find("filename")) {
    read = read_name(*filename, limits);
    if (!read) return std::move(read).error();
    part.filename = *std::move(read);
  }
  return {};
}

bool is_plain_encoding(std::string_view encoding) {
  return equals_ignore_case(encoding, "binary") || equals_ignore_case(encoding, "8bit") ||
         equals_ignore_case(encoding, "7bit");
}

// Headers of other names are to be ignored (RFC 7578 section 4.8).
struct PartHeaders {
  MultipartPart part;
  bool has_disposition = false;

  Result<void> take(std::string_view name, std::string_view value, const MultipartLimits& limits) {
    if (equals_ignore_case(name, "Content-Disposition")) {
      if (std::exchange(has_disposition, true)) return invalid("two Content-Dispositions in a part");
      return read_disposition(value, limits, part);
    }
    if (equals_ignore_case(name, "Content-Type")) {
      if (!part.content_type.empty()) return invalid("two Content-Types in a part");
      if (!parse_parameters(value) || valid_utf8_bytes(value) != value.size())
        return invalid("a Content-Type that is malformed: " + in_quotes(value));
      part.content_type = value;
    }
    if (equals_ignore_case(name, "Content-Transfer-Encoding") && !is_plain_encoding(value))
      return invalid("the transfer encoding " + in_quotes(value) + ", which RFC 7578 section 4.7 rules out");
    return {};
  }
};

}  // namespace

Result<MultipartPart> parse_part_headers(std::string_view headers, const MultipartLimits& limits) {
  PartHeaders found;
  while (!headers.empty()) {
    const std::size_t end = headers.find('\n');
    std::string_view line = headers.substr(0, end);
    headers.remove_prefix(line.size() + 1);
    if (!line.ends_with('\r')) return invalid("a header line that does not end with CRLF");
    line.remove_suffix(1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
      return invalid("a header line that is malformed: " + in_quotes(line));
    Result<void> taken = found.take(line.substr(0, colon), trim(line.substr(colon + 1)), limits);
    if (!taken) return std::move(taken).error();
  }
  if (!found.has_disposition) return invalid("a part without Content-Disposition");
  return std::move(found.part);
}

bool append_part_name(std::string& out, std::string_view name) {
  for (const auto& [spelling, stands_for] : kSpellings)
    if (name.find(spelling) != std::string_view::npos) return false;
  if (valid_utf8_bytes(name) != name.size()) return false;
  std::string spelled;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const auto* const spelling = std::find_if(kSpellings.begin(), kSpellings.end(),
                                              [&](const auto& each) { return each.second == c; });
    if (spelling != kSpellings.end()) {
      spelled += spelling->first;
    } else if ((byte < 0x20 && c != '\t') || byte == 0x7f) {
      return false;
    } else {
      if (c == '\\') spelled += '\\';
      spelled += c;
    }
  }
  out += spelled;
  return true;
}

}  // namespace linkspan::data
