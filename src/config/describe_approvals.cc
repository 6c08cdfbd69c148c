// Links by which people answer what flows ask them.
#include "base/error_kinds.h"
#include "config/describe.h"
#include "config/object_type.h"
#include "config/path_pattern.h"
#include "config/scalar_types.h"
#include "config/server_url.h"

namespace linkspan::config {
namespace {

using namespace std::chrono_literals;

// The path as requests have it; none if the URL is not one of the kind that is wanted.
Result<std::string> path_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
  if (slash == std::string_view::npos) return Error(errors::config_invalid, "it needs a path");
  Result<ServerUrl> server = parse_server_url(url.substr(0, slash));
  if (!server) return std::move(server).error();
  Result<PathPattern> pattern = parse_path_pattern(url.substr(slash));
  if (!pattern) return std::move(pattern).error();
  std::string path;
  for (const PathSegment& segment : pattern->segments) {
    if (segment.kind != PathSegment::Kind::literal) {
      return Error(errors::config_invalid, "its path has no parameters");
    }
    path += "/" + segment.text;
  }
  while (path.ends_with('/')) path.pop_back();
  if (path.empty()) return Error(errors::config_invalid, "it needs a path");
  return path;
}

Result<std::string> parse_url(std::string_view url) {
  Result<std::string> path = path_of(url);
  if (!path) return path;
  return std::string(url.substr(0, url.find('/', url.find("://") + 3))) + *path;
}

void check_approvals(ApprovalsConfig& config, const ObjectView& view) {
  if (!view.ok("url") || config.url.empty()) return;
  if (const Result<std::string> path = path_of(config.url)) config.path = *path;
}

}  // namespace

Typed<ApprovalsConfig> approvals_type() {
  return object<ApprovalsConfig>(
             "Links by which people answer what flows ask them (`wait_for` with `approval`). The URL alone "
             "will do.")
      .scalar("url")
      .positioned()
      .field("url", &ApprovalsConfig::url,
             parsed_text({.form = "URL",
                          .expected = "a URL with a path, such as https://orders.example/approvals",
                          .pattern = "https?://[^/?#]+/[^?#{}]+",
                          .explained = true},
                         parse_url),
             "Where people reach the page, which is at this path on every address in `listen`.")
      .required()
      .field("expires", &ApprovalsConfig::expires, duration({1min, 366 * 24h}),
             "How long a link may be used after it was made.")
      .check<check_approvals>()
      .done();
}

}  // namespace linkspan::config
