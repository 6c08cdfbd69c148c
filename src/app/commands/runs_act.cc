// The commands that ask the running process to do something with runs.
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <ostream>

#include "app/commands/admin_client.h"
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
  output.err << "linkspan: " << problem_text(*response) << '\n';
  return std::nullopt;
}

// The ids that a filter fits.
std::optional<std::vector<std::string>> find_runs(const AdminClient& client, const RunsOptions& options,
                                                  const Output& output) {
  std::vector<std::string> ids;
  std::string before;
  do {
    std::string target = "/runs?limit=1000&flow=" + options.flow;
    if (!options.status.empty()) target += "&status=" + options.status;
    if (!before.empty()) target += "&before=" + before;
    const auto page = ask_or_say(client, http::Method::get, target, {}, output);
    if (!page) return std::nullopt;
    if (const data::JsonValue* runs = page->find("runs")) {
      for (const data::JsonValue& run : runs->items()) ids.push_back(text_member(run, "run"));
    }
    before = text_member(*page, "next");
  } while (!before.empty());
  return ids;
}

std::optional<std::string> action_body(const RunsOptions& options, const Output& output) {
  data::JsonValue body = data::JsonValue::empty_object();
  if (!options.step.empty()) body.set("step", options.step);
  if (!options.by.empty()) body.set("by", options.by);
  if (!options.value.empty()) {
    Result<data::JsonValue> value = data::parse_json(options.value);
    if (!value) {
      output.err << "linkspan: --value: " << value.error().to_string() << '\n';
      return std::nullopt;
    }
    body.set("value", std::move(*value));
  }
  return data::write_json(body);
}

}  // namespace

int runs_act_command(const std::string& action, const RunsOptions& options, const Output& output) {
  if (options.run.empty() == (options.flow.empty() && options.status.empty())) {
    output.err << "linkspan: name one run, or choose runs by --flow and --status\n";
    return kExitUsage;
  }
  const std::optional<std::string> body = action_body(options, output);
  if (!body) return kExitUsage;
  const std::optional<AdminClient> client = client_or_say(options.config_path, options.admin, output);
  if (!client) return kExitProblems;
  std::vector<std::string> ids{options.run};
  if (options.run.empty()) {
    auto found = find_runs(*client, options, output);
    if (!found) return kExitFailed;
    ids = std::move(*found);
  }
  int code = kExitOk;
  for (const std::string& id : ids) {
    const bool done =
        ask_or_say(*client, http::Method::post, "/runs/" + id + "/" + action, *body, output).has_value();
    if (!done) code = kExitProblems;
    if (done) output.out << id << ": " << action << '\n';
  }
  return code;
}

int run_flow_command(const RunFlowOptions& options, const Output& output) {
  std::string input = "null";
  if (options.input == "-") {
    input.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else if (!options.input.empty()) {
    std::ifstream file(options.input, std::ios::binary);
    if (!file) {
      output.err << "linkspan: " << options.input << " cannot be read\n";
      return kExitUsage;
    }
    input.assign(std::istreambuf_iterator<char>(file), {});
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
