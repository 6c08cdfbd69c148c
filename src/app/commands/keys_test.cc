#include "app/commands/keys.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/commands/commands.h"
#include "base/strings.h"
#include "config/loader.h"

namespace linkspan::app {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

bool is_alphanumeric(char c) {
  return is_digit(c) || (to_lower_ascii(c) >= 'a' && to_lower_ascii(c) <= 'z');
}

TEST(Keys, every_key_is_another) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const Result<NewKey> key = make_key();
    ASSERT_TRUE(key);
    EXPECT_EQ(key->text.size(), 47U);
    EXPECT_THAT(key->text, StartsWith("lsk_"));
    EXPECT_TRUE(std::ranges::all_of(key->text.substr(4), is_alphanumeric)) << key->text;
    EXPECT_EQ(key->sha256, Sha256().digest(std::string_view(key->text)));
    EXPECT_TRUE(seen.insert(key->text).second);
  }
}

TEST(Keys, the_printed_config_is_one) {
  for (const std::string name : {"storefront", "k2", "7", "true", "null", "a:", "1e3", "x@y/z+w", "_"}) {
    std::ostringstream out;
    std::ostringstream err;
    ASSERT_EQ(keys_new_command({.consumer = name, .id = name}, {out, err}), kExitOk);
    const std::string text = out.str();
    EXPECT_THAT(text, HasSubstr("lsk_"));
    const std::string yaml = "listen: http://127.0.0.1:0\n" + text.substr(text.find("consumers:\n"));
    const config::LoadResult loaded = config::load_text("test.yaml", yaml, config::empty_sources());
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.problems.front()) << "\n" << yaml;
    EXPECT_EQ(loaded.config->consumers[0].name, name);
    EXPECT_EQ(loaded.config->consumers[0].keys[0].id, name);
  }
}

TEST(Keys, a_name_that_no_config_can_have_is_refused) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(keys_new_command({.consumer = "a b", .id = "k1"}, {out, err}), kExitUsage);
  EXPECT_TRUE(out.str().empty());
  EXPECT_THAT(err.str(), HasSubstr("\"a b\""));
}

}  // namespace
}  // namespace linkspan::app
