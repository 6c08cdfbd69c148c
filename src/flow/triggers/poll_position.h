// What a poll keeps in the store: where it stands, the page whose items it is dealing out, and with
// `changed_only` what the items were like. Texts of named values; pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "data/json.h"
#include "store/store.h"

namespace linkspan::flow {

struct PollPosition {
  data::JsonValue cursor;
  WallNs at = 0;          // when the last poll began; 0: there was none
  WallNs not_before = 0;  // set while polls fail: when the next may be made
  std::size_t done = 0;   // how many items of the page that is kept are dealt with
};

struct PollPage {
  data::JsonValue items;   // an array
  data::JsonValue cursor;  // from the end of the page on
  WallNs at = 0;           // when it was asked for
};

std::string position_name(std::string_view flow);
std::string page_name(std::string_view flow);
// Of an item by its key, which may be of any size.
std::string item_name(std::string_view flow, std::string_view key);

store::NamedValue position_value(std::string_view flow, const PollPosition& position);
// nullptr: there is none any more.
store::NamedValue page_value(std::string_view flow, const PollPage* page);

// Errors: store_invalid.
Result<PollPosition> parse_position(std::string_view text);
Result<PollPage> parse_page(std::string_view text);

bool is_item_name(std::string_view name);

// A key as text: strings as they are, all else as JSON with sorted keys.
std::string key_text(const data::JsonValue& key);
// The same, shortened to a digest where it is long.
std::string claim_key(const std::string& key_text);
// The same for the same JSON value, whatever the order of its keys.
std::string content_digest(const data::JsonValue& item);

}  // namespace linkspan::flow
