// The rules are in url.h; why they are so: upstreams differ in what they decode and when. A path that two
// readers can take for different resources either has one normal form here, or is refused.

#include "base/error_kinds.h"
#include "http/char_class.h"
#include "http/scan.h"
#include "http/url.h"

namespace linkspan::http {

namespace {

bool is_dot_segment(std::string_view segment) {
  return segment == "." || segment == "..";
}

// True for bytes that change how a path is read when somebody decodes them after us.
bool is_dangerous(int byte) {
  return byte < 0x20 || byte == 0x7f || byte == '.' || byte == '/' || byte == '\\' || byte == '%';
}

int triplet_value(const char* triplet) {
  return hex_value(triplet[1]) * 16 + hex_value(triplet[2]);
}

class PathNormalizer {
 public:
  PathNormalizer(std::string_view raw, std::span<char> scratch, ProtocolError& error)
      : raw_(raw), out_(scratch.data()), error_(error) {}

  std::string_view run() {
    while (at_ < raw_.size()) {
      if (!take_segment()) return {};
    }
    return {out_, size_};
  }

 private:
  bool refuse(std::string_view what) {
    error_.set(errors::target_invalid, at_, what);
    return false;
  }

  // One '/' and the segment after it.
  bool take_segment() {
    const std::size_t slash = size_;
    out_[size_++] = '/';
    ++at_;
    while (at_ < raw_.size() && raw_[at_] != '/') {
      if (!(raw_[at_] == '%' ? take_triplet() : take_char())) return false;
    }
    const std::string_view segment(out_ + slash + 1, size_ - slash - 1);
    if (segment.empty() && at_ != raw_.size()) {
      size_ = slash;
      return true;
    }
    if (is_dot_segment(segment)) return remove_dot_segment(slash, segment.size() == 2);
    // Java servers cut path parameters off before they look for dots: "..;" is ".." to them.
    if (is_dot_segment(segment.substr(0, segment.find(';'))))
      return refuse("a dot segment with parameters is in the path");
    return check_triplets(segment);
  }

  bool take_char() {
    const char c = raw_[at_];
    if (!is_char(c, kPathChar)) {
      error_.set_byte(errors::target_invalid, at_, c, "a path");
      return false;
    }
    out_[size_++] = c;
    ++at_;
    return true;
  }

  bool take_triplet() {
    if (raw_.size() - at_ < 3 || !is_char(raw_[at_ + 1], kHexDigit) || !is_char(raw_[at_ + 2], kHexDigit)) {
      return refuse("'%' without two hex digits is in the path");
    }
    const int byte = triplet_value(&raw_[at_]);
    if (byte == '/') return refuse("an encoded slash (%2F) is in the path");
    if (byte == '\\') return refuse("an encoded backslash (%5C) is in the path");
    if (byte < 0x20 || byte == 0x7f) return refuse("an encoded control character is in the path");
    if (is_char(static_cast<char>(byte), kUnreservedChar)) {
      out_[size_++] = static_cast<char>(byte);
    } else {
      static constexpr char kDigits[] = "0123456789ABCDEF";
      out_[size_++] = '%';
      out_[size_++] = kDigits[byte >> 4];
      out_[size_++] = kDigits[byte & 15];
    }
    at_ += 3;
    return true;
  }

  // Takes the dot segment that was just written off again; ".." also the segment before it.
  bool remove_dot_segment(std::size_t slash, bool parent) {
    size_ = slash;
    if (parent) {
      if (size_ == 0) return refuse("the path climbs above its root");
      do --size_;
      while (out_[size_] != '/');
    }
    if (at_ == raw_.size()) out_[size_++] = '/';
    return true;
  }

  // Looks at the written form, where "%25%32e" is "%252e": refuses what a second decoding would turn into
  // syntax, and overlong UTF-8 (0xC0 0xAF is '/' to careless decoders).
  bool check_triplets(std::string_view segment) {
    for (std::size_t i = segment.find('%'); i != std::string_view::npos; i = segment.find('%', i + 3)) {
      const std::string_view next = segment.substr(i + 3, 3);
      const int byte = triplet_value(&segment[i]);
      if (byte == '%' && next.size() >= 2 && is_char(next[0], kHexDigit) && is_char(next[1], kHexDigit) &&
          is_dangerous(hex_value(next[0]) * 16 + hex_value(next[1]))) {
        return refuse("a doubly encoded character is in the path");
      }
      const int second = next.size() == 3 && next[0] == '%' ? triplet_value(next.data()) : 0;
      const bool continued = second >= 0x80 && second <= 0xbf;
      if (continued && (byte == 0xc0 || byte == 0xc1 || (byte == 0xe0 && second < 0xa0) ||
                        (byte == 0xf0 && second < 0x90))) {
        return refuse("overlong UTF-8 is in the path");
      }
    }
    return true;
  }

  std::string_view raw_;
  char* out_;
  ProtocolError& error_;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
};

// No byte asks for a closer look: none that paths do not have, no '%', no '.' or '/' after a '/'. `previous`
// is the byte before.
bool is_clean(std::string_view raw, char previous) {
  for (char c : raw) {
    if (!is_char(c, kPathChar) || (previous == '/' && (c == '.' || c == '/'))) return false;
    previous = c;
  }
  return true;
}

// The same, passing quickly over blocks of the most common characters.
bool is_clean(std::string_view raw) {
  const char* end = raw.data() + raw.size();
  const char* at = skip_plain_path_blocks(raw.data(), end);
  return is_clean({at, static_cast<std::size_t>(end - at)}, at == raw.data() ? '\0' : at[-1]);
}

}  // namespace

std::string_view normalize_path(std::string_view raw, std::span<char> scratch, ProtocolError& error) {
  if (raw.empty() || raw.front() != '/') {
    error.set(errors::target_invalid, 0, "the path does not begin with '/'");
    return {};
  }
  if (is_clean(raw)) return raw;
  if (scratch.size() < raw.size()) {
    error.set(errors::target_invalid, 0, "the path is too long");
    return {};
  }
  return PathNormalizer(raw, scratch, error).run();
}

}  // namespace linkspan::http
