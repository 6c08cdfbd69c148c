// What is wrong with an API description, or with a message that should follow one: for a person, with its
// place. Plain values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::catalog {

enum class Severity : unsigned char { error, warning, information, hint };

std::string_view to_string(Severity severity);

// Of a file: `line` and `column` begin at 1 and count characters; 0 where there is no file or no place in it.
struct Problem {
  Severity severity = Severity::error;
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string pointer;  // JSON Pointer into the file
  std::string rule;     // the lint rule that says so, else empty
  std::string message;

  bool operator==(const Problem&) const = default;
};

// "openapi.yaml:12:5: error: unknown field \"sumary\" (/paths/~1orders/get)".
std::string to_string(const Problem& problem);

// By file, line, column.
void sort_by_place(std::vector<Problem>& problems);

bool has_errors(const std::vector<Problem>& problems);

}  // namespace linkspan::catalog
