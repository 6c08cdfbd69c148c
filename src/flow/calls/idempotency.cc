#include "flow/calls/idempotency.h"

#include <span>

#include "base/digest.h"
#include "base/strings.h"

namespace linkspan::flow {
namespace {

void append_name(std::string& key, std::string_view name) {
  for (const char c : name) {
    if (is_alpha(c) || is_digit(c) || c == '-' || c == '_') {
      key += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      key.append("%").append(encode_hex(std::span(&byte, 1)));
    }
  }
}

}  // namespace

std::string idempotency_key(const Effect& effect) {
  std::string key;
  append_name(key, effect.run_id);
  key += '.';
  append_name(key, effect.step);
  if (effect.item) {
    key += '.';
    append_u64(key, *effect.item);
  }
  if (effect.undo) key += ".undo";
  if (effect.edits != 0) {
    key += ".e";
    append_u64(key, effect.edits);
  }
  if (key.size() <= kMaxIdempotencyKeyBytes) return key;
  const Digest digest = Sha256().digest(key);
  return "~" + encode_hex(std::span(digest).first(digest.size() / 2));
}

}  // namespace linkspan::flow
