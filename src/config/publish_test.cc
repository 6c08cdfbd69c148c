#include "config/publish.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "config/describe.h"
#include "config/loader.h"
#include "config/object_type.h"
#include "data/yaml.h"

namespace linkspan::config {
namespace {

TEST(ReferencePage, page_in_docs_is_up_to_date) {
  std::ifstream file(LINKSPAN_SOURCE_DIR "/docs/config.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  const std::string begin = "<!-- generated: begin -->\n";
  const std::string end = "<!-- generated: end -->";
  const std::size_t from = text.find(begin);
  const std::size_t to = text.find(end);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos) << "docs/config.md lacks its markers";
  EXPECT_EQ(text.substr(from + begin.size(), to - from - begin.size()), reference_markdown())
      << "put what reference_markdown() gives between the markers (LINKSPAN_UPDATE_GOLDENS=1 does it)";
  if (std::getenv("LINKSPAN_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(LINKSPAN_SOURCE_DIR "/docs/config.md", std::ios::binary)
        << text.substr(0, from + begin.size()) << reference_markdown() << text.substr(to);
  }
}

TEST(ReferencePage, sample_messages_in_docs_are_what_is_said) {
  std::ifstream file(LINKSPAN_SOURCE_DIR "/docs/config.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  const std::string config =
      "listen: http://127.0.0.1:8080" + std::string(11, '\n') +
      "apis:\n  stock:\n    retrys: 3\n    timeout: 5\n    servers: http://10.0.0.5:7001\n"
      "  crm: { servers: http://10.0.0.6:7001 }\n" +
      std::string(10, '\n') + "endpoints:\n  customer:\n    path: /customers\n    proxy: { api: crn }\n";
  std::string said = "```\n";
  for (const Problem& problem : load_text("linkspan.yaml", config, empty_sources()).problems) {
    said += to_string(problem) + "\n";
  }
  EXPECT_NE(text.find(said + "```\n"), std::string::npos) << said;
}

TEST(ReferencePage, example_in_docs_is_a_good_config) {
  std::ifstream file(LINKSPAN_SOURCE_DIR "/docs/config.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  const std::size_t begin = text.find("```yaml\n") + 8;
  const LoadResult result =
      load_text("example.yaml", text.substr(begin, text.find("```", begin) - begin), empty_sources());
  for (const Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
}

// Every object of the schema refuses unknown keys, and every key has words.
void check_schema(const YamlNode& node, const std::string& path, int& objects) {
  if (const YamlNode* properties = node.find("properties");
      properties != nullptr && properties->is_mapping()) {
    ++objects;
    ASSERT_NE(node.find("additionalProperties"), nullptr) << path;
    EXPECT_EQ(node.find("additionalProperties")->text(), "false") << path;
  }
  for (const YamlEntry& entry : node.entries())
    check_schema(entry.value, path + "/" + std::string(entry.key), objects);
  for (const YamlNode& item : node.items()) check_schema(item, path + "[]", objects);
}

TEST(JsonSchema, describes_every_key_and_refuses_others) {
  // JSON is YAML, so that the parser at hand will do.
  const std::string text = json_schema();
  const data::YamlParse parse = data::parse_yaml(text);
  ASSERT_TRUE(parse.errors.empty()) << parse.errors[0].message;
  const YamlNode& schema = parse.document.root();
  EXPECT_EQ(schema.find("$schema")->text(), "https://json-schema.org/draft/2020-12/schema");
  int objects = 0;
  check_schema(schema, "", objects);
  EXPECT_GT(objects, 20);
  const YamlNode* properties = schema.find("properties");
  const Typed<Config> type = config_type();
  for (const Field& field : type.type()->object()->fields()) {
    ASSERT_NE(properties->find(field.name), nullptr) << field.name;
    EXPECT_NE(properties->find(field.name)->find("description"), nullptr) << field.name;
  }
  EXPECT_EQ(schema.find("required")->items()[0].text(), "listen");
  EXPECT_EQ(properties->find("workers")->find("default")->text(), "auto");
}

}  // namespace
}  // namespace linkspan::config
