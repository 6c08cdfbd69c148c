#include "flow/calls/idempotency.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace linkspan::flow {
namespace {

TEST(IdempotencyKey, names_the_effect) {
  EXPECT_EQ(idempotency_key({.run_id = "abcd2345-17", .step = "charge"}), "abcd2345-17.charge");
  EXPECT_EQ(idempotency_key({.run_id = "abcd2345-17", .step = "lines", .item = 0}), "abcd2345-17.lines.0");
  EXPECT_EQ(idempotency_key({.run_id = "abcd2345-17", .step = "lines", .item = 3, .undo = true}),
            "abcd2345-17.lines.3.undo");
  EXPECT_EQ(
      idempotency_key({.run_id = "abcd2345-17", .step = "charge", .item = {}, .undo = false, .edits = 2}),
      "abcd2345-17.charge.e2");
}

TEST(IdempotencyKey, different_effects_never_share_one) {
  std::set<std::string> keys;
  std::size_t effects = 0;
  for (const char* run : {"a-1", "a-11", "a-1.b"}) {
    for (const char* step :
         {"b", "b.1", "b.undo", "b.1.undo", "b.e1", "b%2e1", "B", "b/1", "1", "undo", ""}) {
      for (const std::optional<std::uint32_t> item : {std::optional<std::uint32_t>(), {0}, {1}}) {
        for (const bool undo : {false, true}) {
          for (const std::uint32_t edits : {0U, 1U}) {
            keys.insert(idempotency_key({run, step, item, undo, edits}));
            ++effects;
          }
        }
      }
    }
  }
  EXPECT_EQ(keys.size(), effects);
}

TEST(IdempotencyKey, fits_into_a_header_and_64_characters) {
  const std::string name(128, 'x');
  const std::string key = idempotency_key({.run_id = "abcd2345-17", .step = name});
  EXPECT_EQ(key.size(), 33u);
  EXPECT_EQ(key, idempotency_key({.run_id = "abcd2345-17", .step = name})) << "the same each time";
  EXPECT_NE(key, idempotency_key({.run_id = "abcd2345-18", .step = name}));
  EXPECT_EQ(idempotency_key({.run_id = "r-1", .step = "a b\r\n\xff"}), "r-1.a%20b%0d%0a%ff");
}

}  // namespace
}  // namespace linkspan::flow
