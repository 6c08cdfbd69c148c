#include "data/json_object_index.h"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

namespace linkspan::data {

namespace {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void add(std::uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

std::uint64_t siphash13(std::uint64_t key, std::string_view text) {
  SipState state{key ^ 0x736f6d6570736575, ~key ^ 0x646f72616e646f6d, key ^ 0x6c7967656e657261,
                 ~key ^ 0x7465646279746573};
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    state.add(word);
  }
  std::uint64_t last = 0;
  if (left > 0) std::memcpy(&last, at, left);
  state.add(last | static_cast<std::uint64_t>(text.size()) << 56);
  state.v2 ^= 0xff;
  state.round();
  state.round();
  state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::size_t slots_for(std::size_t members) {
  return std::bit_ceil(members * 2);
}

}  // namespace

std::size_t JsonObjectIndex::bytes(std::size_t members) {
  return sizeof(JsonObjectIndex) + slots_for(members) * sizeof(Slot);
}

JsonObjectIndex* JsonObjectIndex::make(std::size_t members) {
  void* memory = std::malloc(bytes(members));
  if (memory == nullptr) throw std::bad_alloc();
  auto* index = static_cast<JsonObjectIndex*>(memory);
  // The address is random by the loader's doing (ASLR) and differs by object; nobody outside learns it.
  index->seed = reinterpret_cast<std::uintptr_t>(memory) * 0x9e3779b97f4a7c15;
  index->mask = slots_for(members) - 1;
  std::memset(static_cast<void*>(index->slots()), 0xff, slots_for(members) * sizeof(Slot));
  return index;
}

std::uint64_t JsonObjectIndex::hash(std::string_view key) const {
  return siphash13(seed, key);
}

void JsonObjectIndex::insert(std::uint64_t hash, std::uint32_t position) {
  std::uint64_t at = hash & mask;
  while (slots()[at].position != kEmpty) at = (at + 1) & mask;
  slots()[at] = {position, static_cast<std::uint32_t>(hash >> 32)};
}

}  // namespace linkspan::data
