#include "base/json_text.h"

#include <gtest/gtest.h>

namespace linkspan {
namespace {

std::string as_json(std::string_view text) {
  std::string out(max_json_string_bytes(text.size()), '?');
  out.resize(static_cast<std::size_t>(put_json_string(text, out.data()) - out.data()));
  return out;
}

TEST(JsonText, a_byte_that_needs_an_escape_is_found_at_every_place_of_every_length) {
  const std::pair<char, std::string> escapes[] = {
      {'"', "\\\""},       {'\\', "\\\\"},           {'\n', "\\n"},           {'\0', "\\u0000"},
      {'\x1f', "\\u001f"}, {'\x80', "\xef\xbf\xbd"}, {'\xff', "\xef\xbf\xbd"}};
  for (std::size_t size = 1; size <= 50; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const auto& [byte, escape] : escapes) {
        std::string text(size, '~');
        text[at] = byte;
        const std::string expected =
            "\"" + std::string(at, '~') + escape + std::string(size - at - 1, '~') + "\"";
        ASSERT_EQ(as_json(text), expected) << "byte " << int{byte} << " at " << at << " of " << size;
        EXPECT_EQ(json_string_bytes(text), expected.size());
        EXPECT_FALSE(is_plain_json_text(text));
      }
    }
  }
}

TEST(JsonText, plain_text_of_every_length_is_copied) {
  for (std::size_t size = 0; size <= 50; ++size) {
    const std::string text = std::string(size, ' ') + "\x7f";
    EXPECT_EQ(as_json(text), "\"" + text + "\"");
    EXPECT_TRUE(is_plain_json_text(text));
  }
}

}  // namespace
}  // namespace linkspan
