// What good descriptions have, and this one has not: a useful part of the rules that Spectral has for
// OpenAPI, under the names that they have there. docs/catalog.md lists them. Pure but for compiling schemas;
// any thread.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "catalog/load.h"
#include "catalog/problem.h"

namespace linkspan::catalog {

struct LintRule {
  std::string_view name;
  Severity severity;
  std::string_view what;  // what it wants, in a sentence
};

// In alphabetical order.
std::span<const LintRule> lint_rules();

struct LintLimits {
  std::size_t max_problems = 2'000;
};

// By place. What loading found is among it, under the rules "invalid-ref", and "oas2-schema" or
// "oas3-schema".
std::vector<Problem> lint(const LoadResult& loaded, const LintLimits& limits = {});

}  // namespace linkspan::catalog
