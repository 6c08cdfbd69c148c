// Natives that match, split and replace by regular expressions.
#include <algorithm>
#include <string>
#include <vector>

#include "data/jq/builtins.h"
#include "data/jq/regex.h"

namespace linkspan::data::jq {

namespace {

bool match_native(Context& context, std::span<JsonValue> v) {
  if (!v[0].is_string()) return fail(v, described(v[0]) + " cannot be matched, as it is not a string");
  if (!v[1].is_string()) return fail(v, described(v[1]) + " cannot be matched, as it is not a string");
  if (!v[2].is_null() && !v[2].is_string()) return fail(v, described(v[2]) + " is not a string");
  const std::string flags = v[2].is_string() ? std::string(v[2].string()) : std::string();
  JsonValue out;
  const bool ok = context.regexes().match(context, v[0].string(), v[1].string(), flags, v[3].is_true(), out);
  v[0] = std::move(out);
  return ok;
}

// Bytes of a text by the characters that come before; asked in rising order.
class ByteCursor {
 public:
  explicit ByteCursor(std::string_view text) : text_(text) {}
  std::size_t at(std::int64_t character) {
    while (byte_ < text_.size() && count_ < character) {
      byte_ = next_character(text_, byte_);
      ++count_;
    }
    return byte_;
  }

 private:
  std::string_view text_;
  std::size_t byte_ = 0;
  std::int64_t count_ = 0;
};

// Where a match begins and ends, in characters; false if this is no match.
bool match_range(const JsonValue& match, std::int64_t& begin, std::int64_t& end) {
  const JsonValue* offset = match.find("offset");
  const JsonValue* length = match.find("length");
  if (offset == nullptr || length == nullptr || !offset->is_int64() || !length->is_int64()) return false;
  begin = offset->int64();
  end = begin + length->int64();
  return true;
}

// The parts of a text between matches.
bool split_at(Context& context, std::span<JsonValue> v) {
  if (!v[0].is_string()) return fail(v, described(v[0]) + " cannot be split, as it is not a string");
  const std::string text(v[0].string());
  if (!context.count_bytes(text.size())) return false;
  ByteCursor cursor(text);
  JsonArrayBuilder parts;
  std::size_t from = 0;
  for (const JsonValue& match : v[1].items()) {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    if (!match_range(match, begin, end)) return fail(v, described(match) + " is no match");
    const std::size_t to = cursor.at(begin);
    parts.add(std::string_view(text).substr(from, to - from));
    from = cursor.at(end);
  }
  parts.add(std::string_view(text).substr(from));
  v[0] = parts.build();
  return true;
}

// A text with its matches replaced; each match has an array of replacements, and the n-th of each make the
// n-th text.
bool replace(Context& context, std::span<JsonValue> v) {
  if (!v[0].is_string()) return fail(v, described(v[0]) + " cannot be matched, as it is not a string");
  const std::string text(v[0].string());
  ByteCursor cursor(text);
  std::vector<std::string> results;
  std::size_t from = 0;
  for (std::size_t i = 0; i < std::min(v[1].size(), v[2].size()); ++i) {
    const JsonValue& match = v[1].items()[i];
    std::int64_t begin = 0;
    std::int64_t end = 0;
    if (!match_range(match, begin, end)) return fail(v, described(match) + " is no match");
    const std::size_t to = cursor.at(begin);
    const auto inserts = v[2].items()[i].items();
    if (results.size() < inserts.size()) results.resize(inserts.size());
    for (std::size_t n = 0; n < inserts.size(); ++n) {
      if (!inserts[n].is_string())
        return fail(v,
                    described(JsonValue(results[n])) + " and " + described(inserts[n]) + " cannot be added");
      if (!context.count_bytes(to - from + inserts[n].size())) return false;
      results[n].append(text, from, to - from).append(inserts[n].string());
    }
    from = cursor.at(end);
  }
  JsonArrayBuilder out;
  for (std::string& result : results) {
    if (!context.count_bytes(text.size() - from)) return false;
    out.add(JsonValue(result.append(text, from)));
  }
  if (results.empty()) out.add(v[0]);
  v[0] = out.build();
  return true;
}

constexpr Native kNatives[] = {
    {"_match", 3, match_native}, {"_split_at", 1, split_at}, {"_replace", 2, replace}};

}  // namespace

std::span<const Native> regex_natives() {
  return kNatives;
}

}  // namespace linkspan::data::jq
