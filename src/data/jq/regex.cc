#include "data/jq/regex.h"

#include <algorithm>
#include <ctime>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <oniguruma.h>

#include "data/jq/context.h"
#include "data/jq/value_text.h"

namespace linkspan::data::jq {

std::size_t next_character(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
  return at;
}

namespace {

constexpr unsigned long kMaxRetries = 1'000'000;
constexpr unsigned long kFirstRetries = 1000;
constexpr unsigned long kRetriesPerStep = 4;
constexpr std::uint64_t kStepsPerSearch = 16;
constexpr std::size_t kMaxLookedAt = 256'000'000;  // bytes in a portion of a search, if each place sees all
constexpr std::size_t kMaxUntimed = 256;           // bytes of a text
constexpr std::int64_t kUnusualNs = 50'000;
constexpr std::int64_t kNsPerStep = 20;
constexpr std::size_t kMaxCached = 64;

std::int64_t thread_time_ns() {
  std::timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

const OnigUChar* bytes(const char* text) {
  return reinterpret_cast<const OnigUChar*>(text);
}

void initialize() {
  static std::once_flag done;
  std::call_once(done, [] {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    onig_initialize(encodings, 1);
  });
}

struct Flags {
  unsigned options = ONIG_OPTION_CAPTURE_GROUP;
  bool global = false;
  bool valid = true;
};

Flags read_flags(std::string_view text) {
  Flags flags;
  for (const char c : text) {
    switch (c) {
      case 'g':
        flags.global = true;
        break;
      case 'i':
        flags.options |= ONIG_OPTION_IGNORECASE;
        break;
      case 'x':
        flags.options |= ONIG_OPTION_EXTEND;
        break;
      case 's':
        flags.options |= ONIG_OPTION_SINGLELINE;
        break;
      case 'p':
        flags.options |= ONIG_OPTION_MULTILINE | ONIG_OPTION_SINGLELINE;
        break;
      case 'n':
        flags.options |= ONIG_OPTION_FIND_NOT_EMPTY;
        break;
      case 'l':
        flags.options |= ONIG_OPTION_FIND_LONGEST;
        break;
      default:
        flags.valid = false;
    }
  }
  return flags;
}

// Counts characters from where it last stood: offsets mostly rise.
class CharacterCounter {
 public:
  explicit CharacterCounter(std::string_view text) : text_(text) {}
  std::int64_t until(std::size_t byte) {
    if (byte < at_) at_ = 0, count_ = 0;
    for (; at_ < byte; ++at_) count_ += (static_cast<unsigned char>(text_[at_]) & 0xc0) != 0x80;
    return count_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace

struct RegexCache::Compiled {
  regex_t* regex = nullptr;
  OnigMatchParam* parameters = nullptr;
  std::vector<JsonValue> names;  // by group, from 1

  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() {
    if (parameters != nullptr) onig_free_match_param(parameters);
    if (regex != nullptr) onig_free(regex);
  }
};

struct RegexCache::Entries {
  std::unordered_map<std::string, std::unique_ptr<Compiled>> by_pattern;
};

RegexCache::RegexCache() : entries_(std::make_unique<Entries>()) {}

RegexCache::~RegexCache() = default;

RegexCache::Compiled* RegexCache::compiled(std::string_view pattern, unsigned options, std::string& error) {
  std::string key(pattern);
  key += '\0' + std::to_string(options);
  if (const auto found = entries_->by_pattern.find(key); found != entries_->by_pattern.end())
    return found->second.get();
  initialize();
  auto made = std::make_unique<Compiled>();
  OnigErrorInfo info;
  const OnigUChar* begin = bytes(pattern.data());
  const int status = onig_new(&made->regex, begin, begin + pattern.size(), options, ONIG_ENCODING_UTF8,
                              ONIG_SYNTAX_PERL_NG, &info);
  if (status != ONIG_NORMAL) {
    OnigUChar text[ONIG_MAX_ERROR_MESSAGE_LEN];
    onig_error_code_to_str(text, status, &info);
    made->regex = nullptr;
    error =
        std::string(pattern) + " (at offset 0) is not a valid regex: " + reinterpret_cast<const char*>(text);
    return nullptr;
  }
  made->parameters = onig_new_match_param();
  onig_initialize_match_param(made->parameters);
  onig_set_retry_limit_in_match_of_match_param(made->parameters, kMaxRetries);
  onig_set_match_stack_limit_size_of_match_param(made->parameters, 1'000'000);
  made->names.resize(static_cast<std::size_t>(onig_number_of_captures(made->regex)) + 1);
  onig_foreach_name(
      made->regex,
      [](const OnigUChar* name, const OnigUChar* end, int count, int* groups, OnigRegex, void* argument) {
        auto& names = *static_cast<std::vector<JsonValue>*>(argument);
        for (int i = 0; i < count; ++i) {
          names[static_cast<std::size_t>(groups[i])] =
              std::string_view(reinterpret_cast<const char*>(name), static_cast<std::size_t>(end - name));
        }
        return 0;
      },
      &made->names);
  if (entries_->by_pattern.size() >= kMaxCached) entries_->by_pattern.clear();
  return (entries_->by_pattern[std::move(key)] = std::move(made)).get();
}

namespace {

JsonValue captured(std::string_view text, CharacterCounter& counter, int begin, int end,
                   const JsonValue* name) {
  JsonObjectBuilder out(4);
  if (begin < 0) {
    out.set("offset", -1).set("length", 0).set("string", JsonValue());
  } else {
    const std::int64_t offset = counter.until(static_cast<std::size_t>(begin));
    const std::int64_t length = counter.until(static_cast<std::size_t>(end)) - offset;
    out.set("offset", offset).set("length", length);
    out.set("string", text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
  }
  if (name != nullptr) out.set("name", *name);
  return out.build();
}

JsonValue to_match(std::string_view text, CharacterCounter& counter, const OnigRegion& region,
                   const std::vector<JsonValue>& names) {
  JsonValue match = captured(text, counter, region.beg[0], region.end[0], nullptr);
  JsonArrayBuilder captures;
  for (int i = 1; i < region.num_regs; ++i)
    captures.add(captured(text, counter, region.beg[i], region.end[i], &names[static_cast<std::size_t>(i)]));
  match.set("captures", captures.build());
  return match;
}

struct FreeRegion {
  void operator()(OnigRegion* region) const { onig_region_free(region, 1); }
};

}  // namespace

// The work is not known before, so it is counted as it comes. Going back and forth: a search begins with a
// small allowance, and each time that is not enough what it took is counted, and it begins again with more.
int RegexCache::search_starts(Context& context, const Compiled& regex, std::string_view text,
                              std::size_t from, std::size_t to, OnigRegion* region) {
  const unsigned long most = kMaxRetries + 16 * text.size();
  const OnigUChar* const begin = bytes(text.data());
  for (unsigned long retries = kFirstRetries;; retries *= 8) {
    onig_set_retry_limit_in_search_of_match_param(regex.parameters, std::min(retries, most));
    const int status = onig_search_with_param(regex.regex, begin, begin + text.size(), begin + from,
                                              begin + to, region, ONIG_OPTION_NONE, regex.parameters);
    if (status != ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER && status != ONIGERR_RETRY_LIMIT_IN_MATCH_OVER)
      return status;
    if (!context.count_steps(std::min(retries, most) / kRetriesPerStep)) return status;
    if (status == ONIGERR_RETRY_LIMIT_IN_MATCH_OVER || retries >= most) return status;
  }
}

// Looking far ahead from each place, as <[^>]*> does in a text of "<": Oniguruma does not tell, so places are
// tried in portions, and a portion that takes unusually long is counted by the clock.
int RegexCache::search(Context& context, const Compiled& regex, std::string_view text, std::size_t at,
                       bool in_portions, OnigRegion* region) {
  for (std::size_t from = at;;) {
    if (!context.count_steps(kStepsPerSearch)) return ONIG_MISMATCH;
    std::size_t to = text.size();
    if (const std::size_t portion = kMaxLookedAt / (to - from + 1); in_portions && portion < to - from)
      to = next_character(text, from + portion);
    const std::int64_t began_ns = text.size() > kMaxUntimed ? thread_time_ns() : 0;
    const int status = search_starts(context, regex, text, from, to, region);
    if (began_ns != 0) {
      const std::int64_t took_ns = thread_time_ns() - began_ns;
      if (took_ns > kUnusualNs) context.count_steps(static_cast<std::uint64_t>(took_ns / kNsPerStep));
    }
    const std::size_t reached = status >= 0 ? static_cast<std::size_t>(region->end[0]) : to;
    context.count_text(std::max(reached, from) - from);
    if (status != ONIG_MISMATCH || to == text.size() || context.stopped()) return status;
    from = to;
  }
}

bool RegexCache::match(Context& context, std::string_view text, std::string_view pattern,
                       std::string_view flag_text, bool test_only, JsonValue& out) {
  const Flags flags = read_flags(flag_text);
  if (!flags.valid) {
    out = std::string(flag_text) + " is not a valid modifier string";
    return false;
  }
  std::string error;
  const Compiled* regex = compiled(pattern, flags.options, error);
  if (regex == nullptr) {
    out = error;
    return false;
  }
  const std::unique_ptr<OnigRegion, FreeRegion> region(onig_region_new());
  CharacterCounter counter(text);
  JsonArrayBuilder matches;
  const bool in_portions = (flags.options & ONIG_OPTION_FIND_LONGEST) == 0;
  for (std::size_t at = 0; at <= text.size();) {
    const int status = search(context, *regex, text, at, in_portions, region.get());
    if (context.stopped()) return false;
    if (status == ONIG_MISMATCH) break;
    if (status < 0) {
      OnigUChar words[ONIG_MAX_ERROR_MESSAGE_LEN];
      onig_error_code_to_str(words, status);
      out = described(JsonValue(pattern)) + " was given up: " + reinterpret_cast<const char*>(words);
      return false;
    }
    if (test_only) {
      out = true;
      return true;
    }
    std::size_t captured_bytes = 256;
    for (int i = 0; i < region->num_regs; ++i)
      captured_bytes += 192 + static_cast<std::size_t>(region->end[i] - region->beg[i]);
    if (!context.count_bytes(captured_bytes)) return false;
    matches.add(to_match(text, counter, *region, regex->names));
    if (!flags.global) break;
    const auto end = static_cast<std::size_t>(region->end[0]);
    at = region->end[0] == region->beg[0] ? next_character(text, end) : end;
  }
  out = test_only ? JsonValue(false) : matches.build();
  return true;
}

}  // namespace linkspan::data::jq
