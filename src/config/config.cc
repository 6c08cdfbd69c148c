#include "config/config.h"

#include <algorithm>

namespace linkspan::config {

const CredentialConfig* find_credential(const Config& config, std::string_view name) {
  for (const CredentialConfig& credential : config.credentials) {
    if (credential.name == name) return &credential;
  }
  return nullptr;
}

std::optional<OperationName> find_operation(const Config& config, std::string_view name) {
  std::optional<OperationName> found;
  for (std::uint32_t i = 0; i < config.apis.size(); ++i) {
    const std::string& api = config.apis[i].name;
    const bool fits = name.starts_with(api) && name.size() > api.size() + 1 && name[api.size()] == '.';
    if (!fits || (found && config.apis[found->api_index].name.size() > api.size())) continue;
    found = OperationName{i, name.substr(api.size() + 1)};
  }
  return found;
}

bool is_secret(const Config& config, std::string_view path) {
  return std::binary_search(config.secret_paths.begin(), config.secret_paths.end(), path);
}

std::string describe(const Config& config, const Origin& origin) {
  if (origin.line == 0 || origin.file >= config.files.size()) return "default";
  return config.files[origin.file] + ":" + std::to_string(origin.line) + ":" + std::to_string(origin.column);
}

}  // namespace linkspan::config
