#include "data/schema/pattern.h"

#include <algorithm>
#include <ctime>
#include <mutex>
#include <optional>
#include <utility>

#include <oniguruma.h>
#include <re2/re2.h>

#include "base/error_kinds.h"
#include "data/schema/ecma_regex.h"
#include "data/schema/simple_pattern.h"

namespace linkspan::data::schema {

namespace {

constexpr std::size_t kMaxPatternBytes = 64 * 1024;
constexpr std::size_t kMaxBacktrackedBytes = 16 * 1024;
constexpr unsigned long kFirstRetries = 1000;
constexpr unsigned long kMaxRetries = 1'000'000;
constexpr unsigned long kRetriesPerStep = 4;
// RE2's program times the text: what a search may cost at the worst, when its fast ways run out of memory.
// Below the first the text alone counts, up to the second the time it took.
constexpr std::uint64_t kMaxUntimed = 1 << 16;
constexpr std::uint64_t kMaxWork = 1'000'000'000;
constexpr std::int64_t kNsPerStep = 20;

std::int64_t thread_time_ns() {
  std::timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

struct FreeRegex {
  void operator()(regex_t* regex) const { onig_free(regex); }
};
struct FreeParameters {
  void operator()(OnigMatchParam* parameters) const { onig_free_match_param(parameters); }
};

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

Error invalid(std::string what) {
  return Error(errors::schema_invalid, std::move(what));
}

Result<std::unique_ptr<regex_t, FreeRegex>> compile_backtracking(const std::string& text) {
  initialize();
  regex_t* regex = nullptr;
  OnigErrorInfo info;
  const int status = onig_new(&regex, bytes(text.data()), bytes(text.data()) + text.size(),
                              ONIG_OPTION_CAPTURE_GROUP | ONIG_OPTION_WORD_IS_ASCII, ONIG_ENCODING_UTF8,
                              ONIG_SYNTAX_PERL_NG, &info);
  if (status == ONIG_NORMAL) return std::unique_ptr<regex_t, FreeRegex>(regex);
  OnigUChar words[ONIG_MAX_ERROR_MESSAGE_LEN];
  onig_error_code_to_str(words, status, &info);
  return invalid(reinterpret_cast<const char*>(words));
}

}  // namespace

// One of them.
struct Pattern::Engines {
  std::optional<SimplePattern> simple;
  std::unique_ptr<RE2> linear;
  std::uint64_t program_size = 0;
  std::unique_ptr<regex_t, FreeRegex> backtracking;
};

Pattern::Pattern(std::string source, std::unique_ptr<Engines> engines)
    : source_(std::move(source)), engines_(std::move(engines)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::compile(std::string_view source) {
  if (source.size() > kMaxPatternBytes) return invalid("it has more than 64 KiB");
  auto engines = std::make_unique<Engines>();
  engines->simple = SimplePattern::parse(source);
  if (engines->simple) return Pattern(std::string(source), std::move(engines));
  auto translated = translate_ecma_regex(source);
  if (!translated) return std::move(translated).error();
  bool backtracks = translated->needs_backtracking;
  if (!backtracks) {
    RE2::Options options(RE2::Quiet);
    options.set_never_capture(true);
    engines->linear = std::make_unique<RE2>(translated->text, options);
    if (!engines->linear->ok()) {
      // Repeats and properties that it does not have are all that Oniguruma may still know.
      backtracks = engines->linear->error_code() == RE2::ErrorRepeatSize ||
                   engines->linear->error_code() == RE2::ErrorBadCharRange;
      if (!backtracks) return invalid(engines->linear->error());
      engines->linear.reset();
    }
  }
  if (engines->linear) {
    engines->program_size = static_cast<std::uint64_t>(std::max(engines->linear->ProgramSize(), 1));
  } else {
    auto made = compile_backtracking(translated->text);
    if (!made) return std::move(made).error();
    engines->backtracking = std::move(made).value();
  }
  return Pattern(std::string(source), std::move(engines));
}

namespace {

bool spend(std::uint64_t& steps, std::uint64_t cost) {
  const bool enough = cost <= steps;
  steps -= std::min(cost, steps);
  return enough;
}

// Tries with few retries first, so that what was tried can be counted.
Pattern::Found search_backtracking(regex_t* regex, std::string_view text, std::uint64_t& steps) {
  // Oniguruma may look to the end from every place without counting that as a retry.
  if (text.size() > kMaxBacktrackedBytes || !spend(steps, 16 + text.size() * text.size() / 64))
    return Pattern::Found::given_up;
  const std::unique_ptr<OnigMatchParam, FreeParameters> parameters(onig_new_match_param());
  onig_initialize_match_param(parameters.get());
  onig_set_match_stack_limit_size_of_match_param(parameters.get(), 100'000);
  const OnigUChar* const begin = bytes(text.data());
  const OnigUChar* const end = begin + text.size();
  for (unsigned long retries = kFirstRetries;; retries *= 8) {
    retries = std::min(retries, kMaxRetries);
    onig_set_retry_limit_in_match_of_match_param(parameters.get(), retries);
    onig_set_retry_limit_in_search_of_match_param(parameters.get(), retries);
    const int status =
        onig_search_with_param(regex, begin, end, begin, end, nullptr, ONIG_OPTION_NONE, parameters.get());
    if (status >= 0) return Pattern::Found::yes;
    if (status == ONIG_MISMATCH) return Pattern::Found::no;
    const bool out_of_retries =
        status == ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER || status == ONIGERR_RETRY_LIMIT_IN_MATCH_OVER;
    if (!out_of_retries || retries == kMaxRetries || !spend(steps, retries / kRetriesPerStep))
      return Pattern::Found::given_up;
  }
}

}  // namespace

Pattern::Found Pattern::search(std::string_view text, std::uint64_t& steps) const {
  if (engines_->backtracking) return search_backtracking(engines_->backtracking.get(), text, steps);
  if (!spend(steps, 1 + text.size() / 16)) return Found::given_up;
  if (engines_->simple) return engines_->simple->matches(text) ? Found::yes : Found::no;
  const std::uint64_t work = engines_->program_size * text.size();
  if (work > kMaxWork) return Found::given_up;
  const bool timed = work > kMaxUntimed;
  const std::int64_t began_ns = timed ? thread_time_ns() : 0;
  const bool found = engines_->linear->Match(text, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
  if (timed && !spend(steps, static_cast<std::uint64_t>((thread_time_ns() - began_ns) / kNsPerStep)))
    return Found::given_up;
  return found ? Found::yes : Found::no;
}

bool is_pattern(std::string_view source, std::uint64_t& steps) {
  const std::int64_t began_ns = thread_time_ns();
  const bool is = Pattern::compile(source).ok();
  spend(steps, static_cast<std::uint64_t>((thread_time_ns() - began_ns) / kNsPerStep));
  return is;
}

}  // namespace linkspan::data::schema
