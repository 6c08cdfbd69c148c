#include "config/loader.h"

#include <algorithm>

#include "config/decoder.h"
#include "config/describe.h"
#include "config/file_set.h"
#include "config/flow_source.h"
#include "config/validate.h"

namespace linkspan::config {
namespace {

std::vector<Problem> sorted_problems(std::vector<PositionedProblem> problems,
                                     const std::vector<std::string>& names) {
  std::stable_sort(
      problems.begin(), problems.end(),
      [](const PositionedProblem& a, const PositionedProblem& b) { return a.position < b.position; });
  std::vector<Problem> result;
  for (PositionedProblem& problem : problems) {
    const YamlPosition& at = problem.position;
    Problem next{at.file < names.size() ? names[at.file] : std::string(), at.line, at.column,
                 std::move(problem.message)};
    // What an alias repeats is wrong in one place only.
    if (result.empty() || result.back() != next) result.push_back(std::move(next));
  }
  return result;
}

// Beside the main file.
StoreConfig default_store(Decoder& decoder) {
  StoreConfig store;
  store.path = decoder.resolve_path("linkspan.db", {});
  return store;
}

std::shared_ptr<const Config> decode(FileSet& files, std::vector<PositionedProblem>& problems) {
  const YamlNode root = files.merge();
  if (!files.problems().empty()) return nullptr;
  auto config = std::make_shared<Config>();
  Decoder decoder(files);
  const bool decoded = config_type().type()->decode(root, decoder, config.get());
  config->files = files.names();
  for (FlowConfig& flow : config->flows) {
    const YamlNode* node = root.find("flows")->find(flow.name);
    if (node != nullptr) flow.source = flow_source(flow.name, *node);
  }
  if (!config->flows.empty() && !config->store) config->store = default_store(decoder);
  const bool named = resolve_names(*config, decoder);
  check_files(*config, decoder, files);
  if (decoded) {
    check_key_hashes(*config, root, decoder);
    check_forwarded_headers(*config, root, decoder);
    if (named) {
      check_balance(*config, decoder);
      check_trace(*config, root, decoder);
    }
    check_routes(*config, root, decoder, files);
    check_webhooks(*config, root, decoder, files);
  }
  config->secret_paths = std::move(decoder.secret_paths());
  std::sort(config->secret_paths.begin(), config->secret_paths.end());
  problems = std::move(decoder.problems());
  return problems.empty() ? config : nullptr;
}

LoadResult finish(FileSet& files) {
  LoadResult result;
  std::vector<PositionedProblem> problems;
  if (files.problems().empty()) result.config = decode(files, problems);
  problems.insert(problems.end(), files.problems().begin(), files.problems().end());
  result.problems = sorted_problems(std::move(problems), files.names());
  result.files = files.watched();
  return result;
}

}  // namespace

LoadResult load_path(const std::string& path, const Sources& sources) {
  FileSet files(sources);
  files.add_path(path);
  return finish(files);
}

LoadResult load_text(const std::string& name, std::string_view text, const Sources& sources) {
  FileSet files(sources);
  files.add_text(name, text);
  return finish(files);
}

}  // namespace linkspan::config
