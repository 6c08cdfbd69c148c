#include "http/header_id.h"

#include <array>
#include <cstring>

#include "base/strings.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace linkspan::http {

namespace {

constexpr std::array<std::string_view, kHeaderIdCount> kNames = {"",
#define LINKSPAN_LIST_NAME(id, name) name,
                                                                 LINKSPAN_HEADER_IDS(LINKSPAN_LIST_NAME)
#undef LINKSPAN_LIST_NAME
};

constexpr std::size_t kMaxNameBytes = kHeaderNameReadAhead - 1;

// A perfect hash of the names above, found by search; make_slots() fails to compile when a new name collides,
// and then other multipliers must be searched.
constexpr std::size_t hash_name(const char* name, std::size_t bytes) {
  const auto at = [name](std::size_t i) { return static_cast<unsigned char>(name[i]) | 0x20U; };
  return (bytes + at(0) * 81 + at(bytes * 3 / 4) * 63 + at(bytes - 1) * 21) & 255;
}

consteval std::array<HeaderId, 256> make_slots() {
  std::array<HeaderId, 256> slots{};
  for (std::size_t i = 1; i < kHeaderIdCount; ++i) {
    HeaderId& slot = slots[hash_name(kNames[i].data(), kNames[i].size())];
    if (slot != HeaderId::other) throw "header names collide";
    if (kNames[i].size() > kMaxNameBytes) throw "a header name is too long";
    slot = static_cast<HeaderId>(i);
  }
  return slots;
}

// In one place with its size: a look at a name costs half a cache line.
struct alignas(32) PaddedName {
  char bytes[kMaxNameBytes];
  std::uint8_t size;
};
static_assert(sizeof(PaddedName) == kHeaderNameReadAhead);

consteval std::array<PaddedName, kHeaderIdCount> make_padded_names() {
  std::array<PaddedName, kHeaderIdCount> names{};
  for (std::size_t i = 0; i < kHeaderIdCount; ++i) {
    names[i].size = static_cast<std::uint8_t>(kNames[i].size());
    for (std::size_t k = 0; k < kNames[i].size(); ++k) names[i].bytes[k] = to_lower_ascii(kNames[i][k]);
  }
  return names;
}

constexpr auto kSlots = make_slots();
constexpr auto kPaddedNames = make_padded_names();

// Compares the first `bytes` of `text`, folded to lower case; it has 32 that can be read. Folding by `| 0x20`
// also maps some characters that are no token characters, which is why names must be tokens.
bool same_folded(const char* text, const PaddedName& name, std::size_t bytes) {
#if defined(__SSE2__)
  const __m128i fold = _mm_set1_epi8(0x20);
  const auto* wanted = reinterpret_cast<const __m128i*>(&name);
  const auto* given = reinterpret_cast<const __m128i*>(text);
  const __m128i low = _mm_cmpeq_epi8(_mm_or_si128(_mm_loadu_si128(given), fold), _mm_load_si128(wanted));
  const __m128i high =
      _mm_cmpeq_epi8(_mm_or_si128(_mm_loadu_si128(given + 1), fold), _mm_load_si128(wanted + 1));
  const std::uint32_t equal = static_cast<std::uint32_t>(_mm_movemask_epi8(low)) |
                              static_cast<std::uint32_t>(_mm_movemask_epi8(high)) << 16;
  const auto needed = (std::uint32_t{1} << bytes) - 1;
  return (equal & needed) == needed;
#else
  for (std::size_t i = 0; i < bytes; ++i) {
    if ((text[i] | 0x20) != name.bytes[i]) return false;
  }
  return true;
#endif
}

}  // namespace

HeaderId header_id_in_buffer(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) return HeaderId::other;
  const HeaderId candidate = kSlots[hash_name(name.data(), name.size())];
  const PaddedName& padded = kPaddedNames[static_cast<std::size_t>(candidate)];
  if (padded.size != name.size()) return HeaderId::other;
  return same_folded(name.data(), padded, name.size()) ? candidate : HeaderId::other;
}

HeaderId header_id(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) return HeaderId::other;
  char padded[kHeaderNameReadAhead];
  std::memcpy(padded, name.data(), name.size());
  return header_id_in_buffer({padded, name.size()});
}

std::string_view to_string(HeaderId id) {
  return kNames[static_cast<std::size_t>(id)];
}

}  // namespace linkspan::http
