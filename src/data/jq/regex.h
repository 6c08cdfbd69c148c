// Regular expressions by Oniguruma, as in jq: Perl's syntax on UTF-8. One cache per run; one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "data/json.h"

struct re_registers;  // of oniguruma.h

namespace linkspan::data::jq {

class Context;

// The byte behind the character that begins at `at`.
std::size_t next_character(std::string_view text, std::size_t at);

class RegexCache {
 public:
  RegexCache();
  ~RegexCache();

  // The matches of `pattern` in `text` as `match` gives them, or with `test_only` whether there is one.
  // False: `out` is what to raise, or a limit is passed: going back and forth counts as steps. A match that
  // does so too often is given up with an error.
  bool match(Context& context, std::string_view text, std::string_view pattern, std::string_view flags,
             bool test_only, JsonValue& out);

 private:
  struct Compiled;
  struct Entries;
  // As onig_search says, from `at` on; stops early once a limit is passed.
  int search(Context& context, const Compiled& regex, std::string_view text, std::size_t at, bool in_portions,
             re_registers* region);
  // Of matches that start in [from, to).
  int search_starts(Context& context, const Compiled& regex, std::string_view text, std::size_t from,
                    std::size_t to, re_registers* region);
  Compiled* compiled(std::string_view pattern, unsigned options, std::string& error);

  std::unique_ptr<Entries> entries_;
};

}  // namespace linkspan::data::jq
