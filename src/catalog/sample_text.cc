#include "catalog/sample_text.h"

#include <array>

namespace linkspan::catalog {

namespace {

std::string two_digits(std::uint64_t number) {
  return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

std::string date(Random& random) {
  // Drawn one after the other: within an expression the order would be the compiler's.
  const std::string month = two_digits(1 + random.below(12));
  const std::string day = two_digits(1 + random.below(28));
  return "2024-" + month + "-" + day;
}

std::string time(Random& random) {
  const std::string hour = two_digits(random.below(24));
  const std::string minute = two_digits(random.below(60));
  const std::string second = two_digits(random.below(60));
  return hour + ":" + minute + ":" + second;
}

std::string uuid(Random& random) {
  char digits[32];
  random.fill_hex128(digits);
  std::string text(digits, sizeof digits);
  text[12] = '4';
  text[16] = "89ab"[random.below(4)];
  for (std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
  return text;
}

constexpr std::array<std::string_view, 12> kWords{"amber", "birch", "cedar", "delta", "ember", "fjord",
                                                  "grove", "hazel", "inlet", "jetty", "knoll", "larch"};

std::string word(Random& random) {
  return std::string(kWords[random.below(kWords.size())]);
}

std::string ipv6(Random& random) {
  char digits[16];
  random.fill_hex64(digits);
  return "2001:db8::" + std::string(digits, 4) + ":" + std::string(digits + 4, 4);
}

}  // namespace

std::string text_of_format(std::string_view format, Random& random) {
  if (format == "date-time") {
    const std::string day = date(random);
    return day + "T" + time(random) + "Z";
  }
  if (format == "date") return date(random);
  if (format == "time") return time(random) + "Z";
  if (format == "duration") return "P" + std::to_string(1 + random.below(28)) + "D";
  if (format == "date-time-rfc-2822") return "Mon, 15 Jan 2024 " + time(random) + " +0000";
  if (format == "uuid") return uuid(random);
  if (format == "email" || format == "idn-email") return word(random) + "@example.com";
  if (format == "hostname" || format == "idn-hostname") return word(random) + ".example.com";
  if (format == "ipv4") return "192.0.2." + std::to_string(1 + random.below(254));
  if (format == "ipv6") return ipv6(random);
  if (format == "uri" || format == "url" || format == "iri") return "https://example.com/" + word(random);
  if (format == "uri-reference" || format == "iri-reference") return "/" + word(random);
  if (format == "uri-template") return "/" + word(random) + "/{id}";
  if (format == "json-pointer") return "/" + word(random);
  if (format == "relative-json-pointer") return "1/" + word(random);
  if (format == "regex") return "^" + word(random) + "$";
  if (format == "byte") return "bGlua3NwYW4=";
  if (format == "password") {
    const std::string first = word(random);
    return first + "-" + word(random);
  }
  return {};
}

std::string sample_words(std::size_t min_characters, std::size_t max_characters, Random& random) {
  std::string text = word(random);
  while (text.size() < min_characters) text += " " + word(random);
  if (text.size() > max_characters) text.resize(max_characters);
  if (text.ends_with(' ')) text.back() = 'a';
  return text;
}

}  // namespace linkspan::catalog
