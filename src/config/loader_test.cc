#include "config/loader.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/error_kinds.h"

namespace linkspan::config {
namespace {

std::shared_ptr<const Config> loaded(std::string_view text) {
  const LoadResult result = load_text("linkspan.yaml", text, empty_sources());
  for (const Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
  return result.config ? result.config : std::make_shared<Config>();
}

TEST(Loader, too_many_endpoints_of_one_path_are_told_at_the_first_that_is_one_too_many) {
  std::string text = "listen: http://127.0.0.1:8080\nendpoints:\n";
  for (std::size_t i = 0; i < kMaxRoutesOfPath + 3; ++i) {
    text += "  e" + std::to_string(i) + ": { path: /a, headers: { X-A: \"" + std::to_string(i) +
            "\" }, respond: 200 }\n";
  }
  const LoadResult result = load_text("linkspan.yaml", text, empty_sources());
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(
      to_string(result.problems[0]),
      "linkspan.yaml:1003:3: endpoint \"e1000\" is one too many with this path; at most 1000 can be told "
      "apart by methods and headers");
}

TEST(Loader, servers_and_listeners_are_taken_apart) {
  const auto config = loaded(
      "listen: [http://localhost:8080, 'http://[::]:81']\n"
      "apis: { a: { servers: ['https://API.example', 'http://[::1]:7001'] } }\n");
  EXPECT_EQ(config->listen[0].address, "127.0.0.1");
  EXPECT_EQ(config->listen[0].port, 8080);
  EXPECT_FALSE(config->listen[0].tls);
  EXPECT_EQ(config->listen[1].address, "::");
  const std::vector<ServerConfig>& servers = config->apis[0].servers;
  EXPECT_TRUE(servers[0].tls);
  EXPECT_EQ(servers[0].host, "api.example");
  EXPECT_EQ(servers[0].port, 443);
  EXPECT_EQ(servers[0].label, "api.example:443");
  EXPECT_EQ(servers[1].host, "::1");
  EXPECT_EQ(servers[1].label, "[::1]:7001");
}

TEST(Loader, names_become_indices) {
  const auto config = loaded(
      "listen: http://127.0.0.1:1\n"
      "endpoints: { e: { path: /, auth: [y, x], proxy: b } }\n"
      "apis: { a: { servers: http://a.example }, b: { servers: http://b.example } }\n"
      "auth: { x: { api_key: {} }, y: { api_key: { query: key } } }\n");
  const EndpointConfig& endpoint = config->endpoints[0];
  EXPECT_EQ(endpoint.proxy->api_index, 1U);
  EXPECT_EQ(endpoint.auth_indices, (std::vector<uint32_t>{1, 0}));
}

TEST(Loader, things_know_where_they_were_written) {
  const auto config = loaded("listen:\n  - http://127.0.0.1:1\nendpoints:\n  e: { path: /, respond: 200 }\n");
  EXPECT_EQ(describe(*config, config->endpoints[0].origin), "linkspan.yaml:4:3");
  EXPECT_EQ(describe(*config, config->listen[0].origin), "linkspan.yaml:2:5");
  EXPECT_EQ(describe(*config, Origin{}), "default");
}

TEST(Loader, credentials_become_header_fields) {
  const auto config = loaded(
      "listen: http://127.0.0.1:1\n"
      "credentials:\n"
      "  a: { api_key: { value: k } }\n"
      "  b: { bearer: t }\n"
      "  c: { basic: { username: Aladdin, password: open sesame } }\n"
      "  d: { header: { X-A: 1, X-B: two } }\n");
  const auto field = [&](std::size_t i, std::size_t n = 0) {
    const SecretHeader header = credential_headers(config->credentials[i]).at(n);
    return header.name + ": " + header.value.reveal();
  };
  EXPECT_EQ(field(0), "X-Api-Key: k");
  EXPECT_EQ(field(1), "Authorization: Bearer t");
  EXPECT_EQ(field(2), "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(field(3, 1), "X-B: two");
}

TEST(Loader, a_server_from_a_reference_has_a_label_that_can_be_shown) {
  Sources sources = empty_sources();
  sources.environment = [](std::string_view) { return std::optional<std::string>("hidden.example"); };
  const LoadResult result =
      load_text("linkspan.yaml",
                "listen: http://127.0.0.1:1\n"
                "apis: { a: { servers: ['http://x.example', 'http://${env:HOST}'] } }\n",
                sources);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.config->apis[0].servers[1].host, "hidden.example");
  EXPECT_EQ(result.config->apis[0].servers[1].label, "servers[1]");
}

TEST(Loader, many_problems_end_the_load_early) {
  std::string text = "listen: http://127.0.0.1:1\nendpoints:\n";
  for (int i = 0; i < 5000; ++i) text += "  e" + std::to_string(i) + ": { pat: /, proxxy: nothing }\n";
  const LoadResult result = load_text("linkspan.yaml", text, empty_sources());
  EXPECT_EQ(result.problems.size(), 1000U);
}

TEST(Loader, includes_are_limited) {
  Sources sources = empty_sources();
  sources.read_file = [](const std::string& path, std::size_t) -> Result<std::string> {
    const int number = std::stoi(path);
    return "include: " + std::to_string(number + 1) + "\n";
  };
  const LoadResult deep = load_text("0", "include: '1'\n", sources);
  ASSERT_FALSE(deep.ok());

  std::string many = "include:\n";
  for (int i = 1; i <= 1001; ++i) many += "  - '" + std::to_string(i) + "'\n";
  sources.read_file = [](const std::string&, std::size_t) -> Result<std::string> { return std::string(); };
  const LoadResult wide = load_text("0", many, sources);
  ASSERT_FALSE(wide.ok());
  EXPECT_EQ(to_string(wide.problems[0]), "0:1001:5: more than 1000 files");
}

class LoaderFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "linkspan-config-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  void write(const std::string& name, std::string_view text) {
    std::filesystem::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }
  LoadResult load(const std::string& name) {
    return load_path((directory_ / name).string(), system_sources());
  }

  std::filesystem::path directory_;
};

TEST_F(LoaderFiles, real_files_are_read_and_listed) {
  write("linkspan.yaml", "listen: http://127.0.0.1:1\ninclude: conf.d/*.yaml\n");
  write("conf.d/b.yaml", "workers: 2\n");
  write("conf.d/a.yaml", "endpoints: { e: { path: /, respond: { body: '${file:text}' } } }\n");
  write("conf.d/text", "hello\r\n");
  const LoadResult result = load("linkspan.yaml");
  ASSERT_TRUE(result.ok()) << to_string(result.problems[0]);
  EXPECT_EQ(result.config->endpoints[0].respond->body, "hello");
  EXPECT_EQ(result.config->workers, 2U);
  const std::string base = directory_.string();
  EXPECT_EQ(result.files,
            (std::vector<std::string>{base + "/conf.d/", base + "/conf.d/a.yaml", base + "/conf.d/b.yaml",
                                      base + "/conf.d/text", base + "/linkspan.yaml"}));
}

TEST_F(LoaderFiles, a_directory_is_a_config) {
  write("2.yaml", "workers: 3\n");
  write("1.yaml", "listen: http://127.0.0.1:1\n");
  const LoadResult result = load("");
  ASSERT_TRUE(result.ok()) << to_string(result.problems[0]);
  EXPECT_EQ(result.config->workers, 3U);
}

TEST_F(LoaderFiles, files_that_cannot_be_read_are_problems) {
  const std::string name = (directory_ / "none.yaml").string();
  EXPECT_EQ(to_string(load("none.yaml").problems[0]), name + ": cannot be read: no such file");
  EXPECT_EQ(load("none.yaml").files, std::vector<std::string>{name});
  write("linkspan.yaml", "listen: http://127.0.0.1:1\ninclude: sub\n");
  write("sub/x", "");
  EXPECT_EQ(to_string(load("linkspan.yaml").problems[0]), (directory_ / "linkspan.yaml").string() +
                                                              ":2:10: \"" + (directory_ / "sub").string() +
                                                              "\" cannot be read: Is a directory");
}

TEST(ParseFlow, reads_what_the_loader_kept_of_a_flow) {
  const LoadResult loaded = load_text("test.yaml", R"(
listen: http://127.0.0.1:0
flows:
  include:
    trigger: { webhook: /in }
    steps:
      one: { set: '{a: "${env:X}"}' }
      two: { after: [], wait: 5m }
    tests:
      - { name: anything, expect: { status: completed } }
)",
                                      empty_sources());
  ASSERT_FALSE(loaded.ok()) << "the reference is resolved when the config is loaded";
  const LoadResult good = load_text("test.yaml", R"(
listen: http://127.0.0.1:0
flows:
  include:
    trigger: { webhook: /in }
    steps:
      one: { set: '{a: "yes", b: 1}' }
      two: { after: [], wait: 5m }
    tests:
      - { name: anything, expect: { status: completed } }
)",
                                    empty_sources());
  ASSERT_TRUE(good.ok()) << to_string(good.problems.front());
  const FlowConfig& flow = good.config->flows.front();
  const Result<FlowConfig> again = parse_flow(flow.source, empty_sources());
  ASSERT_TRUE(again) << again.error().detail() << "\n" << flow.source;
  EXPECT_EQ(again->name, "include");
  EXPECT_EQ(again->source, flow.source);
  ASSERT_EQ(again->steps.size(), 2U);
  EXPECT_EQ(again->steps[0].set->text, flow.steps[0].set->text);
  EXPECT_EQ(again->trigger.webhook->path, "/in");
  EXPECT_TRUE(again->tests.empty());
  EXPECT_FALSE(parse_flow("flows: { x: { stpes: {} } }", empty_sources()));
  EXPECT_FALSE(parse_flow("", empty_sources()));
}

}  // namespace
}  // namespace linkspan::config
