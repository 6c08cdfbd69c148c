#include "config/flow_source.h"

#include <utility>

#include "base/error_kinds.h"
#include "config/describe.h"
#include "config/file_set.h"
#include "config/loader.h"
#include "data/yaml_writer.h"

namespace linkspan::config {

namespace {

constexpr std::string_view kFlows = "flows";
constexpr std::string_view kTests = "tests";

void write_node(const YamlNode& node, data::YamlWriter& yaml) {
  if (node.is_mapping()) {
    yaml.begin_mapping();
    for (const YamlEntry& entry : node.entries()) {
      yaml.string(entry.key);
      write_node(entry.value, yaml);
    }
    yaml.end_mapping();
  } else if (node.is_sequence()) {
    yaml.begin_sequence();
    for (const YamlNode& item : node.items()) write_node(item, yaml);
    yaml.end_sequence();
  } else if (node.is_string()) {
    yaml.string(node.text());
  } else {
    yaml.plain(node.is_null() ? "null" : node.text());
  }
}

}  // namespace

std::string flow_source(std::string_view name, const YamlNode& node) {
  data::YamlWriter yaml;
  yaml.begin_mapping();
  yaml.string(kFlows);
  yaml.begin_mapping();
  yaml.string(name);
  yaml.begin_mapping();
  for (const YamlEntry& entry : node.entries()) {
    if (entry.key == kTests) continue;
    yaml.string(entry.key);
    write_node(entry.value, yaml);
  }
  for (int i = 0; i < 3; ++i) yaml.end_mapping();
  return std::move(yaml).finish();
}

Result<FlowConfig> parse_flow(const std::string& source, const Sources& sources) {
  FileSet files(sources);
  files.add_text("flow", source);
  const YamlNode root = files.merge();
  const YamlNode* flows = root.find(kFlows);
  if (files.problems().empty() && (flows == nullptr || flows->entries().size() != 1)) {
    return Error(errors::config_invalid, "a stored flow is one name and what the flow does");
  }
  FlowConfig flow;
  std::vector<PositionedProblem> problems = files.problems();
  if (problems.empty()) {
    const YamlEntry& entry = flows->entries().front();
    Decoder decoder(files);
    flow_type().type()->decode(entry.value, decoder, &flow);
    flow.name = entry.key;
    flow.source = source;
    problems = std::move(decoder.problems());
  }
  if (!problems.empty()) {
    return Error(errors::config_invalid,
                 files.describe(problems.front().position) + ": " + problems.front().message);
  }
  return flow;
}

}  // namespace linkspan::config
