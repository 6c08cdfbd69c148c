#include "config/config.h"

#include <algorithm>

namespace linkspan::config {
namespace {

template <typename T>
const T* find(const std::vector<T>& things, std::string_view name) {
  for (const T& thing : things) {
    if (thing.name == name) return &thing;
  }
  return nullptr;
}

}  // namespace

const ApiConfig* find_api(const Config& config, std::string_view name) {
  return find(config.apis, name);
}

const CredentialConfig* find_credential(const Config& config, std::string_view name) {
  return find(config.credentials, name);
}

const AuthConfig* find_auth(const Config& config, std::string_view name) {
  return find(config.auth, name);
}

const ConsumerConfig* find_consumer(const Config& config, std::string_view name) {
  return find(config.consumers, name);
}

const EndpointConfig* find_endpoint(const Config& config, std::string_view name) {
  return find(config.endpoints, name);
}

bool is_secret(const Config& config, std::string_view path) {
  return std::binary_search(config.secret_paths.begin(), config.secret_paths.end(), path);
}

std::string describe(const Config& config, const Origin& origin) {
  if (origin.line == 0 || origin.file >= config.files.size()) return "default";
  return config.files[origin.file] + ":" + std::to_string(origin.line) + ":" + std::to_string(origin.column);
}

}  // namespace linkspan::config
