// Values to YAML text, in block style, through libyaml's emitter. Strings are quoted where a reader of
// YAML 1.2 or 1.1 would take them for something else.
//
//   YamlWriter yaml;
//   yaml.begin_mapping(); yaml.string("workers"); yaml.plain("4"); yaml.end_mapping();
//   return std::move(yaml).finish();
//
// The caller keeps the order right: keys and values in turn, one end for each begin, one value in all. One
// thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace linkspan::data {

class YamlWriter {
 public:
  YamlWriter();
  ~YamlWriter();
  YamlWriter(const YamlWriter&) = delete;
  YamlWriter& operator=(const YamlWriter&) = delete;

  void begin_mapping();
  void end_mapping();
  // `flow`: on one line, [a, b].
  void begin_sequence(bool flow = false);
  void end_sequence();
  // Text that stays a string when read again. Text that is not UTF-8 is written as "(not text)".
  void string(std::string_view text);
  // A scalar as it is: numbers, true, false, null.
  void plain(std::string_view text);

  // The text; the writer is used up.
  std::string finish() &&;

 private:
  struct Emitter;
  std::unique_ptr<Emitter> emitter_;
};

}  // namespace linkspan::data
