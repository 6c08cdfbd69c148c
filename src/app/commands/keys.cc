#include "app/commands/keys.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <string_view>

#include "app/commands/commands.h"
#include "base/random.h"
#include "base/strings.h"
#include "config/names.h"
#include "data/yaml.h"

namespace linkspan::app {

namespace {

constexpr std::string_view kPrefix = "lsk_";
// Only what a double click selects and no shell, URL or YAML treats specially.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kRandomCharacters = 43;  // 43 * log2(62) > 256

Result<std::string> random_text(std::size_t size) {
  // Bytes from here on would make the first letters of the alphabet more likely.
  constexpr std::size_t kFair = 256 - 256 % kAlphabet.size();
  std::string text;
  while (text.size() < size) {
    std::array<std::uint8_t, 64> bytes;
    Result<void> filled = fill_secure(bytes);
    if (!filled) return std::move(filled).error();
    for (const std::uint8_t byte : bytes) {
      if (byte < kFair && text.size() < size) text += kAlphabet[byte % kAlphabet.size()];
    }
  }
  return text;
}

// A name as YAML that reads back as the same text. Names hold nothing that double quotes would not take as it
// is.
std::string yaml_name(const std::string& name) {
  const bool is_simple =
      std::ranges::all_of(name, [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; });
  const bool is_text = data::YamlNode::plain_scalar(name, {}).is_string();
  return is_simple && is_text ? name : '"' + name + '"';
}

}  // namespace

Result<NewKey> make_key() {
  Result<std::string> text = random_text(kRandomCharacters);
  if (!text) return std::move(text).error();
  NewKey key{.text = std::string(kPrefix) + *text, .sha256 = {}};
  key.sha256 = Sha256().digest(std::string_view(key.text));
  return key;
}

int keys_new_command(const KeysNewOptions& options, const Output& output) {
  for (const std::string& name : {options.id, options.consumer}) {
    if (name.empty() || config::is_name(name)) continue;
    output.err << "linkspan: \"" << name << "\" is no name: letters, digits and _ . - @ + : /\n";
    return kExitUsage;
  }
  const Result<NewKey> key = make_key();
  if (!key) {
    output.err << "linkspan: " << key.error().to_string() << '\n';
    return kExitFailed;
  }
  const std::string entry = "{ id: " + yaml_name(options.id) + ", sha256: " + encode_hex(key->sha256) + " }";
  output.out << "Key, for the caller alone; it is shown this once and kept nowhere:\n\n  " << key->text
             << "\n\nIn the config" << (options.consumer.empty() ? ", one of a consumer's keys" : "")
             << ":\n\n";
  if (options.consumer.empty()) {
    output.out << "  " << entry << '\n';
  } else {
    output.out << "consumers:\n  " << yaml_name(options.consumer) << ":\n    keys:\n      - " << entry
               << '\n';
  }
  return kExitOk;
}

}  // namespace linkspan::app
