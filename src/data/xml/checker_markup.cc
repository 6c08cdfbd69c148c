// The XML declaration, comments, CDATA, processing instructions and references: XML 1.0 sections 2.4 to 2.8,
// 4.1 and 4.6.
#include "base/strings.h"
#include "data/in_quotes.h"
#include "data/xml/characters.h"
#include "data/xml/checker.h"

namespace linkspan::data::xml {

bool Checker::xml_declaration() {
  at_ += 5;
  if (!declared_version() || !declared_encoding() || !declared_standalone()) return false;
  skip_blanks();
  if (!starts_with("?>")) return expected("\"?>\"");
  at_ += 2;
  return true;
}

// name="value" after a blank. `value` stays as it is where another name, or none, comes.
bool Checker::pseudo_attribute(std::string_view name, std::string_view& value) {
  const std::size_t before = at_;
  const bool separated = skip_blanks();
  if (!separated || !starts_with(name)) {
    at_ = before;
    return true;
  }
  at_ += name.size();
  skip_blanks();
  if (peek() != '=') return expected("\"=\"");
  ++at_;
  skip_blanks();
  const char quote = peek();
  if (quote != '"' && quote != '\'') return expected("a value in quotes");
  const std::size_t end = text_.find(quote, at_ + 1);
  if (end == std::string_view::npos) return fail(at_, "the XML declaration has no closing quote");
  value = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  return true;
}

bool Checker::declared_version() {
  std::string_view version;
  if (!pseudo_attribute("version", version)) return false;
  if (version == "1.0") return true;
  return fail(at_, "the XML declaration must begin with version=\"1.0\"");
}

bool Checker::declared_encoding() {
  std::string_view encoding;
  if (!pseudo_attribute("encoding", encoding)) return false;
  if (encoding.data() == nullptr) return true;
  const bool is_utf8 = equals_ignore_case(encoding, "UTF-8") || equals_ignore_case(encoding, "US-ASCII");
  const bool is_little = equals_ignore_case(encoding, "UTF-16LE");
  const bool is_big = equals_ignore_case(encoding, "UTF-16BE");
  if (!is_utf8 && !is_little && !is_big && !equals_ignore_case(encoding, "UTF-16"))
    return fail(at_, "the encoding " + in_quotes(encoding) + " is not accepted; send UTF-8 or UTF-16");
  const bool fits = source_.encoding == Encoding::utf8           ? is_utf8
                    : source_.encoding == Encoding::utf16_little ? !is_utf8 && !is_big
                                                                 : !is_utf8 && !is_little;
  if (fits) return true;
  return fail(at_, "the text is not in the encoding that it declares, " + in_quotes(encoding));
}

bool Checker::declared_standalone() {
  std::string_view standalone = "no";
  if (!pseudo_attribute("standalone", standalone)) return false;
  if (standalone == "yes" || standalone == "no") return true;
  return fail(at_, "standalone is \"yes\" or \"no\"");
}

// Markup from its opening, at which the text stands, up to and with its closing.
bool Checker::delimited(std::size_t opening_bytes, std::string_view closing, std::string_view what,
                        std::string_view& inside) {
  const std::size_t begin = at_ + opening_bytes;
  const std::size_t end = text_.find(closing, begin);
  if (end == std::string_view::npos) return fail(at_, std::string(what) + " is not closed");
  inside = text_.substr(begin, end - begin);
  at_ = end + closing.size();
  return true;
}

bool Checker::comment() {
  std::string_view inside;
  if (!count_node() || !delimited(4, "--", "a comment", inside)) return false;
  if (peek() != '>') return fail(at_ - 2, "\"--\" within a comment");
  ++at_;
  return true;
}

bool Checker::cdata() {
  std::string_view inside;
  return count_node() && delimited(9, "]]>", "a CDATA section", inside);
}

bool Checker::instruction() {
  const std::size_t begin = at_;
  std::string_view inside;
  if (!count_node() || !delimited(2, "?>", "a processing instruction", inside)) return false;
  const std::size_t bytes = name_bytes(inside);
  if (bytes == 0 || (bytes < inside.size() && !is_blank(inside[bytes])))
    return fail(begin, "a processing instruction without a proper name");
  if (equals_ignore_case(inside.substr(0, bytes), "xml"))
    return fail(begin, "the XML declaration stands at the very start of a text, or nowhere");
  return true;
}

// At "&"; moves past the reference.
bool Checker::reference(std::size_t& at) {
  const std::string_view rest = text_.substr(at);
  if (rest.starts_with("&#")) return character_reference(at);
  for (const std::string_view known : {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"}) {
    if (rest.starts_with(known)) {
      at += known.size();
      return true;
    }
  }
  const std::size_t bytes = name_bytes(rest.substr(1));
  if (bytes == 0 || bytes + 1 >= rest.size() || rest[bytes + 1] != ';')
    return fail(at, "\"&\" that begins no reference; write \"&amp;\"");
  return fail(at, "the entity " + in_quotes(rest.substr(1, bytes)) +
                      " is not known; only amp, lt, gt, quot and apos are");
}

bool Checker::character_reference(std::size_t& at) {
  const bool is_hex = text_.substr(at).starts_with("&#x");
  const std::size_t first = at + (is_hex ? 3 : 2);
  const std::size_t end = text_.find_first_not_of(is_hex ? "0123456789abcdefABCDEF" : "0123456789", first);
  if (end == std::string_view::npos || end == first || text_[end] != ';')
    return fail(at, "a malformed character reference");
  std::string_view digits = text_.substr(first, end - first);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  const auto value = is_hex ? parse_hex_u64(digits) : parse_u64(digits);
  if (!value || *value > 0x10ffff || !is_character(static_cast<char32_t>(*value)))
    return fail(at, "a reference to a character that XML does not allow");
  at = end + 1;
  return true;
}

}  // namespace linkspan::data::xml
