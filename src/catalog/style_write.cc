#include "base/error_kinds.h"
#include "catalog/style.h"
#include "catalog/uri.h"
#include "data/json_write.h"

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonValue;

namespace {

enum class Escape : unsigned char { percent, reserved, none };

Error unwritable(std::string why) {
  return Error(errors::api_invalid, std::move(why));
}

// Scalars become text, escaped for their place. What cannot be told apart from a delimiter is an error.
class ScalarWriter {
 public:
  ScalarWriter(Escape escape, std::string_view delimiters) : escape_(escape), delimiters_(delimiters) {}

  Result<std::string> operator()(const JsonValue& value) const {
    if (value.is_array() || value.is_object())
      return unwritable("an array or object within an array or object cannot be written in this style");
    std::string plain;
    if (value.is_string()) {
      plain = value.string();
    } else if (!value.is_null()) {
      plain = data::write_json(value);
    }
    return text(plain);
  }

  Result<std::string> text(std::string_view plain) const {
    if (escape_ == Escape::percent) return percent_encode(plain);
    if (escape_ == Escape::reserved) return reserved(plain);
    for (char c : plain) {
      const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
      if (is_control || delimiters_.find(c) != std::string_view::npos)
        return unwritable("\"" + std::string(plain) + "\" has a character that cannot be written here");
    }
    return std::string(plain);
  }

 private:
  // "&", "#", "+" and the delimiters would be read as something else.
  std::string reserved(std::string_view plain) const {
    std::string out;
    for (char c : plain) {
      const bool must_hide = c == '&' || c == '#' || c == '+' || c == '%' || c == '=' ||
                             delimiters_.find(c) != std::string_view::npos;
      append_percent_encoded(out, std::string_view(&c, 1), must_hide ? Keep::unreserved : Keep::reserved);
    }
    return out;
  }

  Escape escape_;
  std::string_view delimiters_;
};

// Items, or keys and values: "a" "b", or "k" "v" with `assign` between them, with `separator` around.
Result<std::string> joined(const JsonValue& value, std::string_view separator, std::string_view assign,
                           const ScalarWriter& write) {
  std::string out;
  bool first = true;
  const auto add = [&](Result<std::string> text, std::string_view before) -> Result<void> {
    if (!text) return std::move(text).error();
    out.append(before).append(*text);
    return {};
  };
  for (const JsonValue& item : value.items()) {
    if (auto ok = add(write(item), first ? "" : separator); !ok) return std::move(ok).error();
    first = false;
  }
  for (const JsonMember& member : value.members()) {
    if (auto ok = add(write.text(member.key.string()), first ? "" : separator); !ok)
      return std::move(ok).error();
    if (auto ok = add(write(member.value), assign); !ok) return std::move(ok).error();
    first = false;
  }
  return out;
}

// A list that is empty, or has one empty item, reads like the other.
Result<void> check_list(const JsonValue& value) {
  if (value.is_array() && value.size() == 1 && value.items()[0].is_string() && value.items()[0].empty())
    return unwritable("an array of one empty string cannot be told from an empty array in this style");
  return {};
}

Result<std::string> write_matrix(const Spelling& spelling, const JsonValue& value,
                                 const ScalarWriter& write) {
  const std::string name = ";" + percent_encode(spelling.name);
  if (value.is_array() && spelling.explode) {
    std::string out;
    for (const JsonValue& item : value.items()) {
      const Result<std::string> text = write(item);
      if (!text) return Error(text.error().kind(), text.error().detail());
      out += name + (text->empty() ? "" : "=" + *text);
    }
    return out;
  }
  if (value.is_object() && spelling.explode) {
    Result<std::string> text = joined(value, ";", "=", write);
    if (!text) return text;
    return ";" + *text;
  }
  Result<std::string> text =
      value.is_array() || value.is_object() ? joined(value, ",", ",", write) : write(value);
  if (!text) return text;
  return name + (text->empty() ? "" : "=" + *text);
}

std::string_view delimiter_of(Style style) {
  switch (style) {
    case Style::space_delimited:
      return "%20";
    case Style::pipe_delimited:
      return "%7C";
    case Style::tab_delimited:
      return "%09";
    default:
      return ",";
  }
}

Result<void> write_deep(const std::string& name, const JsonValue& value, unsigned depth,
                        EncodedPairs& pairs) {
  constexpr unsigned kMaxDepth = 32;
  if (depth > kMaxDepth) return unwritable("an object nested too deeply for deepObject");
  const ScalarWriter write(Escape::percent, "");
  if (value.is_object()) {
    for (const JsonMember& member : value.members()) {
      const std::string inner = name + "[" + percent_encode(member.key.string()) + "]";
      if (auto ok = write_deep(inner, member.value, depth + 1, pairs); !ok) return ok;
    }
    return {};
  }
  if (value.is_array()) {
    for (const JsonValue& item : value.items()) {
      Result<std::string> text = write(item);
      if (!text) return std::move(text).error();
      pairs.emplace_back(name, *std::move(text));
    }
    return {};
  }
  Result<std::string> text = write(value);
  if (!text) return std::move(text).error();
  pairs.emplace_back(name, *std::move(text));
  return {};
}

Result<void> write_exploded(const std::string& name, const JsonValue& value, const ScalarWriter& write,
                            EncodedPairs& pairs) {
  for (const JsonValue& item : value.items()) {
    Result<std::string> text = write(item);
    if (!text) return std::move(text).error();
    pairs.emplace_back(name, *std::move(text));
  }
  for (const JsonMember& member : value.members()) {
    Result<std::string> text = write(member.value);
    if (!text) return std::move(text).error();
    pairs.emplace_back(percent_encode(member.key.string()), *std::move(text));
  }
  return {};
}

}  // namespace

Spelling spelling_of(const Parameter& parameter) {
  return {parameter.name, parameter.style, parameter.explode, parameter.allow_reserved, false};
}

std::string join_pairs(const EncodedPairs& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

Result<std::string> write_path_value(const Spelling& spelling, const JsonValue& value) {
  const ScalarWriter write(Escape::percent, "");
  if (spelling.style == Style::matrix) return write_matrix(spelling, value, write);
  const bool is_label = spelling.style == Style::label;
  const std::string_view separator = is_label && spelling.explode ? "." : delimiter_of(spelling.style);
  if (!is_label)
    if (auto ok = check_list(value); !ok) return std::move(ok).error();
  Result<std::string> text = value.is_array() || value.is_object()
                                 ? joined(value, separator, spelling.explode ? "=" : separator, write)
                                 : write(value);
  if (!text) return text;
  if (is_label && spelling.explode && value.is_array() && text->find('.') != std::string::npos)
    for (const JsonValue& item : value.items())
      if (item.type() == data::JsonType::string ? item.string().find('.') != std::string_view::npos
                                                : item.is_real())
        return unwritable("an item with a \".\" cannot be written in the style label");
  return is_label ? "." + *text : *text;
}

Result<std::string> write_header_value(const Spelling& spelling, const JsonValue& value) {
  if (auto ok = check_list(value); !ok) return std::move(ok).error();
  if (!value.is_array() && !value.is_object()) return ScalarWriter(Escape::none, "")(value);
  std::string separator(delimiter_of(spelling.style));
  if (separator != ",") separator = percent_decode(separator);
  const std::string delimiters = separator + (value.is_object() && spelling.explode ? "=" : "");
  return joined(value, separator, spelling.explode ? "=" : separator, ScalarWriter(Escape::none, delimiters));
}

Result<void> write_query_value(const Spelling& spelling, const JsonValue& value, EncodedPairs& pairs) {
  const std::string name = percent_encode(spelling.name);
  const bool is_scalar = !value.is_array() && !value.is_object();
  if (spelling.style == Style::deep_object && !is_scalar) return write_deep(name, value, 0, pairs);
  const ScalarWriter write(spelling.allow_reserved ? Escape::reserved : Escape::percent,
                           spelling.explode ? "" : " |,\t");
  if (spelling.explode && !is_scalar) return write_exploded(name, value, write, pairs);
  if (auto ok = check_list(value); !ok) return ok;
  const std::string_view delimiter = delimiter_of(spelling.style);
  Result<std::string> text = is_scalar ? write(value) : joined(value, delimiter, delimiter, write);
  if (!text) return std::move(text).error();
  if (delimiter != "," && !is_scalar) {
    for (const JsonValue& item : value.items())
      if (item.is_string() && item.string().find(percent_decode(delimiter)) != std::string_view::npos)
        return unwritable("an item has the character that is between items in this style");
  }
  pairs.emplace_back(name, *std::move(text));
  return {};
}

Result<void> write_cookie_value(const Spelling& spelling, const JsonValue& value,
                                std::vector<std::string>& cookies) {
  EncodedPairs pairs;
  const bool is_scalar = !value.is_array() && !value.is_object();
  if (spelling.style == Style::form) {
    if (auto ok = write_query_value(spelling, value, pairs); !ok) return ok;
  } else if (is_scalar || !spelling.explode) {
    const ScalarWriter write(Escape::none, is_scalar ? ";" : ";,");
    Result<std::string> text = is_scalar ? write(value) : joined(value, ",", ",", write);
    if (!text) return std::move(text).error();
    pairs.emplace_back(spelling.name, *std::move(text));
  } else if (auto ok =
                 write_exploded(std::string(spelling.name), value, ScalarWriter(Escape::none, ";"), pairs);
             !ok) {
    return ok;
  }
  for (const auto& [name, text] : pairs) cookies.push_back(name + "=" + text);
  return {};
}

}  // namespace linkspan::catalog
