#include "data/jq/reads.h"

#include <gtest/gtest.h>

namespace linkspan::data {
namespace {

std::string reads_of(std::string_view program) {
  Result<std::vector<JqRead>> reads = jq_reads(program);
  if (!reads) return reads.error().to_string();
  std::string text;
  for (const JqRead& read : *reads) {
    if (!text.empty()) text += ' ';
    text += read.variable.empty() ? "" : "$" + read.variable;
    for (const std::optional<std::string>& step : read.path) text += step ? "." + *step : "[]";
  }
  return text;
}

TEST(JqReads, follows_names_from_the_input_and_from_variables) {
  EXPECT_EQ(reads_of(".a.b"), ".a .a.b");
  EXPECT_EQ(reads_of("{x: .a, y: $s.id, z}"), ".a $s.id .z");
  EXPECT_EQ(reads_of(".lines[0].sku"), ".lines .lines[].sku");
  EXPECT_EQ(reads_of(".lines[] | {sku, q: .qty}"), ".lines .lines[].sku .lines[].qty");
  EXPECT_EQ(reads_of(".lines | map(.sku)"), ".lines .lines[].sku");
  EXPECT_EQ(reads_of("\"\\(.a) and \\($s.b)\""), ".a $s.b");
  EXPECT_EQ(reads_of(".items[] | select(.on) | .name"), ".items .items[].on .items[].name");
}

TEST(JqReads, tells_nothing_where_it_cannot_know) {
  EXPECT_EQ(reads_of("with_entries(.value)"), "");
  EXPECT_EQ(reads_of(".a?"), "");
  EXPECT_EQ(reads_of(".[$k]"), "");
  EXPECT_EQ(reads_of("(.new = .old)"), ".old");
  EXPECT_EQ(reads_of(".new |= 3"), "");
  EXPECT_EQ(reads_of(".a as $s | $s.b"), ".a");
  EXPECT_EQ(reads_of("reduce .l[] as $x (0; . + $x.n)"), ".l");
  EXPECT_EQ(reads_of("(.a, .b).c"), ".a .b");
}

}  // namespace
}  // namespace linkspan::data
