#include "config/retry_on.h"

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/describe.h"
#include "config/show_writer.h"

namespace linkspan::config {
namespace {

class RetryOnType final : public Type {
 public:
  using Find = RetryOnMembers (*)(void*);
  RetryOnType(std::vector<std::string_view> words, Find find) : words_(std::move(words)), find_(find) {}

  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    const RetryOnMembers members = find_(out);
    for (bool* word : members.words) *word = false;
    members.statuses->clear();
    if (node.is_scalar()) return decode_item(node, decoder, members);
    if (!node.is_sequence()) {
      decoder.mismatch(node, false, "a list of " + expected());
      return false;
    }
    bool good = true;
    for (const YamlNode& item : node.items()) good = decode_item(item, decoder, members) && good;
    return good;
  }

  bool is_absent(const void*) const override { return false; }

  void show(const void* value, ShowWriter& writer) const override {
    if (writer.is_secret()) return writer.secret();
    const RetryOnMembers members = find_(const_cast<void*>(value));  // which is only read
    writer.begin_list(true);
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (*members.words[i]) writer.text(words_[i]);
    }
    for (const StatusRange& range : *members.statuses) {
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

  std::string form() const override {
    std::string text = "one or a list: ";
    for (std::string_view word : words_) text += "`" + std::string(word) + "`, ";
    return text + "status";
  }

 private:
  std::string expected() const {
    std::string text;
    for (std::string_view word : words_) text += std::string(word) + ", ";
    return text + "or a status such as 503 or 5xx";
  }

  void write_item_schema(JsonStringWriter& json) const {
    json.key("anyOf");
    json.begin_array();
    json.begin_object();
    json.key("enum");
    json.begin_array();
    for (std::string_view word : words_) json.value(word);
    json.end_array();
    json.end_object();
    json.begin_object();
    status_range_type().type()->write_schema(json);
    json.end_object();
    json.end_array();
  }

  bool decode_item(const YamlNode& node, Decoder& decoder, const RetryOnMembers& members) const {
    if (!node.is_scalar()) {
      decoder.mismatch(node, false, expected());
      return false;
    }
    const Scalar scalar = decoder.resolve(node);
    if (scalar.failed) return false;
    const std::string_view text = scalar.node.text();
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (text == words_[i]) return *members.words[i] = true;
    }
    const Result<StatusRange> range = parse_status_range(text);
    if (range) {
      members.statuses->push_back(*range);
      return true;
    }
    decoder.mismatch(scalar.node, scalar.from_reference, expected());
    return false;
  }

  std::vector<std::string_view> words_;
  Find find_;
};

}  // namespace

std::shared_ptr<const Type> retry_on_words(std::vector<std::string_view> words,
                                           RetryOnMembers (*find)(void* object)) {
  return std::make_shared<RetryOnType>(std::move(words), find);
}

Typed<RetryConfig> retry_on_type() {
  return Typed<RetryConfig>(retry_on_words({"connect", "reset", "timeout"}, [](void* object) {
    auto& retry = *static_cast<RetryConfig*>(object);
    return RetryOnMembers{{&retry.on_connect, &retry.on_reset, &retry.on_timeout}, &retry.on_statuses};
  }));
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
