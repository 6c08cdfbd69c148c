// The commands that ask the running process to do something with runs.
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <ostream>

#include "app/commands/admin_client.h"
#include "app/commands/edit_body.h"
#include "app/commands/runs.h"
#include "data/json_parse.h"
#include "data/json_write.h"

namespace linkspan::app {

namespace {

// Of a problem document what a person wants to know.
std::string problem_text(const upstream::Response& response) {
  const Result<data::JsonValue> document = data::parse_json(response.body);
  const data::JsonValue* detail = document ? document->find("detail") : nullptr;
  if (detail == nullptr || !detail->is_string()) return "status " + std::to_string(response.status);
  return std::string(detail->string());
}

std::string text_member(const data::JsonValue& object, std::string_view name) {
  const data::JsonValue* value = object.find(name);
  return value != nullptr && value->is_string() ? std::string(value->string()) : std::string();
}

bool is_unconfirmed(std::string_view slug) {
  return slug.ends_with("repair-unconfirmed");
}

std::optional<AdminClient> client_or_say(const std::string& config_path, const std::string& url,
                                         const Output& output) {
  const config::LoadResult loaded = load_or_report(config_path, output);
  if (!loaded.ok()) return std::nullopt;
  Result<AdminClient> client = AdminClient::create(*loaded.config, url);
  if (client) return std::move(*client);
  output.err << "linkspan: " << client.error().to_string() << '\n';
  return std::nullopt;
}

// Nothing if it was refused or did not reach the process, which is said.
std::optional<data::JsonValue> ask_or_say(const AdminClient& client, http::Method method, std::string target,
                                          std::string body, const Output& output) {
  Result<upstream::Response> response = client.ask(method, std::move(target), std::move(body));
  if (!response) {
    output.err << "linkspan: " << response.error().to_string()
               << "\nDoes \"linkspan run\" run with this config?\n";
    return std::nullopt;
  }
  Result<data::JsonValue> document = data::parse_json(response->body);
  if (response->status < 300 && document) return std::move(*document);
  output.err << "linkspan: " << problem_text(*response)
             << (document && is_unconfirmed(text_member(*document, "type")) ? "\nIf that is meant, say --yes."
                                                                            : "")
             << '\n';
  return std::nullopt;
}

// A file, or standard input as "-". Nothing if it cannot be read, which is said.
std::optional<std::string> read_or_say(const std::string& path, const Output& output) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream file(path, std::ios::binary);
  if (file) return std::string(std::istreambuf_iterator<char>(file), {});
  output.err << "linkspan: " << path << " cannot be read\n";
  return std::nullopt;
}

// The members of the action, but for what --edit gives.
std::optional<data::JsonValue> action_body(const RunsOptions& options, const Output& output) {
  data::JsonValue body = data::JsonValue::empty_object();
  if (!options.step.empty()) body.set("step", options.step);
  if (!options.by.empty()) body.set("by", options.by);
  if (!options.from.empty()) body.set("from", options.from);
  if (options.yes) body.set("confirm", true);
  std::string text = options.value;
  if (!options.body_path.empty()) {
    std::optional<std::string> read = read_or_say(options.body_path, output);
    if (!read) return std::nullopt;
    text = std::move(*read);
  }
  if (text.empty()) return body;
  Result<data::JsonValue> value = data::parse_json(text);
  if (!value) {
    output.err << "linkspan: " << (options.body_path.empty() ? "--value" : options.body_path) << ": "
               << value.error().to_string() << '\n';
    return std::nullopt;
  }
  body.set("value", std::move(*value));
  return body;
}

bool add_edited(const AdminClient& client, const RunsOptions& options, data::JsonValue& body,
                const Output& output) {
  const auto run = ask_or_say(client, http::Method::get, "/runs/" + options.run, {}, output);
  if (!run) return false;
  const auto sent = last_sent_body(*run, options.from.empty() ? options.step : options.from);
  if (!sent || sent->body.is_null()) {
    output.err << "linkspan: "
               << (sent ? "step " + sent->step + " sent no JSON" : "no step has sent anything there")
               << "; name another with --step, or give the body with --body FILE\n";
    return false;
  }
  std::optional<data::JsonValue> edited = edit_body(*sent, output);
  if (!edited) return false;
  if (options.from.empty()) body.set("step", sent->step);
  body.set("value", std::move(*edited));
  return true;
}

int act_on_one(const AdminClient& client, const std::string& action, const RunsOptions& options,
               data::JsonValue body, const Output& output) {
  if (options.edit && !add_edited(client, options, body, output)) return kExitProblems;
  const std::string target = "/runs/" + options.run + "/" + action;
  if (!ask_or_say(client, http::Method::post, target, data::write_json(body), output)) return kExitProblems;
  output.out << options.run << ": " << action << '\n';
  return kExitOk;
}

// A line for one of many.
void tell_row(const data::JsonValue& row, const std::string& action, const Output& output, int& code) {
  const std::string id = text_member(row, "run");
  const data::JsonValue* done = row.find("done");
  if (done == nullptr) {
    const std::string reason = text_member(row, "reason");
    output.out << id << "  " << text_member(row, "flow") << "  " << text_member(row, "status")
               << (reason.empty() ? "" : "  ") << reason << '\n';
  } else if (done->is_true()) {
    output.out << id << ": " << action << '\n';
  } else {
    output.err << "linkspan: " << id << ": " << text_member(row, "detail")
               << (is_unconfirmed(text_member(row, "error")) ? " (--yes)" : "") << '\n';
    code = kExitProblems;
  }
}

int act_on_all(const AdminClient& client, const std::string& action, const RunsOptions& options,
               data::JsonValue body, const Output& output) {
  body.set("action", action);
  if (!options.flow.empty()) body.set("flow", options.flow);
  if (!options.status.empty()) body.set("status", options.status);
  if (options.dry_run) body.set("dry_run", true);
  int code = kExitOk;
  std::size_t count = 0;
  std::string next;
  do {
    if (!next.empty()) body.set("before", next);
    const auto page = ask_or_say(client, http::Method::post, "/runs", data::write_json(body), output);
    if (!page) return kExitFailed;
    if (const data::JsonValue* runs = page->find("runs")) {
      count += runs->size();
      for (const data::JsonValue& row : runs->items()) tell_row(row, action, output, code);
    }
    next = text_member(*page, "next");
  } while (!next.empty());
  if (options.dry_run) output.out << count << (count == 1 ? " run" : " runs") << "; nothing was done\n";
  return code;
}

const char* misuse(const RunsOptions& options) {
  const bool one = !options.run.empty();
  if (one == !(options.flow.empty() && options.status.empty()))
    return "name one run, or choose runs by --flow and --status";
  if (one && options.dry_run) return "--dry-run is for runs chosen by --flow and --status";
  if (!one && options.edit) return "--edit is for one run";
  const int bodies =
      (options.edit ? 1 : 0) + (options.value.empty() ? 0 : 1) + (options.body_path.empty() ? 0 : 1);
  if (bodies > 1) return "--edit, --body and --value exclude each other";
  if (!options.from.empty() && !options.step.empty()) return "--from and --step exclude each other";
  return nullptr;
}

}  // namespace

int runs_act_command(const std::string& action, const RunsOptions& options, const Output& output) {
  if (const char* wrong = misuse(options)) {
    output.err << "linkspan: " << wrong << '\n';
    return kExitUsage;
  }
  std::optional<data::JsonValue> body = action_body(options, output);
  if (!body) return kExitUsage;
  const std::optional<AdminClient> client = client_or_say(options.config_path, options.admin, output);
  if (!client) return kExitProblems;
  return options.run.empty() ? act_on_all(*client, action, options, std::move(*body), output)
                             : act_on_one(*client, action, options, std::move(*body), output);
}

int run_flow_command(const RunFlowOptions& options, const Output& output) {
  std::string input = "null";
  if (!options.input.empty()) {
    std::optional<std::string> read = read_or_say(options.input, output);
    if (!read) return kExitUsage;
    input = std::move(*read);
  }
  const std::optional<AdminClient> client = client_or_say(options.config_path, options.admin, output);
  if (!client) return kExitProblems;
  const auto started =
      ask_or_say(*client, http::Method::post, "/flows/" + options.flow + "/run", std::move(input), output);
  if (!started) return kExitProblems;
  output.out << text_member(*started, "run") << '\n';
  return kExitOk;
}

}  // namespace linkspan::app
