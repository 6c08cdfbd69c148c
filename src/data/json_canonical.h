// The JSON Canonicalization Scheme (RFC 8785): one text for all ways to write a value, fit for hashing and
// signing. No blanks, keys by UTF-16 units, numbers as ECMAScript writes them. Pure functions; nothing
// recurses.
#pragma once

#include <string>

#include "base/result.h"
#include "data/json.h"

namespace linkspan::data {

enum class JsonCanonicalNumbers : unsigned char {
  // As the RFC has it: every number is first the nearest double, so that 2^53 and 2^53 + 1 become the same
  // text. For signatures that others check.
  rfc8785,
  // Integers and literals keep all their digits: equal texts if and only if equal values. For fingerprints of
  // our own. The same as rfc8785 for all numbers that the RFC keeps apart.
  exact
};

// errors::json_invalid for NaN and infinities (and, by the RFC, literals past the largest double), which have
// no canonical form.
Result<std::string> canonical_json(const JsonValue& value,
                                   JsonCanonicalNumbers numbers = JsonCanonicalNumbers::rfc8785);

}  // namespace linkspan::data
