// The inner loops of the head parsers: sixteen bytes at a time with SSE2 where the compiler has it (every
// x86-64), else one by one. The skips return the first byte at or after `at` that ends the
// run, or `end`.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/strings.h"
#include "http/char_class.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace linkspan::http {

inline const char* skip_chars(const char* at, const char* end, std::uint8_t classes) {
  while (at != end && is_char(*at, classes)) ++at;
  return at;
}

#if defined(__SSE2__)

namespace detail {

inline __m128i load16(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
inline __m128i at_most(__m128i bytes, unsigned char limit) {
  return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(static_cast<char>(limit))), bytes);
}
inline __m128i equal(__m128i bytes, char byte) {
  return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte));
}
inline unsigned mask_of(__m128i bytes) {
  return static_cast<unsigned>(_mm_movemask_epi8(bytes));
}

// Letters, digits and '-'.
inline __m128i is_common(__m128i bytes) {
  const __m128i letter =
      at_most(_mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('a')), 25);
  const __m128i digit = at_most(_mm_sub_epi8(bytes, _mm_set1_epi8('0')), 9);
  return _mm_or_si128(_mm_or_si128(letter, digit), equal(bytes, '-'));
}

// Of sixteen bytes, those that cannot be in a field value.
inline unsigned non_value_mask(__m128i bytes) {
  const __m128i control = _mm_andnot_si128(equal(bytes, '\t'), at_most(bytes, 0x1f));
  return mask_of(_mm_or_si128(control, equal(bytes, 0x7f)));
}

}  // namespace detail

// All from `floor`, which is at or before `at`, to `end` can be read: the last block may overlap what was
// before `at`.
inline const char* skip_value_chars(const char* floor, const char* at, const char* end) {
  using namespace detail;
  for (; end - at >= 16; at += 16) {
    const unsigned stop = non_value_mask(load16(at));
    if (stop != 0) return at + std::countr_zero(stop);
  }
  if (at == end || end - floor < 16) return skip_chars(at, end, kValueChar);
  const unsigned stop = non_value_mask(load16(end - 16)) >> (16 - (end - at));
  return stop != 0 ? at + std::countr_zero(stop) : end;
}

inline const char* skip_value_chars(const char* at, const char* end) {
  return skip_value_chars(at, at, end);
}

// How many of the 32 bytes at `at` are letters, digits or '-' before the first that is not. All can be read.
inline std::size_t count_common_chars(const char* at) {
  using namespace detail;
  const unsigned first = mask_of(is_common(load16(at)));
  if (first != 0xffff) return static_cast<std::size_t>(std::countr_one(first));
  return 16 + static_cast<std::size_t>(std::countr_one(mask_of(is_common(load16(at + 16)))));
}

inline const char* skip_target_chars(const char* at, const char* end) {
  using namespace detail;
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = load16(at);
    const __m128i high = _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(0x7f)), bytes);
    __m128i bad = _mm_or_si128(at_most(bytes, 0x20), high);
    bad = _mm_or_si128(bad, _mm_or_si128(equal(bytes, '"'), equal(bytes, '#')));
    bad = _mm_or_si128(bad, _mm_or_si128(equal(bytes, '<'), equal(bytes, '>')));
    const unsigned stop = mask_of(bad);
    if (stop != 0) return at + std::countr_zero(stop);
  }
  return skip_chars(at, end, kTargetChar);
}

inline const char* skip_token_chars(const char* at, const char* end) {
  using namespace detail;
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = load16(at);
    const unsigned common = mask_of(is_common(bytes));
    if (common != 0xffff) return skip_chars(at + std::countr_one(common), end, kTokenChar);
  }
  return skip_chars(at, end, kTokenChar);
}

// Whole blocks of letters, digits, '-', '_' and single '/': nothing that a path normaliser would touch.
inline const char* skip_plain_path_blocks(const char* at, const char* end) {
  using namespace detail;
  unsigned after_slash = 0;  // the first byte of the block is
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = load16(at);
    const __m128i slash = equal(bytes, '/');
    const __m128i plain = _mm_or_si128(is_common(bytes), _mm_or_si128(slash, equal(bytes, '_')));
    const unsigned slashes = mask_of(slash);
    if (mask_of(plain) != 0xffff || (slashes & (slashes << 1 | after_slash)) != 0) break;
    after_slash = slashes >> 15;
  }
  return at;
}

#else

inline const char* skip_plain_path_blocks(const char* at, const char*) {
  return at;
}
inline const char* skip_value_chars(const char*, const char* at, const char* end) {
  return skip_chars(at, end, kValueChar);
}
inline const char* skip_value_chars(const char* at, const char* end) {
  return skip_chars(at, end, kValueChar);
}
inline std::size_t count_common_chars(const char* at) {
  const char* stop = at;
  while (stop - at < 32 && (is_alpha(*stop) || is_digit(*stop) || *stop == '-')) ++stop;
  return static_cast<std::size_t>(stop - at);
}
inline const char* skip_target_chars(const char* at, const char* end) {
  return skip_chars(at, end, kTargetChar);
}
inline const char* skip_token_chars(const char* at, const char* end) {
  return skip_chars(at, end, kTokenChar);
}

#endif

}  // namespace linkspan::http
