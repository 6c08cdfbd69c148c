#include "gateway/explain.h"

#include <ostream>

#include "app/commands/commands.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/strings.h"
#include "data/in_quotes.h"
#include "gateway/snapshot.h"
#include "http/ip_address.h"

namespace linkspan::app {

namespace {

// False if a header is not "Name: value".
bool add_headers(const std::vector<std::string>& headers, gateway::ExplainRequest& request) {
  for (const std::string& header : headers) {
    const auto [name, value] = split_once(header, ':');
    if (!value || trim(name).empty()) return false;
    request.headers.emplace_back(trim(name), trim(*value));
  }
  return true;
}

}  // namespace

int explain_command(const ExplainOptions& options, const Output& output) {
  gateway::ExplainRequest request{
      .method = options.method, .target = options.target, .headers = {}, .client = options.client};
  if (!add_headers(options.headers, request)) {
    output.err << "linkspan: -H takes a header field as in -H 'Accept: text/html'\n";
    return kExitUsage;
  }
  if (!http::parse_ip_address(options.client)) {
    output.err << "linkspan: --client takes an IP address, not " << data::in_quotes(options.client) << '\n';
    return kExitUsage;
  }
  const config::LoadResult loaded = load_or_report(options.config_path, output);
  if (!loaded.ok()) return kExitProblems;
  MetricsRegistry metrics;
  gateway::GatewayState state(metrics);
  metrics.begin_generation();
  Result<std::shared_ptr<const gateway::Snapshot>> snapshot =
      gateway::build_snapshot(loaded.config, state, 1);
  if (!snapshot) {
    report_build_error(snapshot.error(), *loaded.config, output);
    return kExitProblems;
  }
  const Result<gateway::Explanation> explanation =
      gateway::explain(**snapshot, request, RealClock().monotonic_ns());
  if (!explanation) {
    output.err << "linkspan: " << explanation.error().to_string() << '\n';
    return kExitProblems;
  }
  output.out << (options.json ? gateway::render_json(*explanation) : gateway::render_text(*explanation));
  return explanation->error.empty() ? kExitOk : kExitProblems;
}

}  // namespace linkspan::app
