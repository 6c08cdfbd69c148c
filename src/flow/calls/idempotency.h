// The key under which an effect happens at most once: the same for every attempt, before and after a crash,
// and another for every other effect. Sent as Idempotency-Key, or in the header that the operation honours.
//
//   idempotency_key({.run_id = "abcd2345-17", .step = "charge"})                   // abcd2345-17.charge
//   idempotency_key({.run_id = "abcd2345-17", .step = "lines", .item = 3, .undo = true})
//                                                                                  //
//                                                                                  abcd2345-17.lines.3.undo
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace linkspan::flow {

struct Effect {
  std::string_view run_id;
  std::string_view step;
  std::optional<std::uint32_t> item = std::nullopt;  // of foreach
  bool undo = false;                                 // undoing it is an effect of its own
  // Counts how often a person has changed what is sent: systems refuse a known key with another body.
  std::uint32_t edits = 0;
};

// What many systems take at most.
inline constexpr std::size_t kMaxIdempotencyKeyBytes = 64;

// Letters, digits and - _ . % ~ only; at most kMaxIdempotencyKeyBytes. Different effects have different keys:
// what is not letter, digit, - or _ in names is percent-encoded, so that the dots tell the parts apart. A key
// that would be too long is "~" and half of the SHA-256 of it, in hexadecimal.
std::string idempotency_key(const Effect& effect);

}  // namespace linkspan::flow
