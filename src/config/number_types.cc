// Numbers, sizes and durations: all have a range and perhaps a word for zero.
#include <algorithm>
#include <limits>

#include "config/scalar_types.h"
#include "config/show_writer.h"

namespace linkspan::config {
namespace {

// N: the type of the field. Unit: how its values are written.
template <typename N, typename Unit>
class NumberType final : public ScalarType {
 public:
  explicit NumberType(NumberRange<N> range) : range_(range) {}

  // A zero that nobody could write stands for "decided by the rest of the config".
  bool is_absent(const void* value) const override {
    return *static_cast<const N*>(value) == N{} && range_.least > N{} && range_.word.empty();
  }

  void show(const void* value, ShowWriter& writer) const override {
    const N number = *static_cast<const N*>(value);
    if (number == N{} && !range_.word.empty()) return writer.text(range_.word);
    Unit::show(number, writer);
  }

  void write_schema(JsonStringWriter& json) const override {
    const SchemaAlternatives alternatives(json);
    json.begin_object();
    Unit::write_schema(range_, json);
    json.end_object();
    if (range_.word.empty()) return;
    json.begin_object();
    json.member("const", range_.word);
    json.end_object();
  }

  std::string form() const override {
    std::string text = Unit::form(range_);
    if (!range_.word.empty()) text += " or `" + std::string(range_.word) + "`";
    return text;
  }

 protected:
  std::string expected() const override {
    std::string text = Unit::kExpected;
    if (!range_.word.empty()) text += ", or \"" + std::string(range_.word) + "\"";
    return text;
  }

  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    N& number = *static_cast<N*>(out);
    if (!range_.word.empty() && scalar.node.text() == range_.word) {
      number = N{};
      return true;
    }
    if (!Unit::parse(scalar.node, number)) {
      decoder.mismatch(scalar.node, scalar.from_reference, expected());
      return false;
    }
    if (number >= range_.least && number <= range_.most) return true;
    const std::string least = Unit::format(range_.least);
    decoder.mismatch(scalar.node, scalar.from_reference,
                     range_.most == Unit::kAny ? "at least " + least
                                               : "between " + least + " and " + Unit::format(range_.most));
    return false;
  }

 private:
  NumberRange<N> range_;
};

template <typename N>
struct Plain {
  static constexpr N kAny = static_cast<N>(kAnyCount);
  static constexpr const char* kExpected = "a whole number";

  static bool parse(const YamlNode& node, N& out) {
    if (node.kind() == YamlNode::Kind::unsigned_integer) {
      out = std::numeric_limits<N>::max();
      return true;
    }
    if (node.kind() != YamlNode::Kind::integer || node.integer() < 0) return false;
    const auto number = static_cast<std::uint64_t>(node.integer());
    out = static_cast<N>(std::min<std::uint64_t>(number, std::numeric_limits<N>::max()));
    return true;
  }
  static std::string form(const NumberRange<N>& range) {
    if (range.most == kAny) return "number from " + format(range.least);
    return "number from " + format(range.least) + " to " + format(range.most);
  }
  static std::string format(N number) { return std::to_string(number); }
  static void show(N number, ShowWriter& writer) { writer.plain(format(number)); }
  static void write_schema(const NumberRange<N>& range, JsonStringWriter& json) {
    json.member("type", "integer");
    json.member("minimum", range.least);
    if (range.most != kAny) json.member("maximum", range.most);
  }
};

struct Size {
  static constexpr std::uint64_t kAny = kAnyCount;
  static constexpr const char* kExpected = "a size such as 64KiB or 10MiB";

  static bool parse(const YamlNode& node, std::uint64_t& out) {
    const Result<Bytes> bytes = parse_bytes(node.text());
    if (!bytes) return false;
    out = bytes->count;
    return true;
  }
  static std::string form(const NumberRange<std::uint64_t>&) { return "size"; }
  static std::string format(std::uint64_t bytes) { return format_bytes({bytes}); }
  static void show(std::uint64_t bytes, ShowWriter& writer) { writer.text(format(bytes)); }
  static void write_schema(const NumberRange<std::uint64_t>&, JsonStringWriter& json) {
    json.member("type", "string");
    json.member("pattern", R"(^\d+(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)$)");
  }
};

struct Time {
  static constexpr Duration kAny = Duration::max();
  static constexpr const char* kExpected = "a duration such as 250ms, 5s or 2m";

  static bool parse(const YamlNode& node, Duration& out) {
    const Result<Duration> duration = parse_duration(node.text());
    if (!duration) return false;
    out = *duration;
    return true;
  }
  static std::string form(const NumberRange<Duration>&) { return "duration"; }
  static std::string format(Duration duration) { return format_duration(duration); }
  static void show(Duration duration, ShowWriter& writer) { writer.text(format(duration)); }
  static void write_schema(const NumberRange<Duration>&, JsonStringWriter& json) {
    json.member("type", "string");
    json.member("pattern", R"(^(\d+(ns|us|ms|s|m|h|d|w))+$)");
  }
};

}  // namespace

Typed<std::uint32_t> count32(NumberRange<std::uint32_t> range) {
  return Typed<std::uint32_t>(std::make_shared<NumberType<std::uint32_t, Plain<std::uint32_t>>>(range));
}

Typed<std::uint64_t> count64(NumberRange<std::uint64_t> range) {
  return Typed<std::uint64_t>(std::make_shared<NumberType<std::uint64_t, Plain<std::uint64_t>>>(range));
}

Typed<std::uint64_t> size(NumberRange<std::uint64_t> range) {
  return Typed<std::uint64_t>(std::make_shared<NumberType<std::uint64_t, Size>>(range));
}

Typed<Duration> duration(NumberRange<Duration> range) {
  return Typed<Duration>(std::make_shared<NumberType<Duration, Time>>(range));
}

}  // namespace linkspan::config
