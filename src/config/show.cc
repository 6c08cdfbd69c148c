#include "config/describe.h"
#include "config/publish.h"
#include "config/show_writer.h"

namespace linkspan::config {

std::string show(const Config& config) {
  const std::set<std::string, std::less<>> secret_paths(config.secret_paths.begin(),
                                                        config.secret_paths.end());
  data::YamlWriter yaml;
  ShowWriter writer(yaml, secret_paths);
  config_type().type()->show(&config, writer);
  return std::move(yaml).finish();
}

}  // namespace linkspan::config
