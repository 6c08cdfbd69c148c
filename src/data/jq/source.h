// Places in the text of a program, for people. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace linkspan::data::jq {

// A range of bytes of the source.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// Line and column, both from 1; columns count characters.
struct LineColumn {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

LineColumn line_column(std::string_view source, std::uint32_t offset);

// "MESSAGE at line 1, column 3:\n    {(0):1}\n      ^": the line and what is meant under it. Of a long line
// only the part around the place is shown.
std::string point_at(std::string_view source, Span span, std::string_view message);

}  // namespace linkspan::data::jq
