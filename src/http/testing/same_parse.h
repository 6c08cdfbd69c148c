// For tests of the head parsers: two parses that must not differ.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "http/h1_head.h"

namespace linkspan::http::testing {

// Of objects with a `status` and a `head`.
template <typename Parsed>
void expect_same_parse(const Parsed& a, const Parsed& b, const std::string& what) {
  EXPECT_EQ(a.status.state, b.status.state) << what;
  if (a.status.state != b.status.state) return;
  if (a.status.state == ParseState::error) {
    EXPECT_EQ(&a.head.error.kind(), &b.head.error.kind()) << what;
    EXPECT_EQ(a.head.error.detail(), b.head.error.detail()) << what;
    return;
  }
  EXPECT_EQ(a.status.bytes, b.status.bytes) << what;
  EXPECT_EQ(a.head.fields.size(), b.head.fields.size()) << what;
  for (std::size_t i = 0; i < a.head.fields.size() && i < b.head.fields.size(); ++i) {
    const Field& one = a.head.fields[i];
    const Field& other = b.head.fields[i];
    EXPECT_EQ(one.name(), other.name()) << what;
    EXPECT_EQ(one.value(), other.value()) << what;
    EXPECT_EQ(one.value_offset, other.value_offset) << what;
    EXPECT_EQ(one.id, other.id) << what;
    EXPECT_EQ(one.rewrite, other.rewrite) << what;
    EXPECT_EQ(one.connection_named, other.connection_named) << what;
  }
}

}  // namespace linkspan::http::testing
