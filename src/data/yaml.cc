#include "data/yaml.h"

#include <algorithm>
#include <cstdio>

#include <yaml.h>

#include "data/yaml_builder.h"

namespace linkspan::data {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

YamlPosition position_at(std::string_view text, std::size_t offset, std::uint32_t file) {
  YamlPosition position{file, 1, 1};
  for (char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++position.column;
    }
  }
  return position;
}

// The character that libyaml could not make sense of, for a better message than its own.
char character_at(std::string_view text, const yaml_mark_t& mark) {
  std::size_t at = 0;
  for (std::size_t line = 0; line < mark.line; ++line) {
    at = text.find('\n', at);
    if (at == std::string_view::npos) return '\0';
    ++at;
  }
  at += mark.column;  // right in lines of ASCII, which is where the messages below come from
  return at < text.size() ? text[at] : '\0';
}

YamlError reader_error(std::string_view text, const yaml_parser_t& parser, std::uint32_t file) {
  const YamlPosition position = position_at(text, std::min(parser.problem_offset, text.size()), file);
  const std::string_view problem = parser.problem == nullptr ? "" : parser.problem;
  if (problem.starts_with("control")) {
    char code[16];
    std::snprintf(code, sizeof code, "U+%04X", static_cast<unsigned>(parser.problem_value));
    return {position, std::string("control character ") + code + " is not allowed in YAML"};
  }
  return {position, "not valid UTF-8"};
}

YamlError syntax_error(std::string_view text, const yaml_parser_t& parser, std::uint32_t file) {
  const YamlPosition position{file, static_cast<std::uint32_t>(parser.problem_mark.line + 1),
                              static_cast<std::uint32_t>(parser.problem_mark.column + 1)};
  std::string message = parser.problem == nullptr ? "not valid YAML" : parser.problem;
  if (message == "found character that cannot start any token") {
    const char character = character_at(text, parser.problem_mark);
    if (character == '\t') return {position, "a tab cannot indent or begin a value; use spaces"};
    if (character >= ' ' && character <= '~') {
      return {position, std::string("a value cannot begin with ") + character + "; put it in quotes"};
    }
  }
  if (parser.context != nullptr) {
    message += ' ';
    message += parser.context;
    if (parser.context_mark.line != parser.problem_mark.line) {
      message += " that begins in line " + std::to_string(parser.context_mark.line + 1);
    }
  }
  return {position, std::move(message)};
}

void run(yaml_parser_t& parser, std::string_view text, YamlBuilder& builder, const YamlOptions& options,
         std::vector<YamlError>& errors) {
  bool more = true;
  while (more) {
    yaml_event_t event;
    if (yaml_parser_parse(&parser, &event) == 0) {
      errors.push_back(parser.error == YAML_READER_ERROR ? reader_error(text, parser, options.file)
                                                         : syntax_error(text, parser, options.file));
      return;
    }
    more = builder.take(event);
    yaml_event_delete(&event);
  }
}

}  // namespace

YamlDocument::YamlDocument() : storage_(std::make_unique<Storage>()) {}
YamlDocument::~YamlDocument() = default;
YamlDocument::YamlDocument(YamlDocument&& other) noexcept = default;
YamlDocument& YamlDocument::operator=(YamlDocument&& other) noexcept = default;

const YamlNode& YamlDocument::root() const {
  return storage_->root;
}

YamlParse parse_yaml(std::string_view text, const YamlOptions& options) {
  YamlParse parse;
  if (text.size() > options.limits.max_bytes) {
    parse.errors.push_back(
        {{options.file, 1, 1}, "larger than " + std::to_string(options.limits.max_bytes) + " bytes"});
    return parse;
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());

  yaml_parser_t parser;
  if (yaml_parser_initialize(&parser) == 0) {
    parse.errors.push_back({{options.file, 1, 1}, "out of memory"});
    return parse;
  }
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  YamlBuilder builder(parse, options);
  run(parser, text, builder, options, parse.errors);
  yaml_parser_delete(&parser);
  std::stable_sort(parse.errors.begin(), parse.errors.end(),
                   [](const YamlError& a, const YamlError& b) { return a.position < b.position; });
  return parse;
}

}  // namespace linkspan::data
