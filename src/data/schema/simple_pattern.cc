#include "data/schema/simple_pattern.h"

#include <limits>

#include "base/strings.h"

namespace linkspan::data::schema {

namespace {

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 128;
}

}  // namespace

void SimplePattern::Part::add(unsigned char first, unsigned char last) {
  for (unsigned c = first; c <= last; ++c) ascii[c >> 6] |= std::uint64_t{1} << (c & 63);
}

bool SimplePattern::Part::overlaps(const Part& other) const {
  return (ascii[0] & other.ascii[0]) != 0 || (ascii[1] & other.ascii[1]) != 0 ||
         (beyond_ascii && other.beyond_ascii);
}

class SimplePattern::Parser {
 public:
  explicit Parser(std::string_view source) : rest_(source) {}

  std::optional<SimplePattern> run() {
    if (!take('^')) return std::nullopt;
    SimplePattern pattern;
    while (!rest_.empty()) {
      if (rest_ == "$") {
        pattern.to_end_ = true;
        break;
      }
      Part part;
      if (!atom(part) || !repeat(part)) return std::nullopt;
      pattern.parts_.push_back(part);
    }
    if (!pattern.is_decided()) return std::nullopt;
    return pattern;
  }

 private:
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool atom(Part& part) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '[') return character_class(part);
    if (c == '\\') {
      unsigned char literal = 0;
      return escape(part, literal);
    }
    if (!is_ascii(c) || std::string_view("^$.*+?()[]{}|").find(c) != std::string_view::npos) return false;
    part.add(static_cast<unsigned char>(c), static_cast<unsigned char>(c));
    return true;
  }

  // Adds \d, \w or an escaped character; `literal` is the latter, 0 for the others.
  bool escape(Part& part, unsigned char& literal) {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == 'd' || c == 'w') {
      part.add('0', '9');
      if (c == 'd') return true;
      part.add('A', 'Z');
      part.add('a', 'z');
      part.add('_', '_');
      return true;
    }
    if (!is_ascii(c) || is_alpha(c) || is_digit(c)) return false;
    literal = static_cast<unsigned char>(c);
    part.add(literal, literal);
    return true;
  }

  bool character_class(Part& part) {
    const bool negated = take('^');
    while (true) {
      if (rest_.empty()) return false;
      if (take(']')) break;
      auto first = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (first >= 128 || first == 0) return false;
      if (first == '\\') {
        first = 0;
        if (!escape(part, first)) return false;
      } else {
        part.add(first, first);
      }
      if (rest_.size() < 2 || rest_[0] != '-' || rest_[1] == ']') continue;
      const auto last = static_cast<unsigned char>(rest_[1]);
      if (first == 0 || last >= 128 || last == '\\' || last < first) return false;
      part.add(first, last);
      rest_.remove_prefix(2);
    }
    if (negated) {
      part.ascii = {~part.ascii[0], ~part.ascii[1]};
      part.beyond_ascii = true;
    }
    return true;
  }

  bool repeat(Part& part) {
    if (take('*')) {
      part.min = 0;
      part.max = kUnlimited;
    } else if (take('+')) {
      part.max = kUnlimited;
    } else if (take('?')) {
      part.min = 0;
    } else if (take('{')) {
      const std::size_t end = rest_.find('}');
      if (end == std::string_view::npos) return false;
      const auto [low, high] = split_once(rest_.substr(0, end), ',');
      const auto from = parse_u64(low);
      const auto to = high && !high->empty() ? parse_u64(*high) : from;
      if (!from || !to || *to < *from || *to > 100'000) return false;
      part.min = *from;
      part.max = high && high->empty() ? kUnlimited : *to;
      rest_.remove_prefix(end + 1);
    }
    // Lazy ones match the same texts, but not "++".
    return rest_.empty() || std::string_view("*+?{").find(rest_.front()) == std::string_view::npos;
  }

  std::string_view rest_;
};

// A part that repeats takes all it can; that is right if nothing it could take may begin what comes behind
// it.
bool SimplePattern::is_decided() const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].min == parts_[i].max) continue;
    for (std::size_t j = i + 1; j < parts_.size(); ++j) {
      if (parts_[j].max != 0 && parts_[i].overlaps(parts_[j])) return false;
      if (parts_[j].min > 0) break;
    }
  }
  return true;
}

std::optional<SimplePattern> SimplePattern::parse(std::string_view source) {
  return Parser(source).run();
}

bool SimplePattern::matches(std::string_view text) const {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (const Part& part : parts_) {
    std::size_t count = 0;
    while (count < part.max && at != end && part.has(static_cast<unsigned char>(*at))) {
      ++at;
      ++count;
      // The rest of a character of more than one byte.
      while (at != end && (static_cast<unsigned char>(*at) & 0xc0) == 0x80) ++at;
    }
    if (count < part.min) return false;
  }
  return !to_end_ || at == end;
}

}  // namespace linkspan::data::schema
