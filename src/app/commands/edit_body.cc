#include "app/commands/edit_body.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string_view>
#include <utility>

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/json_parse.h"
#include "data/json_write.h"

extern char** environ;

namespace linkspan::app {

namespace {

std::string_view text_of(const data::JsonValue& object, std::string_view name) {
  const data::JsonValue* value = object.find(name);
  return value != nullptr && value->is_string() ? value->string() : std::string_view();
}

std::string editor() {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return isatty(STDIN_FILENO) != 0 ? "vi" : "";
}

// Through the shell: the variables hold words such as "code --wait". Whether it ended well.
bool run_editor(const std::string& command, const std::string& path) {
  const std::string line = command + " \"$1\"";
  const char* arguments[] = {"sh", "-c", line.c_str(), "sh", path.c_str(), nullptr};
  pid_t child = 0;
  // posix_spawn takes what it does not change as if it could.
  if (posix_spawn(&child, "/bin/sh", nullptr, nullptr, const_cast<char* const*>(arguments), environ) != 0)
    return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A new file that its owner alone can read; empty if there can be none.
std::string write_draft(std::string_view text) {
  const char* directory = std::getenv("TMPDIR");
  std::string path =
      std::string(directory != nullptr && *directory != '\0' ? directory : "/tmp") + "/linkspan-XXXXXX.json";
  const int file = mkstemps(path.data(), 5);
  if (file < 0) return {};
  close(file);
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  return out ? path : std::string();
}

}  // namespace

std::optional<SentBody> last_sent_body(const data::JsonValue& run, const std::string& step) {
  const data::JsonValue* journal = run.find("journal");
  if (journal == nullptr) return std::nullopt;
  std::string name = step;
  for (const data::JsonValue& record : journal->items()) {
    if (step.empty() && text_of(record, "kind") == "park") name = text_of(record, "step");
  }
  std::optional<SentBody> sent;
  for (const data::JsonValue& record : journal->items()) {
    if (name.empty() || text_of(record, "kind") != "intent" || text_of(record, "step") != name) continue;
    const data::JsonValue* request = record.find("value");
    const data::JsonValue* body = request == nullptr ? nullptr : request->find("json");
    sent = SentBody{.step = name, .body = body == nullptr ? data::JsonValue() : *body};
  }
  return sent;
}

std::optional<data::JsonValue> edit_body(const SentBody& sent, const Output& output) {
  const std::string command = editor();
  if (command.empty()) {
    output.err << "linkspan: --edit needs a terminal, or $EDITOR; --body FILE takes the body from a file\n";
    return std::nullopt;
  }
  const std::string before = data::write_json(sent.body, {.indent = 2}) + "\n";
  const std::string path = write_draft(before);
  if (path.empty()) {
    output.err << "linkspan: no temporary file can be written\n";
    return std::nullopt;
  }
  if (!run_editor(command, path)) {
    output.err << "linkspan: " << command << " failed; nothing was sent\n";
    unlink(path.c_str());
    return std::nullopt;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string after{std::istreambuf_iterator<char>(file), {}};
  if (after == before) {
    output.err << "linkspan: the body was not changed; nothing was sent\n";
    unlink(path.c_str());
    return std::nullopt;
  }
  Result<data::JsonValue> body = data::parse_json(after);
  if (!body) {
    output.err << "linkspan: " << body.error().to_string() << "; nothing was sent, what you wrote is in "
               << path << '\n';
    return std::nullopt;
  }
  unlink(path.c_str());
  return std::move(*body);
}

}  // namespace linkspan::app
