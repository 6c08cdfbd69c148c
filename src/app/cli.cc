#include "app/cli.h"

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/cli_api.h"
#include "app/cli_flows.h"
#include "app/commands/commands.h"
#include "app/version.h"
#include "base/strings.h"

namespace linkspan::app {

namespace {

constexpr const char* kFooter =
    "Exit codes:\n"
    "  0  done\n"
    "  1  the config has problems; or what was asked about does not exist or is refused\n"
    "  2  the command line is wrong\n"
    "  3  it could not start or finish\n"
    "\n\"linkspan help COMMAND\" explains a command, \"linkspan help ERROR\" an error such as "
    "upstream-reset.\n";

// All that the command line can say.
struct Options {
  std::string config_path{kDefaultConfigPath};
  ExplainOptions explain;
  TestOptions test;
  KeysNewOptions keys_new;
  JqOptions jq;
  ApiCommandLine api;
  FlowCommandLine flows;
  std::vector<std::string> help_words;
};

struct Commands {
  CLI::App app{"Linkspan connects software systems through their APIs.", "linkspan"};
  CLI::App* run = nullptr;
  CLI::App* check = nullptr;
  CLI::App* config = nullptr;
  CLI::App* config_show = nullptr;
  CLI::App* schema = nullptr;
  CLI::App* explain = nullptr;
  CLI::App* test = nullptr;
  CLI::App* keys = nullptr;
  CLI::App* keys_new = nullptr;
  CLI::App* jq = nullptr;
  CLI::App* help = nullptr;
  CLI::App* version = nullptr;
};

CLI::App* add_command(CLI::App& parent, const char* name, const char* what, const char* footer = "") {
  CLI::App* command = parent.add_subcommand(name, what);
  command->footer(footer)->group("Commands");
  return command;
}

void add_config_option(CLI::App& command, Options& options) {
  command.add_option("-c,--config", options.config_path, "Config file, or a directory of *.yaml files")
      ->type_name("FILE")
      ->capture_default_str();
}

void add_config_commands(Commands& commands, Options& options) {
  commands.run =
      add_command(commands.app, "run", "Serve by a config until told to stop",
                  "SIGHUP, or a change of a config file, loads the config anew; a bad one changes nothing.\n"
                  "SIGTERM and SIGINT finish what is in flight and end. SIGUSR1 reopens log files.\n\n"
                  "Example:\n  linkspan run -c /etc/linkspan/linkspan.yaml");
  add_config_option(*commands.run, options);
  commands.check =
      add_command(commands.app, "check", "Say whether a config is good, and what is wrong with it",
                  "Every problem is printed with its file, line and column.\n\n"
                  "Example:\n  linkspan check -c linkspan.yaml && kill -HUP \"$(pidof linkspan)\"");
  add_config_option(*commands.check, options);
  commands.config = add_command(commands.app, "config", "Look at a config");
  commands.config->require_subcommand(1);
  commands.config_show =
      add_command(*commands.config, "show", "Print the effective config: defaults filled in, secrets masked",
                  "Example:\n  linkspan config show -c linkspan.yaml");
  add_config_option(*commands.config_show, options);
  commands.schema = add_command(commands.app, "schema", "Print the JSON Schema of the config, for editors",
                                "Example:\n  linkspan schema > linkspan.schema.json");
}

void add_explain_command(Commands& commands, Options& options) {
  commands.explain =
      add_command(commands.app, "explain", "Say what would happen to a request, and why; sends nothing",
                  "Exit code 1 if Linkspan would refuse the request.\n\n"
                  "Examples:\n  linkspan explain GET /orders/7\n"
                  "  linkspan explain POST /orders -H 'X-Api-Key: lsk_...' -H 'Host: shop.example'\n"
                  "  linkspan explain GET https://shop.example/items --client 203.0.113.9 --json");
  CLI::App& command = *commands.explain;
  command.add_option("METHOD", options.explain.method, "GET, POST, ...")->type_name("")->required();
  command.add_option("PATH", options.explain.target, "Path with query, or a whole URL")
      ->type_name("")
      ->required();
  command
      .add_option("-H,--header", options.explain.headers, "A header field of the request; may be repeated")
      ->type_name("'NAME: VALUE'")
      ->allow_extra_args(false);
  command.add_option("--client", options.explain.client, "IP address of the caller")
      ->type_name("IP")
      ->capture_default_str();
  command.add_flag("--json", options.explain.json, "Print one JSON object");
  add_config_option(command, options);
}

void add_test_command(Commands& commands, Options& options) {
  commands.test =
      add_command(commands.app, "test", "Run the tests of flows: with mocked operations, in virtual time",
                  "Opens no socket and no store.\n"
                  "Exit code 1 if a test fails, 2 if a config is bad.\n\n"
                  "Examples:\n  linkspan test\n  linkspan test linkspan.yaml --filter \"order-intake / \" "
                  "--junit tests.xml");
  CLI::App& command = *commands.test;
  command
      .add_option(
          "FILE", options.test.files,
          "Config files, or directories of *.yaml files; without any, " + std::string(kDefaultConfigPath))
      ->type_name("");
  command.add_option("--filter", options.test.filter, "Only tests with this in \"FLOW / NAME\"")
      ->type_name("TEXT");
  command.add_option("--junit", options.test.junit, "Write the results to this file too, as JUnit's XML")
      ->type_name("FILE");
  command.add_flag("--tap", options.test.tap, "Print TAP 14");
}

void add_jq_output_options(CLI::App& command, JqOptions& jq) {
  command.add_flag("-r,--raw-output", jq.raw_output, "Write strings as they are, without quotes");
  command.add_flag("-j,--join-output", jq.join_output, "As -r, and no newline after each output");
  command.add_flag("-a,--ascii-output", jq.ascii_output, "Write characters beyond ASCII as \\u escapes");
  command.add_flag("-c,--compact-output", jq.compact_output, "Each output on one line");
  command.add_flag("-S,--sort-keys", jq.sort_keys, "Sort the keys of objects");
  command.add_flag("--tab", jq.tab, "Indent with tabs");
  command.add_option("--indent", jq.indent, "Spaces per level; 0 is as -c")
      ->type_name("N")
      ->check(CLI::Range(0, 16))
      ->capture_default_str();
  command.add_flag("-M,--monochrome-output")->description("Nothing: there are no colors");
  command.add_flag("-e,--exit-status", jq.exit_status,
                   "Exit with 1 if the last output is false or null, with 4 if there is none");
}

void add_jq_named(CLI::App& command, const char* name, JqOptions::Named& named, const char* what) {
  command.add_option(name, named, what)->type_name("NAME VALUE")->allow_extra_args(false);
}

void add_jq_command(Commands& commands, Options& options) {
  commands.jq =
      add_command(commands.app, "jq", "Run a jq program over JSON",
                  "Exit codes: 5 the program failed on an input, 3 it is no program, 2 something could "
                  "not be read,\nelse 0; see also -e.\n\n"
                  "Examples:\n  linkspan jq '.items[] | {id, total: (.price * .qty)}' order.json\n"
                  "  linkspan jq -n --arg name Ada '{greeting: \"Hello \\($name)\"}'");
  CLI::App& command = *commands.jq;
  JqOptions& jq = options.jq;
  command
      .add_option("PROGRAM", jq.words,
                  "The program, then the files to read; standard input if there are none")
      ->type_name("[FILE ...]");
  command
      .add_option("-f,--from-file", jq.from_file, "Read the program from a file; all words are files to read")
      ->type_name("FILE");
  command.add_flag("-n,--null-input", jq.null_input, "Read nothing; run once, on null");
  command.add_flag("-R,--raw-input", jq.raw_input, "Each line is an input, as a string");
  command.add_flag("-s,--slurp", jq.slurp, "One input: the array of all; with -R, all text as one string");
  add_jq_output_options(command, jq);
  add_jq_named(command, "--arg", jq.args, "$NAME is this text");
  add_jq_named(command, "--argjson", jq.json_args, "$NAME is this JSON");
  add_jq_named(command, "--slurpfile", jq.slurped_files,
               "$NAME is the array of the JSON texts in the file VALUE");
  add_jq_named(command, "--rawfile", jq.raw_files, "$NAME is the text of the file VALUE");
  command.add_flag("--args", jq.words_are_args, "Words behind the program are no files but $ARGS.positional");
  command.add_flag("--jsonargs", jq.words_are_json, "The same, as JSON");
}

void add_other_commands(Commands& commands, Options& options) {
  commands.keys = add_command(commands.app, "keys", "Make API keys");
  commands.keys->require_subcommand(1);
  commands.keys_new = add_command(*commands.keys, "new", "Make an API key and the config line with its hash",
                                  "The key itself is shown this once; the config has its hash only.\n\n"
                                  "Example:\n  linkspan keys new --consumer storefront --id k2");
  commands.keys_new->add_option("--consumer", options.keys_new.consumer, "Consumer that the key is for")
      ->type_name("NAME");
  commands.keys_new->add_option("--id", options.keys_new.id, "What logs call the key")
      ->type_name("ID")
      ->capture_default_str();
  commands.help = add_command(commands.app, "help", "Explain a command or an error; alone, list all errors",
                              "Examples:\n  linkspan help upstream-connect-refused\n  linkspan help explain");
  commands.help->add_option("WORD", options.help_words, "A command, or the slug of an error")->type_name("");
  commands.version = add_command(commands.app, "version", "Print the version, also of the libraries");
}

void define(Commands& commands, Options& options) {
  // Commands inherit it.
  commands.app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  commands.app.require_subcommand(1);
  commands.app.set_version_flag("--version", "linkspan " + std::string(kVersion),
                                "Print the version and exit");
  commands.app.footer(kFooter);
  add_config_commands(commands, options);
  add_explain_command(commands, options);
  add_test_command(commands, options);
  add_jq_command(commands, options);
  options.flows.define(commands.app);
  options.api.define(commands.app);
  add_other_commands(commands, options);
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App* find_command(const CLI::App& app, std::string_view name) {
  for (const CLI::App* command : commands_of(app)) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

// Of "linkspan rnu" or "linkspan keys nwe" the word that is no command, said with the nearest one; empty if
// there is none such.
std::string unknown_command(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc && argv[i][0] != '-' && !commands_of(*at).empty(); ++i) {
    const CLI::App* next = find_command(*at, argv[i]);
    if (next == nullptr) {
      std::vector<std::string> names;
      for (const CLI::App* command : commands_of(*at)) names.push_back(command->get_name());
      const std::vector<std::string_view> candidates(names.begin(), names.end());
      const std::string_view near = nearest_name(argv[i], candidates);
      std::string text = "unknown command \"" + std::string(argv[i]) + "\"";
      if (!near.empty()) text.append("; did you mean \"").append(near).append("\"?");
      return text;
    }
    at = next;
  }
  return {};
}

int help_command(const Commands& commands, const std::vector<std::string>& words, const Output& output) {
  if (words.empty()) return help_errors_command(output);
  const CLI::App* at = &commands.app;
  std::string parents;
  for (const std::string& word : words) {
    const CLI::App* next = find_command(*at, word);
    if (next == nullptr) return help_error_command(words.back(), output);
    parents += (parents.empty() ? "" : " ") + at->get_name();
    at = next;
  }
  output.out << at->help(parents);
  return kExitOk;
}

int dispatch(const Commands& commands, Options& options, const Output& output) {
  options.explain.config_path = options.config_path;
  if (*commands.run) return run_command(options.config_path, output);
  if (*commands.check) return check_command(options.config_path, output);
  if (*commands.config_show) return config_show_command(options.config_path, output);
  if (*commands.schema) return schema_command(output);
  if (*commands.explain) return explain_command(options.explain, output);
  if (*commands.test) return test_command(options.test, output);
  if (*commands.keys_new) return keys_new_command(options.keys_new, output);
  if (*commands.jq) return jq_command(options.jq, output);
  if (const auto code = options.api.dispatch(output)) return *code;
  if (const auto code = options.flows.dispatch(output)) return *code;
  if (*commands.help) return help_command(commands, options.help_words, output);
  return version_command(output);
}

// The parser takes a word such as "[1,2]" for a list of words. A mark in front keeps it from that.
constexpr char kListMark = '\x01';

std::vector<std::string> without_lists(int argc, char** argv) {
  std::vector<std::string> words(argv, argv + argc);
  for (std::string& word : words)
    if (word.starts_with('[')) word.insert(0, 1, kListMark);
  return words;
}

void unmark(std::string& word) {
  if (word.starts_with(kListMark)) word.erase(0, 1);
}

void unmark(JqOptions& jq) {
  for (std::string& word : jq.words) unmark(word);
  unmark(jq.from_file);
  for (JqOptions::Named* named : {&jq.args, &jq.json_args, &jq.slurped_files, &jq.raw_files}) {
    for (auto& [name, value] : *named) {
      unmark(name);
      unmark(value);
    }
  }
}

int usage_error(std::string_view what) {
  std::cerr << "linkspan: " << what << "\nSee \"linkspan --help\".\n";
  return kExitUsage;
}

}  // namespace

int run_cli(int argc, char** argv) {
  Options options;
  Commands commands;
  define(commands, options);
  if (argc < 2) {
    std::cerr << commands.app.help();
    return kExitUsage;
  }
  if (const std::string unknown = unknown_command(commands.app, argc, argv); !unknown.empty()) {
    return usage_error(unknown);
  }
  try {
    if (std::string_view(argv[1]) == "jq") {
      std::vector<std::string> words = without_lists(argc, argv);
      std::vector<const char*> pointers;
      for (const std::string& word : words) pointers.push_back(word.c_str());
      commands.app.parse(argc, pointers.data());
      unmark(options.jq);
    } else {
      commands.app.parse(argc, argv);
    }
  } catch (const CLI::ParseError& error) {
    const bool asked =
        error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);  // --help, --version
    if (!asked) return usage_error(error.what());
    return commands.app.exit(error);
  }
  const int code = dispatch(commands, options, {std::cout, std::cerr});
  // What could not be written (a full disk) was not done.
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "linkspan: cannot write to standard output\n";
    return kExitFailed;
  }
  return code;
}

}  // namespace linkspan::app
