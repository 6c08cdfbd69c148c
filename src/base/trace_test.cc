#include "base/trace.h"

#include <string>

#include <gtest/gtest.h>

namespace linkspan {
namespace {

constexpr std::string_view kExample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string format(const TraceContext& context) {
  char text[kTraceparentBytes];
  format_traceparent(context, text);
  return {text, sizeof text};
}

TEST(Traceparent, is_read_and_written_unchanged) {
  const auto context = parse_traceparent(kExample);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id_text(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span_id_text(), "00f067aa0ba902b7");
  EXPECT_TRUE(context->sampled());
  EXPECT_EQ(format(*context), kExample);
}

TEST(Traceparent, malformed_values_are_refused) {
  const char* bad[] = {
      "",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
      "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0G",
      " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  };
  for (const char* value : bad) EXPECT_FALSE(parse_traceparent(value)) << value;
}

TEST(Traceparent, later_versions_are_read_as_far_as_they_are_known) {
  for (const char* value :
       {"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-holds"}) {
    const auto context = parse_traceparent(value);
    ASSERT_TRUE(context) << value;
    EXPECT_EQ(format(*context), kExample);
  }
  EXPECT_FALSE(parse_traceparent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what"));
}

TEST(Traceparent, child_keeps_trace_and_sampling_but_not_unknown_flags) {
  Random random(1);
  TraceContext parent = *parse_traceparent(kExample);
  parent.flags = 0xff;
  const TraceContext child = child_of(parent, random);
  EXPECT_EQ(child.trace_id_text(), parent.trace_id_text());
  EXPECT_NE(child.span_id_text(), parent.span_id_text());
  EXPECT_EQ(child.flags, TraceContext::kSampled);
  EXPECT_TRUE(parse_traceparent(format(child)));
}

TEST(Traceparent, new_traces_are_valid_and_distinct) {
  Random random(1);
  const TraceContext a = new_trace(random, true);
  const TraceContext b = new_trace(random, false);
  EXPECT_TRUE(parse_traceparent(format(a)));
  EXPECT_TRUE(a.sampled());
  EXPECT_FALSE(b.sampled());
  EXPECT_NE(a.trace_id_text(), b.trace_id_text());
}

TEST(Tracestate, valid_lists_may_pass) {
  for (const char* value : {"", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", " a=1 ,\tb=2,, c=3",
                            "fw529a3039@dt=FfAwYmI0", "1t@sys=x", "a_-*/0=va lue!~"}) {
    EXPECT_TRUE(tracestate_is_valid(value)) << value;
  }
}

TEST(Tracestate, broken_lists_may_not) {
  for (const char* value : {"a", "=1", "a=", "A=1", "1a=1", "a=1,a=2", "a=1=2", "a@=1", "@a=1", "a@1b=1",
                            "a=\x01", "a=\xc3\xa4"}) {
    EXPECT_FALSE(tracestate_is_valid(value)) << value;
  }
  EXPECT_FALSE(tracestate_is_valid("a=" + std::string(257, 'x')));
  std::string long_key(257, 'x');
  long_key += "=1";
  EXPECT_FALSE(tracestate_is_valid(long_key));
}

TEST(Tracestate, has_at_most_32_members) {
  std::string value;
  for (int i = 0; i < 32; ++i) value += "k" + std::to_string(i) + "=1,";
  EXPECT_TRUE(tracestate_is_valid(value));
  EXPECT_FALSE(tracestate_is_valid(value + "k32=1"));
}

}  // namespace
}  // namespace linkspan
