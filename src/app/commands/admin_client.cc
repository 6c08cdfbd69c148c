#include "app/commands/admin_client.h"

#include <optional>
#include <utility>

#include "base/error_kinds.h"
#include "base/metrics.h"
#include "base/strings.h"
#include "io/loop.h"
#include "io/resolver.h"
#include "upstream/cluster.h"
#include "upstream/job.h"

namespace linkspan::app {

namespace {

constexpr std::int64_t kPatienceNs = 90 * kNsPerSecond;

// A wildcard is where to listen, not where to connect to.
std::string reachable(const std::string& address) {
  if (address == "0.0.0.0" || address.empty()) return "127.0.0.1";
  return address == "::" ? "::1" : address;
}

std::optional<upstream::ServerSettings> parse_url(std::string_view url) {
  upstream::ServerSettings server;
  server.label = url;
  server.https = url.starts_with("https://");
  if (!server.https && !url.starts_with("http://")) return std::nullopt;
  std::string_view rest = url.substr(server.https ? 8 : 7);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  const bool has_port = colon != std::string_view::npos && !rest.ends_with(']');
  const auto port =
      has_port ? parse_u64(rest.substr(colon + 1)) : std::optional<std::uint64_t>(server.https ? 443 : 80);
  if (!port || *port == 0 || *port > 65535) return std::nullopt;
  std::string_view host = has_port ? rest.substr(0, colon) : rest;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find('/') != std::string_view::npos) return std::nullopt;
  server.host = to_lower_ascii(host);
  server.port = static_cast<std::uint16_t>(*port);
  return server;
}

io::Task<void> keep(io::Task<Result<upstream::Response>> sending,
                    std::optional<Result<upstream::Response>>& out) {
  Result<upstream::Response> response = co_await sending;
  out.emplace(std::move(response));
}

}  // namespace

Result<AdminClient> AdminClient::create(const config::Config& config, const std::string& url) {
  if (!url.empty()) {
    std::optional<upstream::ServerSettings> server = parse_url(url);
    if (!server)
      return Error(errors::config_invalid, "\"" + url + "\" is no URL such as http://127.0.0.1:8081");
    return AdminClient(std::move(*server), true);
  }
  if (!config.admin || config.admin->port == 0) {
    return Error(errors::config_invalid,
                 "the config names no admin listener with a port; say where it is with --admin URL");
  }
  upstream::ServerSettings server;
  server.label = "the admin listener";
  server.https = config.admin->tls;
  server.host = reachable(config.admin->address);
  server.port = config.admin->port;
  // It is on this machine, by an address that its certificate need not name.
  return AdminClient(std::move(server), false);
}

Result<upstream::Response> AdminClient::ask(http::Method method, std::string target, std::string body) const {
  RealClock clock;
  MetricsRegistry metrics;
  Result<std::unique_ptr<io::Loop>> loop = io::Loop::create(clock);
  if (!loop) return std::move(loop).error();
  Result<std::unique_ptr<io::DnsResolver>> resolver = io::DnsResolver::create(**loop, {});
  if (!resolver) return std::move(resolver).error();
  upstream::ClusterSettings settings;
  settings.name = "admin";
  settings.servers = {server_};
  settings.timeouts.first_byte_ns = kPatienceNs;
  settings.retry.attempts = 1;
  settings.tls.verify = verify_;
  auto list = upstream::build_clusters({settings}, nullptr, clock.wall_ns());
  if (!list) return std::move(list).error();
  upstream::ClusterSet clusters(**loop, **resolver, metrics.add_shard(), Logger());
  clusters.adopt(**list);
  upstream::Request request{
      .method = method, .target = std::move(target), .headers = {}, .body = std::move(body)};
  if (method == http::Method::post) request.headers.push_back({"Content-Type", "application/json"});
  std::optional<Result<upstream::Response>> response;
  const upstream::Job job = upstream::start(
      keep(upstream::send(*clusters.clusters().front(), std::move(request), (*loop)->now() + kPatienceNs),
           response));
  while (!response) (*loop)->run_once(1000);
  return std::move(*response);
}

}  // namespace linkspan::app
