#include "data/schema/unicode_names.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"

namespace linkspan::data::schema {

namespace {

// General categories, long names first (Unicode's PropertyValueAliases).
constexpr std::pair<std::string_view, std::string_view> kCategories[] = {
    {"Cased_Letter", "LC"},
    {"Close_Punctuation", "Pe"},
    {"Connector_Punctuation", "Pc"},
    {"Control", "Cc"},
    {"Currency_Symbol", "Sc"},
    {"Dash_Punctuation", "Pd"},
    {"Decimal_Number", "Nd"},
    {"Enclosing_Mark", "Me"},
    {"Final_Punctuation", "Pf"},
    {"Format", "Cf"},
    {"Initial_Punctuation", "Pi"},
    {"Letter", "L"},
    {"Letter_Number", "Nl"},
    {"Line_Separator", "Zl"},
    {"Lowercase_Letter", "Ll"},
    {"Mark", "M"},
    {"Math_Symbol", "Sm"},
    {"Modifier_Letter", "Lm"},
    {"Modifier_Symbol", "Sk"},
    {"Nonspacing_Mark", "Mn"},
    {"Number", "N"},
    {"Open_Punctuation", "Ps"},
    {"Other", "C"},
    {"Other_Letter", "Lo"},
    {"Other_Number", "No"},
    {"Other_Punctuation", "Po"},
    {"Other_Symbol", "So"},
    {"Paragraph_Separator", "Zp"},
    {"Private_Use", "Co"},
    {"Punctuation", "P"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Spacing_Mark", "Mc"},
    {"Surrogate", "Cs"},
    {"Symbol", "S"},
    {"Titlecase_Letter", "Lt"},
    {"Unassigned", "Cn"},
    {"Uppercase_Letter", "Lu"},
    {"digit", "Nd"},
    {"cntrl", "Cc"},
    {"punct", "P"},
    {"Combining_Mark", "M"},
};

bool is_name(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; });
}

}  // namespace

std::optional<std::string> property_name(std::string_view text) {
  auto [name, value] = split_once(text, '=');
  if (value) {
    const bool category = name == "General_Category" || name == "gc";
    const bool script = name == "Script" || name == "sc" || name == "Script_Extensions" || name == "scx";
    if (!category && !script) return std::nullopt;
    name = *value;
    if (script) return is_name(name) ? std::optional<std::string>(name) : std::nullopt;
  }
  if (!is_name(name)) return std::nullopt;
  for (const auto& [long_name, short_name] : kCategories) {
    if (name == long_name) return std::string(short_name);
  }
  return std::string(name);
}

}  // namespace linkspan::data::schema
