// Any bytes as a config file: YAML, decoding and validation must end in a config or in problems, never in a
// crash, and within limits. A good config, shown as YAML, must load again and show the same. Touches no file:
// the few files and variables that references may name are made up here.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error_kinds.h"
#include "config/loader.h"
#include "config/publish.h"
#include "data/yaml.h"

namespace {

using namespace linkspan;

config::Sources made_up_sources() {
  config::Sources sources = config::empty_sources();
  sources.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "N") return "3";
    if (name == "T") return "text";
    return std::nullopt;
  };
  sources.read_file = [](const std::string& path, std::size_t) -> Result<std::string> {
    if (path == "tls/site.pem") return std::string("-----BEGIN CERTIFICATE-----\n");
    if (path == "tls/site.key") return std::string("-----BEGIN PRIVATE KEY-----\n");
    if (path == "a.yaml") return std::string("apis: { a: { servers: http://a.example } }\n");
    return Error(errors::config_unreadable, "no such file");
  };
  return sources;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const config::Sources sources = made_up_sources();
  const config::LoadResult result = config::load_text("linkspan.yaml", text, sources);
  if (result.ok() != result.problems.empty()) std::abort();
  for (const config::Problem& problem : result.problems) {
    if (problem.message.empty() || problem.file.empty()) std::abort();
  }
  if (!result.ok()) return 0;

  const std::string shown = config::show(*result.config);
  if (shown.find("***") != std::string::npos || shown.find("(not text)") != std::string::npos) return 0;
  const config::LoadResult again = config::load_text("again.yaml", shown, sources);
  if (!again.ok() || config::show(*again.config) != shown) std::abort();
  return 0;
}
