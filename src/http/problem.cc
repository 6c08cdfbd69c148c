#include "http/problem.h"

#include <algorithm>
#include <cstring>

#include "base/json_writer.h"
#include "base/strings.h"
#include "http/accept.h"

namespace linkspan::http {

namespace {

constexpr std::string_view kTypePrefix = "urn:linkspan:error:";
constexpr std::size_t kReservedBytes = 640;  // for all but the detail and the extensions
constexpr std::size_t kMaxTypeBytes = 96;

struct ProblemType {
  char text[kMaxTypeBytes];
  std::size_t size;

  explicit ProblemType(std::string_view slug) {
    const std::size_t bytes = std::min(slug.size(), kMaxTypeBytes - kTypePrefix.size());
    std::memcpy(text, kTypePrefix.data(), kTypePrefix.size());
    std::memcpy(text + kTypePrefix.size(), slug.data(), bytes);
    size = kTypePrefix.size() + bytes;
  }
  std::string_view view() const { return {text, size}; }
};

// Bytes that a byte of text may take when it is escaped for JSON or XML.
std::size_t worst_escaped_bytes(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80) return 3;
  return byte < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' ? 6 : 1;
}

// As much of the detail as surely fits beside the rest, whole characters only.
std::string_view clip_detail(std::string_view detail, std::size_t space) {
  const std::size_t budget = space > kReservedBytes ? space - kReservedBytes : 0;
  std::size_t needed = 0;
  std::size_t bytes = 0;
  while (bytes < detail.size() && needed + worst_escaped_bytes(detail[bytes]) <= budget) {
    needed += worst_escaped_bytes(detail[bytes++]);
  }
  if (bytes == detail.size()) return detail;
  while (bytes > 0 && (static_cast<unsigned char>(detail[bytes]) & 0xc0) == 0x80) --bytes;
  return detail.substr(0, bytes);
}

// Length of the well-formed UTF-8 character of XML at the front (0: none).
std::size_t xml_character_bytes(std::string_view text) {
  const auto byte = [text](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [byte](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' ? 1 : 0;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) > 0x9f;
    const bool noncharacter = first == 0xef && byte(1) == 0xbf && byte(2) >= 0xbe;
    return continues(1) && continues(2) && !overlong && !surrogate && !noncharacter ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool out_of_range = (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f);
    return continues(1) && continues(2) && continues(3) && !out_of_range ? 4 : 0;
  }
  return 0;
}

// Elements are written whole or not at all, and room for the end tag is kept.
class XmlOutput {
 public:
  explicit XmlOutput(std::span<char> space) : space_(space) {}

  void begin() {
    put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<problem xmlns=\"urn:ietf:rfc:7807\">");
    mark_ = size_;
  }
  void element(std::string_view name, std::string_view value) {
    put("<");
    put(name);
    put(">");
    put_text(value);
    put("</");
    put(name);
    put(">");
    if (full_) size_ = mark_;
    mark_ = size_;
  }
  std::string_view finish() {
    std::memcpy(space_.data() + size_, kEnd.data(), kEnd.size());
    return {space_.data(), size_ + kEnd.size()};
  }

 private:
  static constexpr std::string_view kEnd = "</problem>\n";

  void put(std::string_view text) {
    full_ = full_ || space_.size() - size_ < text.size() + kEnd.size();
    if (full_) return;
    std::memcpy(space_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void put_text(std::string_view text) {
    while (!text.empty()) {
      const std::size_t bytes = xml_character_bytes(text);
      switch (bytes == 0 ? '\0' : text.front()) {
        case '\0':
          put("\xEF\xBF\xBD");
          break;
        case '<':
          put("&lt;");
          break;
        case '>':
          put("&gt;");
          break;
        case '&':
          put("&amp;");
          break;
        default:
          put(text.substr(0, bytes));
          break;
      }
      text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
  }

  std::span<char> space_;
  std::size_t size_ = 0;
  std::size_t mark_ = 0;  // end of the last whole element
  bool full_ = false;
};

std::string_view render_json(const Problem& problem, std::span<char> out) {
  JsonWriter json(out);
  json.begin_object();
  json.member("type", ProblemType(problem.kind->slug).view());
  json.member("title", problem.kind->title);
  json.member("status", problem.kind->status);
  if (!problem.detail.empty()) json.member("detail", clip_detail(problem.detail, out.size()));
  if (!problem.instance.empty()) json.member("instance", problem.instance);
  json.member("source", to_string(problem.kind->source));
  for (const ProblemMember& member : problem.extensions) json.member(member.name, member.value);
  json.end_object();
  return json.text();
}

std::string_view render_xml(const Problem& problem, std::span<char> out) {
  char status[kMaxU64Digits];
  const auto code = static_cast<std::uint64_t>(problem.kind->status);
  XmlOutput xml(out);
  xml.begin();
  xml.element("type", ProblemType(problem.kind->slug).view());
  xml.element("title", problem.kind->title);
  xml.element("status", {status, format_u64(code, status)});
  if (!problem.detail.empty()) xml.element("detail", clip_detail(problem.detail, out.size()));
  if (!problem.instance.empty()) xml.element("instance", problem.instance);
  xml.element("source", to_string(problem.kind->source));
  for (const ProblemMember& member : problem.extensions) xml.element(member.name, member.value);
  return xml.finish();
}

}  // namespace

ProblemFormat problem_format(std::string_view accept) {
  if (accept.find("xml") == std::string_view::npos) return ProblemFormat::json;
  const int json = std::max(media_type_weight(accept, "application/problem+json"),
                            media_type_weight(accept, "application/json"));
  const int xml =
      std::max({media_type_weight(accept, "application/problem+xml"),
                media_type_weight(accept, "application/xml"), media_type_weight(accept, "text/xml")});
  return xml > json ? ProblemFormat::xml : ProblemFormat::json;
}

std::string_view problem_content_type(ProblemFormat format) {
  return format == ProblemFormat::xml ? "application/problem+xml" : "application/problem+json";
}

std::string_view render_problem(const Problem& problem, ProblemFormat format, std::span<char> out) {
  return format == ProblemFormat::xml ? render_xml(problem, out) : render_json(problem, out);
}

}  // namespace linkspan::http
