// Regular expressions by Oniguruma, as in jq: Perl's syntax on UTF-8. One cache per run; one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "data/json.h"

struct re_registers;  // of oniguruma.h

namespace linkspan::data::jq {

class Context;

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
  int search(Context& context, const Compiled& regex, std::string_view text, std::size_t at,
             re_registers* region);
  Compiled* compiled(std::string_view pattern, unsigned options, std::string& error);

  std::unique_ptr<Entries> entries_;
};

}  // namespace linkspan::data::jq
