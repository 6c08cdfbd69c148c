#include <algorithm>

#include "base/json_writer.h"
#include "gateway/explain.h"
#include "http/status.h"

namespace linkspan::gateway {
namespace {

using Outcome = Explanation::Step::Outcome;

constexpr std::size_t kLabelWidth = 10;

std::string_view outcome_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::passes:
      return "passes";
    case Outcome::refuses:
      return "refuses";
    case Outcome::not_reached:
      break;
  }
  return "not reached";
}

void pad(std::string& out, std::size_t from, std::size_t width) {
  const std::size_t used = out.size() - from;
  out.append(used < width ? width - used : 1, ' ');
}

// "  label     text" with the texts in one column.
void line(std::string& out, std::string_view label, std::string_view text, std::size_t width = kLabelWidth) {
  const std::size_t start = out.size();
  out.append("  ").append(label);
  if (!text.empty()) {
    pad(out, start, width + 2);
    out.append(text);
  }
  out.push_back('\n');
}

void fields(std::string& out, std::string_view label, const std::vector<Explanation::Field>& list) {
  for (const Explanation::Field& field : list) line(out, label, field.name + ": " + field.value);
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void render_steps(const Explanation& explanation, std::string& out) {
  if (explanation.steps.empty()) return;
  out += "\npolicies\n";
  std::size_t width = kLabelWidth;
  for (const Explanation::Step& step : explanation.steps) width = std::max(width, step.policy.size() + 1);
  for (const Explanation::Step& step : explanation.steps) {
    std::string text(outcome_text(step.outcome));
    if (!step.text.empty()) text += ": " + step.text;
    line(out, step.policy, text, width);
  }
}

void render_outcome(const Explanation& explanation, std::string& out) {
  if (!explanation.api.empty()) {
    out += "\nproxied to api " + explanation.api + "\n";
    line(out, "servers", join(explanation.servers));
    if (explanation.servers.size() > 1) line(out, "balance", explanation.balance);
    line(out, "target", explanation.method + " " + explanation.upstream_target);
    line(out, "host", explanation.host_header);
    if (!explanation.removed_fields.empty()) line(out, "remove", join(explanation.removed_fields));
    fields(out, "set", explanation.set_fields);
    line(out, "timeout", explanation.total_timeout);
    if (!explanation.when_unavailable.empty()) {
      line(out, "otherwise", "a run of flow " + explanation.when_unavailable + " if no server takes it");
    }
    if (!explanation.response_fields.empty()) out += "\nadded to the answer\n";
  } else if (!explanation.flow.empty()) {
    out += "\nstarts a run of flow " + explanation.flow + "\n";
    const std::string accepted = "202 and the URL of its status";
    line(out, "answer",
         explanation.respond_within == "0"
             ? accepted
             : "what the run gives; after " + explanation.respond_within + " " + accepted);
  } else {
    out += "\nanswered by Linkspan: " + std::to_string(explanation.status) + " " +
           std::string(http::reason_phrase(explanation.status)) + "\n";
    if (!explanation.error.empty()) line(out, "error", explanation.error);
    if (!explanation.detail.empty()) line(out, "detail", explanation.detail);
  }
  fields(out, "field", explanation.response_fields);
}

void write_fields(JsonStringWriter& json, std::string_view name, const std::vector<Explanation::Field>& list,
                  std::string_view key) {
  json.key(name);
  json.begin_array();
  for (const Explanation::Field& field : list) {
    json.begin_object();
    json.member(key, std::string_view(field.name));
    json.member("value", std::string_view(field.value));
    json.end_object();
  }
  json.end_array();
}

void write_strings(JsonStringWriter& json, std::string_view name, const std::vector<std::string>& list) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : list) json.value(std::string_view(text));
  json.end_array();
}

void write_endpoint(JsonStringWriter& json, const Explanation& explanation) {
  json.key("endpoint");
  if (explanation.endpoint.empty()) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("name", std::string_view(explanation.endpoint));
  json.member("origin", std::string_view(explanation.origin));
  json.member("path", std::string_view(explanation.pattern));
  write_fields(json, "params", explanation.params, "name");
  json.end_object();
}

void write_proxy(JsonStringWriter& json, const Explanation& explanation) {
  json.key("proxy");
  json.begin_object();
  json.member("api", std::string_view(explanation.api));
  write_strings(json, "servers", explanation.servers);
  json.member("balance", std::string_view(explanation.balance));
  json.member("target", std::string_view(explanation.upstream_target));
  json.member("host", std::string_view(explanation.host_header));
  write_strings(json, "removed_fields", explanation.removed_fields);
  write_fields(json, "set_fields", explanation.set_fields, "name");
  json.member("timeout", std::string_view(explanation.total_timeout));
  if (!explanation.when_unavailable.empty()) {
    json.member("when_unavailable", std::string_view(explanation.when_unavailable));
  }
  json.end_object();
}

void write_flow(JsonStringWriter& json, const Explanation& explanation) {
  json.key("flow");
  json.begin_object();
  json.member("name", std::string_view(explanation.flow));
  json.member("respond_within", std::string_view(explanation.respond_within));
  json.end_object();
}

void write_answer(JsonStringWriter& json, const Explanation& explanation) {
  json.key("answer");
  json.begin_object();
  json.member("status", explanation.status);
  if (!explanation.error.empty()) json.member("error", std::string_view(explanation.error));
  if (!explanation.detail.empty()) json.member("detail", std::string_view(explanation.detail));
  json.end_object();
}

}  // namespace

std::string render_text(const Explanation& explanation) {
  std::string out = explanation.method + " " + explanation.target + "\n";
  if (!explanation.host.empty()) line(out, "host", explanation.host);
  line(out, "client", explanation.client);
  if (!explanation.normalized_path.empty()) line(out, "path", explanation.normalized_path + " (normalised)");
  if (!explanation.endpoint.empty()) {
    out += "\nendpoint " + explanation.endpoint + " (" + explanation.origin + ")\n";
    line(out, "path", explanation.pattern);
    for (const Explanation::Field& param : explanation.params) line(out, "{" + param.name + "}", param.value);
  }
  render_steps(explanation, out);
  render_outcome(explanation, out);
  if (!explanation.near_misses.empty()) {
    out += "\nnot these\n";
    for (const Explanation::Miss& miss : explanation.near_misses) {
      line(out, miss.endpoint + " (" + miss.origin + "): " + miss.text, "");
    }
  }
  return out;
}

std::string render_json(const Explanation& explanation) {
  std::string out;
  {
    JsonStringWriter json(out);
    json.begin_object();
    json.member("method", std::string_view(explanation.method));
    json.member("target", std::string_view(explanation.target));
    json.member("host", std::string_view(explanation.host));
    json.member("client", std::string_view(explanation.client));
    if (!explanation.normalized_path.empty())
      json.member("path", std::string_view(explanation.normalized_path));
    write_endpoint(json, explanation);
    json.key("policies");
    json.begin_array();
    for (const Explanation::Step& step : explanation.steps) {
      json.begin_object();
      json.member("name", std::string_view(step.policy));
      json.member("outcome", outcome_text(step.outcome));
      json.member("text", std::string_view(step.text));
      json.end_object();
    }
    json.end_array();
    if (!explanation.api.empty()) {
      write_proxy(json, explanation);
    } else if (!explanation.flow.empty()) {
      write_flow(json, explanation);
    } else {
      write_answer(json, explanation);
    }
    write_fields(json, "response_fields", explanation.response_fields, "name");
    json.key("near_misses");
    json.begin_array();
    for (const Explanation::Miss& miss : explanation.near_misses) {
      json.begin_object();
      json.member("endpoint", std::string_view(miss.endpoint));
      json.member("origin", std::string_view(miss.origin));
      json.member("text", std::string_view(miss.text));
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  return out;
}

}  // namespace linkspan::gateway
