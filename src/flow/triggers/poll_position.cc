#include "flow/triggers/poll_position.h"

#include <span>

#include "base/digest.h"
#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/json_parse.h"
#include "data/json_write.h"

namespace linkspan::flow {

namespace {

constexpr std::string_view kItem = "poll-item:";
constexpr std::size_t kDigestBytes = 16;
constexpr std::size_t kMaxClaimBytes = 255;
// Deeper than what expressions give.
constexpr std::uint32_t kMaxDepth = 20'000;

std::string short_digest(std::string_view text) {
  const Digest digest = Sha256().digest(text);
  return encode_hex(std::span(digest).first(kDigestBytes));
}

std::int64_t integer(const data::JsonValue& object, std::string_view name) {
  const data::JsonValue* value = object.find(name);
  return value != nullptr && value->is_int64() ? value->int64() : 0;
}

data::JsonValue member(const data::JsonValue& object, std::string_view name) {
  const data::JsonValue* value = object.find(name);
  return value == nullptr ? data::JsonValue() : *value;
}

Result<data::JsonValue> parse_object(std::string_view text) {
  Result<data::JsonValue> value = data::parse_json(text, {.max_depth = kMaxDepth});
  if (!value) return Error(errors::store_invalid, value.error().detail());
  if (!value->is_object()) return Error(errors::store_invalid, "not an object");
  return value;
}

}  // namespace

std::string position_name(std::string_view flow) {
  return "poll:" + std::string(flow);
}

std::string page_name(std::string_view flow) {
  return "poll-page:" + std::string(flow);
}

bool is_item_name(std::string_view name) {
  return name.starts_with(kItem);
}

std::string item_name(std::string_view flow, std::string_view key) {
  return std::string(kItem) + std::string(flow) + ":" + short_digest(key);
}

store::NamedValue position_value(std::string_view flow, const PollPosition& position) {
  const data::JsonValue value = data::JsonValue::object({{"cursor", position.cursor},
                                                         {"at", position.at},
                                                         {"not_before", position.not_before},
                                                         {"done", static_cast<std::int64_t>(position.done)}});
  return {position_name(flow), data::write_json(value)};
}

store::NamedValue page_value(std::string_view flow, const PollPage* page) {
  store::NamedValue value{page_name(flow), std::nullopt};
  if (page != nullptr) {
    value.value = data::write_json(
        data::JsonValue::object({{"items", page->items}, {"cursor", page->cursor}, {"at", page->at}}));
  }
  return value;
}

Result<PollPosition> parse_position(std::string_view text) {
  Result<data::JsonValue> value = parse_object(text);
  if (!value) return std::move(value).error();
  return PollPosition{.cursor = member(*value, "cursor"),
                      .at = integer(*value, "at"),
                      .not_before = integer(*value, "not_before"),
                      .done = static_cast<std::size_t>(integer(*value, "done"))};
}

Result<PollPage> parse_page(std::string_view text) {
  Result<data::JsonValue> value = parse_object(text);
  if (!value) return std::move(value).error();
  PollPage page{
      .items = member(*value, "items"), .cursor = member(*value, "cursor"), .at = integer(*value, "at")};
  if (!page.items.is_array()) return Error(errors::store_invalid, "its items are no array");
  return page;
}

std::string key_text(const data::JsonValue& key) {
  return key.is_string() ? std::string(key.string()) : data::write_json(key, {.sort_keys = true});
}

std::string claim_key(const std::string& key_text) {
  return key_text.size() <= kMaxClaimBytes ? key_text : "sha256:" + short_digest(key_text);
}

std::string content_digest(const data::JsonValue& item) {
  return short_digest(data::write_json(item, {.sort_keys = true}));
}

}  // namespace linkspan::flow
