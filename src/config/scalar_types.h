// The types of single values. Internal to the config room.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/units.h"
#include "config/type.h"
#include "config/types.h"

namespace linkspan::config {

// A word that stands for 0 in place of a number, duration or size: "none", "unlimited", "auto".
using WordForZero = std::string_view;

// As `most`: no upper end.
inline constexpr std::uint64_t kAnyCount = std::numeric_limits<std::int64_t>::max();

template <typename N>
struct NumberRange {
  N least{};
  N most{};
  WordForZero word{};  // empty: there is none
};

Typed<bool> boolean();
Typed<std::uint32_t> count32(NumberRange<std::uint32_t> range);
Typed<std::uint64_t> count64(NumberRange<std::uint64_t> range);
Typed<std::uint64_t> size(NumberRange<std::uint64_t> range);  // in bytes
Typed<Duration> duration(NumberRange<Duration> range);
Typed<Percentage> percentage();
Typed<Rate> rate();

// Any text that is not empty and holds no control characters.
Typed<std::string> text();
// Any text at all, over several lines if need be.
Typed<std::string> free_text();
// A text that `is_valid` accepts.
Typed<std::string> text(ScalarText words, bool (*is_valid)(std::string_view));
// A text that `parse` accepts, in the form that it gives.
Typed<std::string> parsed_text(ScalarText words, Result<std::string> (*parse)(std::string_view));
Typed<Secret> secret();
// The name of something defined elsewhere in the config: "api", "auth", "credential".
Typed<std::string> name_of(std::string_view kind);
// A path, relative to the file in which it stands. If `kind` is not empty the file must exist and hold it
// ("certificate", "private key", "CA bundle"); see check_files().
Typed<std::string> file_path(std::string_view kind);

struct Choice {
  std::string_view word;
  std::uint8_t value;
};
std::shared_ptr<const Type> choice_type(std::vector<Choice> choices);

template <typename E>
Typed<E> choice(std::initializer_list<std::pair<std::string_view, E>> words) {
  static_assert(std::is_enum_v<E> && sizeof(E) == 1);
  std::vector<Choice> choices;
  for (const auto& [word, value] : words) choices.push_back({word, static_cast<std::uint8_t>(value)});
  return Typed<E>(choice_type(std::move(choices)));
}

}  // namespace linkspan::config
