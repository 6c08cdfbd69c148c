#include "base/random.h"

#include <cerrno>
#include <cstring>
#include <ctime>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <sys/random.h>

#include "base/error_kinds.h"

namespace linkspan {
namespace {

// Spreads one number over the state, as the authors of xoshiro advise.
std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

// The sixteen hex digits of a number, in no particular order of digits, since they are random anyway.
#if defined(__SSE2__)

void put_hex(std::uint64_t value, char* out) {
  const __m128i low_nibbles = _mm_set1_epi8(0x0f);
  const __m128i bytes = _mm_cvtsi64_si128(static_cast<long long>(value));
  const __m128i nibbles = _mm_unpacklo_epi64(_mm_and_si128(bytes, low_nibbles),
                                             _mm_and_si128(_mm_srli_epi16(bytes, 4), low_nibbles));
  const __m128i is_letter = _mm_cmpgt_epi8(nibbles, _mm_set1_epi8(9));
  const __m128i digits = _mm_add_epi8(_mm_add_epi8(nibbles, _mm_set1_epi8('0')),
                                      _mm_and_si128(is_letter, _mm_set1_epi8('a' - '0' - 10)));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), digits);
}

#else

void put_hex(std::uint64_t value, char* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int i = 0; i < 16; ++i) out[i] = kDigits[value >> (4 * i) & 0xf];
}

#endif

}  // namespace

Random::Random() {
  if (getrandom(state_, sizeof state_, 0) == static_cast<ssize_t>(sizeof state_) &&
      (state_[0] | state_[1] | state_[2] | state_[3]) != 0) {
    return;
  }
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *this = Random(static_cast<std::uint64_t>(now.tv_nsec) ^ (static_cast<std::uint64_t>(now.tv_sec) << 30) ^
                 reinterpret_cast<std::uintptr_t>(this));
}

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = split_mix(seed);
}

// Lemire, "Fast random integer generation in an interval" (2019).
std::uint64_t Random::below(std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  if (bound == 0) return 0;
  Wide product = static_cast<Wide>(next_u64()) * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Wide>(next_u64()) * bound;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

void Random::fill_hex64(char (&out)[16]) {
  std::uint64_t value = next_u64();
  while (value == 0) value = next_u64();
  put_hex(value, out);
}

void Random::fill_hex128(char (&out)[32]) {
  std::uint64_t low = next_u64();
  while (low == 0) low = next_u64();
  put_hex(next_u64(), out);
  put_hex(low, out + 16);
}

Result<void> fill_secure(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t filled = getrandom(out.data(), out.size(), 0);
    if (filled > 0) {
      out = out.subspan(static_cast<std::size_t>(filled));
    } else if (errno != EINTR) {
      return Error(errors::system_error, std::string("getrandom: ") + std::strerror(errno));
    }
  }
  return {};
}

}  // namespace linkspan
