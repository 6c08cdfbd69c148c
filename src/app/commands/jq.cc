#include "data/jq/jq.h"

#include <cstdint>
#include <fstream>
#include <iostream>
#include <optional>
#include <ostream>

#include "app/commands/commands.h"
#include "data/json_parse.h"
#include "data/json_write.h"
#include "data/utf8.h"

namespace linkspan::app {

namespace {

using data::JsonValue;

enum JqExitCode : int { kLastIsFalse = 1, kNotRead = 2, kNotCompiled = 3, kNoOutput = 4, kProgramFailed = 5 };

constexpr data::JsonLimits kJsonLimits{.max_bytes = SIZE_MAX, .max_depth = 10'000, .allow_non_finite = true};
// A person at a terminal can interrupt what takes too long.
constexpr data::JqLimits kRunLimits{.max_steps = UINT64_MAX,
                                    .max_memory_bytes = std::size_t{4} << 30,
                                    .max_outputs = UINT64_MAX,
                                    .max_output_bytes = std::size_t{64} << 30};

std::optional<std::string> read_all(std::istream& in) {
  constexpr std::size_t kPieceBytes = 256 * 1024;
  std::string text;
  while (in) {
    const std::size_t before = text.size();
    text.resize(before + kPieceBytes);
    in.read(text.data() + before, kPieceBytes);
    text.resize(before + static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return std::nullopt;
  return text;
}

std::optional<std::string> read_file(const std::string& path, const Output& output) {
  std::ifstream in(path, std::ios::binary);
  // A directory opens, and fails when it is read.
  if (in) in.peek();
  std::optional<std::string> text;
  if (!in.bad() && in.is_open()) text = read_all(in);
  if (!text) output.err << "linkspan: cannot read " << path << '\n';
  return text;
}

std::optional<std::vector<JsonValue>> parse_all(std::string_view text, const std::string& from,
                                                const Output& output) {
  data::JsonParser parser(kJsonLimits);
  std::vector<JsonValue> values;
  Result<void> begun = parser.begin_stream(text);
  if (begun) {
    while (true) {
      Result<std::optional<JsonValue>> value = parser.next();
      if (value && !*value) return values;
      if (value) {
        values.push_back(**std::move(value));
        continue;
      }
      begun = std::move(value).error();
      break;
    }
  }
  output.err << "linkspan: " << from << ": " << begun.error().to_string() << '\n';
  return std::nullopt;
}

// The global variables of the program, and $ARGS.
struct Variables {
  std::vector<std::string> names{"ARGS"};
  std::vector<JsonValue> values{JsonValue()};
  JsonValue named = JsonValue::empty_object();

  // Of two with one name the first counts.
  void add(const std::string& name, const JsonValue& value) {
    if (named.contains(name)) return;
    named.set(name, value);
    names.push_back(name);
    values.push_back(value);
  }
};

std::optional<JsonValue> parse_argument(const std::string& text, const std::string& what,
                                        const Output& output) {
  Result<JsonValue> value = data::parse_json(text, kJsonLimits);
  if (value) return *std::move(value);
  output.err << "linkspan: " << what << ": " << value.error().to_string() << '\n';
  return std::nullopt;
}

// False if something is wrong, which it has said.
bool add_named(const JqOptions& options, Variables& variables, const Output& output) {
  for (const auto& [name, value] : options.args) variables.add(name, data::replace_invalid_utf8(value));
  for (const auto& [name, text] : options.json_args) {
    const auto value = parse_argument(text, "--argjson " + name, output);
    if (!value) return false;
    variables.add(name, *value);
  }
  for (const auto& [name, path] : options.slurped_files) {
    const auto text = read_file(path, output);
    const auto values = text ? parse_all(*text, path, output) : std::nullopt;
    if (!values) return false;
    data::JsonArrayBuilder array;
    for (const JsonValue& value : *values) array.add(value);
    variables.add(name, array.build());
  }
  for (const auto& [name, path] : options.raw_files) {
    const auto text = read_file(path, output);
    if (!text) return false;
    variables.add(name, data::replace_invalid_utf8(*text));
  }
  return true;
}

bool add_positional(const JqOptions& options, std::span<const std::string> words, Variables& variables,
                    const Output& output) {
  data::JsonArrayBuilder positional;
  if (options.words_are_args || options.words_are_json) {
    for (const std::string& word : words) {
      const auto value = options.words_are_json ? parse_argument(word, "--jsonargs", output)
                                                : JsonValue(data::replace_invalid_utf8(word));
      if (!value) return false;
      positional.add(*value);
    }
  }
  variables.values[0] = JsonValue::object({{"positional", positional.build()}, {"named", variables.named}});
  return true;
}

// Runs a program on one input after the other and writes what comes out.
class Runner {
 public:
  Runner(const JqOptions& options, const data::JqProgram& program, std::vector<JsonValue> variables,
         const Output& output)
      : options_(options),
        program_(program),
        variables_(std::move(variables)),
        output_(output),
        run_(run_options()) {
    format_.sort_keys = options.sort_keys;
    format_.ascii = options.ascii_output;
    format_.escape_delete = true;
    if (options.compact_output) return;
    format_.indent = options.tab ? 1 : options.indent;
    format_.indent_with = options.tab ? '\t' : ' ';
  }

  void run(JsonValue input, const std::string& from) {
    run_.start(program_, std::move(input), variables_);
    while (true) {
      const Result<std::optional<JsonValue>> next = run_.next();
      if (!next) {
        output_.err << "linkspan: " << from << ": " << next.error().to_string() << '\n';
        has_failed_ = true;
        return;
      }
      if (!*next) return;
      write(**next);
    }
  }

  int exit_code() const {
    if (has_failed_) return kProgramFailed;
    if (!options_.exit_status) return kExitOk;
    if (!last_is_truthy_) return kNoOutput;
    if (!*last_is_truthy_) return kLastIsFalse;
    return kExitOk;
  }

 private:
  data::JqOptions run_options() const {
    return {.limits = kRunLimits, .debug = [&err = output_.err](const JsonValue& value) {
              err << "[\"DEBUG:\"," << data::write_json(value) << "]\n";
            }};
  }

  void write(const JsonValue& value) {
    last_is_truthy_ = value.is_truthy();
    text_.clear();
    if (value.is_string() && (options_.raw_output || options_.join_output)) {
      text_ = value.string();
    } else {
      data::append_json(text_, value, format_);
    }
    if (!options_.join_output) text_ += '\n';
    output_.out << text_;
  }

  const JqOptions& options_;
  const data::JqProgram& program_;
  std::vector<JsonValue> variables_;
  Output output_;
  data::JsonFormat format_;
  data::JqRun run_;
  std::string text_;
  std::optional<bool> last_is_truthy_;
  bool has_failed_ = false;
};

void run_on_lines(std::string_view text, const std::string& from, Runner& runner) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    runner.run(data::replace_invalid_utf8(text.substr(0, end)), from);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

// What is malformed ends the text it stands in; what came before it was run.
bool run_on_values(std::string_view text, const std::string& from, Runner& runner, const Output& output) {
  data::JsonParser parser(kJsonLimits);
  Result<void> read = parser.begin_stream(text);
  while (read) {
    Result<std::optional<JsonValue>> value = parser.next();
    if (value && !*value) return true;
    if (value) {
      runner.run(**std::move(value), from);
    } else {
      read = std::move(value).error();
    }
  }
  output.err << "linkspan: " << from << ": " << read.error().to_string() << '\n';
  return false;
}

bool run_on_all(const JqOptions& options, std::span<const std::string> files, Runner& runner,
                const Output& output) {
  const std::string standard_input[] = {"standard input"};
  const bool from_files = !files.empty();
  bool all_read = true;
  std::string raw;
  data::JsonArrayBuilder slurped;
  for (const std::string& file : from_files ? files : std::span<const std::string>(standard_input)) {
    const auto text = from_files ? read_file(file, output) : read_all(std::cin);
    if (!text) {
      all_read = false;
    } else if (options.raw_input && options.slurp) {
      raw += *text;
    } else if (options.raw_input) {
      run_on_lines(*text, file, runner);
    } else if (options.slurp) {
      const auto values = parse_all(*text, file, output);
      if (!values) return false;
      for (const JsonValue& value : *values) slurped.add(value);
    } else if (!run_on_values(*text, file, runner, output)) {
      return false;
    }
  }
  if (options.slurp)
    runner.run(options.raw_input ? JsonValue(data::replace_invalid_utf8(raw)) : slurped.build(),
               "all inputs");
  return all_read;
}

}  // namespace

int jq_command(const JqOptions& options, const Output& output) {
  std::span<const std::string> words = options.words;
  std::optional<std::string> source;
  if (!options.from_file.empty()) {
    source = read_file(options.from_file, output);
  } else if (!words.empty()) {
    source = words[0];
    words = words.subspan(1);
  } else {
    output.err << "linkspan: jq needs a program, such as '.'\nSee \"linkspan jq --help\".\n";
  }
  Variables variables;
  if (!source || !add_named(options, variables, output) || !add_positional(options, words, variables, output))
    return kNotRead;
  const Result<data::JqProgram> program = data::JqProgram::compile(*source, variables.names);
  if (!program) {
    output.err << "linkspan: " << program.error().to_string() << '\n';
    return kNotCompiled;
  }
  Runner runner(options, *program, std::move(variables.values), output);
  if (options.null_input) {
    runner.run(JsonValue(), "no input");
    return runner.exit_code();
  }
  if (options.words_are_args || options.words_are_json) words = {};
  return run_on_all(options, words, runner, output) ? runner.exit_code() : kNotRead;
}

}  // namespace linkspan::app
