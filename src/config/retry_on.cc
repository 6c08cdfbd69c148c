#include "config/retry_on.h"

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/describe.h"
#include "config/show_writer.h"

namespace linkspan::config {
namespace {

constexpr const char* kExpected = "connect, reset, timeout, or a status such as 503 or 5xx";

class RetryOnType final : public Type {
 public:
  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    auto& retry = *static_cast<RetryConfig*>(out);
    retry.on_connect = retry.on_reset = retry.on_timeout = false;
    retry.on_statuses.clear();
    if (node.is_scalar()) return decode_item(node, decoder, retry);
    if (!node.is_sequence()) {
      decoder.mismatch(node, false, std::string("a list of ") + kExpected);
      return false;
    }
    bool good = true;
    for (const YamlNode& item : node.items()) good = decode_item(item, decoder, retry) && good;
    return good;
  }

  bool is_absent(const void*) const override { return false; }

  void show(const void* value, ShowWriter& writer) const override {
    const auto& retry = *static_cast<const RetryConfig*>(value);
    if (writer.is_secret()) return writer.secret();
    writer.begin_list(true);
    if (retry.on_connect) writer.text("connect");
    if (retry.on_reset) writer.text("reset");
    if (retry.on_timeout) writer.text("timeout");
    for (const StatusRange& range : retry.on_statuses) {
      const std::string text = format_status_range(range);
      range.first == range.last ? writer.plain(text) : writer.text(text);
    }
    writer.end_list();
  }

  void write_schema(JsonStringWriter& json) const override {
    json.key("anyOf");
    json.begin_array();
    json.begin_object();
    write_item_schema(json);
    json.end_object();
    json.begin_object();
    json.member("type", "array");
    json.key("items");
    json.begin_object();
    write_item_schema(json);
    json.end_object();
    json.end_object();
    json.end_array();
  }

  std::string form() const override { return "one or a list: `connect`, `reset`, `timeout`, status"; }

 private:
  static void write_item_schema(JsonStringWriter& json) {
    json.key("anyOf");
    json.begin_array();
    json.begin_object();
    json.key("enum");
    json.begin_array();
    for (const char* word : {"connect", "reset", "timeout"}) json.value(word);
    json.end_array();
    json.end_object();
    json.begin_object();
    status_range_type().type()->write_schema(json);
    json.end_object();
    json.end_array();
  }

  static bool decode_item(const YamlNode& node, Decoder& decoder, RetryConfig& retry) {
    if (!node.is_scalar()) {
      decoder.mismatch(node, false, kExpected);
      return false;
    }
    const Scalar scalar = decoder.resolve(node);
    if (scalar.failed) return false;
    const std::string_view text = scalar.node.text();
    if (text == "connect") return retry.on_connect = true;
    if (text == "reset") return retry.on_reset = true;
    if (text == "timeout") return retry.on_timeout = true;
    const Result<StatusRange> range = parse_status_range(text);
    if (range) {
      retry.on_statuses.push_back(*range);
      return true;
    }
    decoder.mismatch(scalar.node, scalar.from_reference, kExpected);
    return false;
  }
};

}  // namespace

Typed<RetryConfig> retry_on_type() {
  return Typed<RetryConfig>(std::make_shared<RetryOnType>());
}

Result<StatusRange> parse_status_range(std::string_view text) {
  const auto status = [](std::string_view digits) -> std::uint16_t {
    const std::optional<std::uint64_t> number = parse_u64(digits);
    return number && *number >= 100 && *number <= 599 && digits.size() == 3
               ? static_cast<std::uint16_t>(*number)
               : 0;
  };
  const auto [first, last] = split_once(text, '-');
  StatusRange range{status(first), status(last.value_or(first))};
  if (text.size() == 3 && text[0] >= '1' && text[0] <= '5' && text.substr(1) == "xx") {
    const auto hundred = static_cast<std::uint16_t>((text[0] - '0') * 100);
    range = {hundred, static_cast<std::uint16_t>(hundred + 99)};
  }
  if (range.first == 0 || range.last < range.first) return Error(errors::config_invalid, {});
  return range;
}

std::string format_status_range(const StatusRange& range) {
  if (range.first == range.last) return std::to_string(range.first);
  if (range.first % 100 == 0 && range.last == range.first + 99)
    return std::to_string(range.first / 100) + "xx";
  return std::to_string(range.first) + "-" + std::to_string(range.last);
}

Typed<StatusRange> status_range_type() {
  return parsed<StatusRange>({.form = "status",
                              .expected = "a status such as 503, or a range such as 5xx or 500-504",
                              .pattern = "[1-5][0-9][0-9]|[1-5]xx|[1-5][0-9][0-9]-[1-5][0-9][0-9]"},
                             parse_status_range, format_status_range);
}

}  // namespace linkspan::config
