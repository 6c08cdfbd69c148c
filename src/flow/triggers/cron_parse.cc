// Reading cron expressions: parse_cron of cron.h.
#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "flow/triggers/cron.h"

namespace linkspan::flow {
namespace {

struct FieldKind {
  std::string_view name;
  int first;
  int last;                                 // of values that may be written
  int last_of_star;                         // Sunday is 0 and 7, but `*` counts it once
  std::span<const std::string_view> names;  // of first, first + 1, ...
};

constexpr std::string_view kMonthNames[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                            "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kDayNames[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr FieldKind kMinute{"minute", 0, 59, 59, {}};
constexpr FieldKind kHour{"hour", 0, 23, 23, {}};
constexpr FieldKind kDayOfMonth{"day of the month", 1, 31, 31, {}};
constexpr FieldKind kMonth{"month", 1, 12, 12, kMonthNames};
constexpr FieldKind kDayOfWeek{"day of the week", 0, 7, 6, kDayNames};
constexpr std::size_t kFields = 5;

struct Macro {
  std::string_view name;
  std::string_view fields;
};
constexpr Macro kMacros[] = {{"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
                             {"@weekly", "0 0 * * 0"},  {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
                             {"@annually", "0 0 1 1 *"}};

constexpr std::string_view kFiveFields =
    "a cron has five fields: minute, hour, day of the month, month, day of the week; such as \"0 8 * * "
    "mon-fri\"";

template <typename... Parts>
Error bad_cron(const Parts&... parts) {
  std::string text;
  (text.append(parts), ...);
  return Error(errors::config_invalid, std::move(text));
}

// "L", "15W", "fri#2", "?": what other schedulers add.
bool is_foreign(std::string_view part) {
  return part.find_first_of("?#") != std::string_view::npos || equals_ignore_case(part, "L") ||
         equals_ignore_case(part, "LW") ||
         (!part.empty() && is_digit(part.front()) &&
          std::string_view("LlWw").find(part.back()) != std::string_view::npos);
}

// One part of a field's list.
class PartReader {
 public:
  PartReader(std::string_view part, const FieldKind& kind) : part_(part), kind_(kind) {}

  struct Part {
    int first;
    int last;
    int step;
    bool has_star_or_step;
  };
  Result<Part> read() const {
    const auto [base, step] = split_once(part_, '/');
    Result<Part> part = read_range(base);
    if (!part || !step) return part;
    if (base != "*" && base.find('-') == std::string_view::npos)
      return bad("a step needs `*` or a range to count in, such as */15 or 8-18/2");
    const std::optional<std::uint64_t> value = parse_u64(*step);
    if (!value || *value == 0) return bad("a step is a number of at least 1");
    if (*value > 1 && *value > static_cast<std::uint64_t>(part->last - part->first))
      return bad("the step goes past the end of its range, so that only the first value would ever be met");
    part->step = static_cast<int>(*value);
    part->has_star_or_step = true;
    return part;
  }

 private:
  Result<Part> read_range(std::string_view text) const {
    if (text == "*") return Part{kind_.first, kind_.last_of_star, 1, true};
    const auto [from, to] = split_once(text, '-');
    const std::optional<int> first = value_of(from);
    std::optional<int> last = to ? value_of(*to) : first;
    if (!first || !last) return bad(is_foreign(part_) ? "?, L, W and # are not known here" : expected());
    if (to && *last == 0 && *first > 0)
      last = kind_.last;  // only Sunday is 0 within a range that begins later
    if (*first > *last) return bad("a range goes up; write its two parts with a comma between them");
    return Part{*first, *last, 1, false};
  }

  std::optional<int> value_of(std::string_view text) const {
    for (std::size_t i = 0; i < kind_.names.size(); ++i) {
      if (equals_ignore_case(text, kind_.names[i])) return kind_.first + static_cast<int>(i);
    }
    const std::optional<std::uint64_t> value = parse_u64(text);
    if (!value || *value > static_cast<std::uint64_t>(kind_.last)) return std::nullopt;
    const int number = static_cast<int>(*value);
    return number < kind_.first ? std::nullopt : std::optional(number);
  }

  std::string expected() const {
    std::string text = "expected " + std::to_string(kind_.first) + " to " + std::to_string(kind_.last);
    if (!kind_.names.empty()) text.append(" or a name such as ").append(kind_.names[1]);
    return text;
  }

  Error bad(std::string_view reason) const { return bad_cron(kind_.name, " \"", part_, "\": ", reason); }

  std::string_view part_;
  const FieldKind& kind_;
};

struct Field {
  std::uint64_t values = 0;
  bool has_star_or_step = false;
};

Result<Field> parse_field(std::string_view text, const FieldKind& kind) {
  Field field;
  for (const std::string_view written : split(text, ',')) {
    Result<PartReader::Part> part = PartReader(written, kind).read();
    if (!part) return std::move(part).error();
    field.has_star_or_step = field.has_star_or_step || part->has_star_or_step;
    for (int value = part->first; value <= part->last; value += part->step) {
      field.values |= std::uint64_t{1} << (value > kind.last_of_star ? 0 : value);
    }
  }
  return field;
}

bool is_restricted(std::uint64_t values, const FieldKind& kind) {
  for (int value = kind.first; value <= kind.last_of_star; ++value) {
    if ((values >> value & 1) == 0) return true;
  }
  return false;
}

bool has_date(const Cron& cron) {
  constexpr int kMonthDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int month = 1; month <= 12; ++month) {
    const std::uint32_t days = (std::uint32_t{2} << kMonthDays[month - 1]) - 1;
    if ((cron.months >> month & 1) != 0 && (cron.days_of_month & days) != 0) return true;
  }
  return false;
}

std::vector<std::string_view> split_blanks(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return words;
    const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

Error unknown_macro(std::string_view text) {
  std::vector<std::string_view> names;
  for (const Macro& macro : kMacros) names.push_back(macro.name);
  const std::string_view nearest = nearest_name(text, names);
  if (nearest.empty())
    return bad_cron("\"", text, "\" is not known; there are @hourly, @daily, @weekly, @monthly and @yearly");
  return bad_cron("\"", text, "\" is not known; did you mean \"", nearest, "\"?");
}

Error wrong_count(std::size_t count) {
  if (count == kFields + 1)
    return bad_cron("it has six fields; ", kFiveFields,
                    ". Seconds are not known here: leave out the first field");
  return bad_cron("it has ", std::to_string(count), count == 1 ? " field; " : " fields; ", kFiveFields);
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
  if (text.size() > kMaxCronBytes)
    return bad_cron("a cron has at most ", std::to_string(kMaxCronBytes), " characters");
  std::vector<std::string_view> words = split_blanks(text);
  if (words.size() == 1 && words[0].starts_with('@')) {
    const std::string_view name = words[0];
    for (const Macro& macro : kMacros) {
      if (equals_ignore_case(name, macro.name)) words = split_blanks(macro.fields);
    }
    if (words.size() == 1) return unknown_macro(name);
  }
  if (words.size() != kFields) return wrong_count(words.size());
  Field fields[kFields];
  const FieldKind* const kinds[kFields] = {&kMinute, &kHour, &kDayOfMonth, &kMonth, &kDayOfWeek};
  for (std::size_t i = 0; i < kFields; ++i) {
    Result<Field> field = parse_field(words[i], *kinds[i]);
    if (!field) return std::move(field).error();
    fields[i] = *field;
  }
  Cron cron;
  cron.minutes = fields[0].values;
  cron.hours = static_cast<std::uint32_t>(fields[1].values);
  cron.days_of_month = static_cast<std::uint32_t>(fields[2].values);
  cron.months = static_cast<std::uint32_t>(fields[3].values);
  cron.days_of_week = static_cast<std::uint32_t>(fields[4].values);
  cron.by_elapsed_time = fields[1].has_star_or_step || !is_restricted(fields[1].values, kHour);
  const bool weekday_restricted = is_restricted(fields[4].values, kDayOfWeek);
  cron.either_day = weekday_restricted && is_restricted(fields[2].values, kDayOfMonth);
  if (!weekday_restricted && !has_date(cron))
    return bad_cron("\"", text, "\" never comes: no such month has such a day");
  return cron;
}

}  // namespace linkspan::flow
