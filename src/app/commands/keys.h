// Making API keys.
#pragma once

#include <string>

#include "base/digest.h"
#include "base/result.h"

namespace linkspan::app {

struct NewKey {
  std::string text;  // what the caller presents: "lsk_" and 43 letters and digits, 256 bits of them random
  Digest sha256{};   // what the config has
};

// The prefix tells people, and scanners for leaked secrets, what it is. Errors: system_error, if the kernel
// gives no randomness.
Result<NewKey> make_key();

}  // namespace linkspan::app
