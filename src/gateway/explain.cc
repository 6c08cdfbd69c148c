#include "gateway/explain.h"

#include <algorithm>
#include <array>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "gateway/decide.h"
#include "gateway/near_miss.h"
#include "upstream/balance_tables.h"

namespace linkspan::gateway {
namespace {

constexpr std::size_t kMostNearMisses = 5;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

// The request as it would come over the wire.
Result<std::string> wire_text(const ExplainRequest& request) {
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\n";
  bool has_host = false;
  bool control = has_control(request.method) || has_control(request.target);
  for (const auto& [name, value] : request.headers) {
    text.append(name).append(": ").append(value).append("\r\n");
    has_host = has_host || equals_ignore_case(name, "Host");
    control = control || has_control(name) || has_control(value);
  }
  if (control) return Error(errors::bad_request, "there are control characters in the request");
  if (!has_host) {
    const std::size_t scheme = request.target.find("://");
    std::string_view host = "localhost";
    if (scheme != std::string::npos && !request.target.starts_with('/')) {
      host = std::string_view(request.target).substr(scheme + 3);
      host = host.substr(0, host.find_first_of("/?"));
    }
    text.append("Host: ").append(host).append("\r\n");
  }
  return text + "\r\n";
}

constexpr std::string_view kHidden = "***";

// What may be shown of an endpoint's settings: nothing that came from a reference.
class Shown {
 public:
  Shown(const config::Config& config, const config::EndpointConfig& endpoint)
      : config_(config), path_("endpoints." + endpoint.name + ".") {}

  bool hides(std::string_view key) const { return config::is_secret(config_, path_ + std::string(key)); }
  std::string text(std::string_view key, std::string_view value) const {
    return std::string(hides(key) ? kHidden : value);
  }
  // Field lines as name and value. `key` is the mapping in the config that they come from; values of `secret`
  // names are never shown.
  void add_lines(std::string_view lines, std::string_view key, const std::vector<std::string>& secret,
                 std::vector<Explanation::Field>& out) const {
    while (!lines.empty()) {
      const std::size_t end = lines.find("\r\n");
      const auto [name, value] = split_once(lines.substr(0, end), ':');
      const bool hidden = std::find(secret.begin(), secret.end(), name) != secret.end() ||
                          hides(std::string(key) + "." + std::string(name));
      out.push_back({std::string(name), std::string(hidden ? kHidden : trim(value.value_or("")))});
      lines.remove_prefix(end + 2);
    }
  }

 private:
  const config::Config& config_;
  std::string path_;
};

void add_endpoint(const Snapshot& snapshot, const RequestContext& context, Explanation& out) {
  const config::EndpointConfig& config = *context.endpoint->config;
  out.endpoint = config.name;
  out.origin = config::describe(*snapshot.config, config.origin);
  const Shown shown(*snapshot.config, config);
  out.pattern = shown.text("path", config.path.text);
  std::size_t at = 0;
  for (const config::PathSegment& segment : config.path.segments) {
    if (segment.kind == config::PathSegment::Kind::literal) continue;
    out.params.push_back({shown.text("path", segment.text), std::string(context.params[at++])});
  }
}

// False: one refused; those after it are told as not reached.
bool run_chain(RequestContext& context, Explanation& out) {
  bool refused = false;
  for (const Policy* policy : context.endpoint->chain.all()) {
    if (refused) {
      out.steps.push_back({std::string(policy->name()), Explanation::Step::Outcome::not_reached, ""});
    } else {
      refused = policy->explain(context, out) == Verdict::refuse;
    }
  }
  return !refused;
}

std::string host_header(const ProxyTarget& target, const RequestContext& context, const Shown& shown) {
  switch (target.host_mode) {
    case HostMode::fixed:
      return shown.text("proxy.host", target.host);
    case HostMode::preserve:
      return std::string(context.head->authority);
    case HostMode::upstream:
      break;
  }
  return "of the server";
}

std::string upstream_target(const ProxyTarget& target, const RequestContext& context, bool prefix_hidden,
                            const Shown& shown) {
  ProxyTarget visible = target;
  if (prefix_hidden) visible.prefix = "/***";
  if (shown.hides("proxy.path") || shown.hides("proxy.strip_prefix")) {
    visible.rewrites = true;
    visible.pieces = {{"/***"}};
  }
  std::string space(context.head->target.size() + context.path.size() * (target.pieces.size() + 1) + 4096,
                    '\0');
  return std::string(write_upstream_target(visible, context, space));
}

std::string total_timeout(const ProxyTarget& target, bool of_api_hidden, const Shown& shown,
                          const config::EndpointConfig& endpoint) {
  if (endpoint.timeout ? shown.hides("timeout") : of_api_hidden) return std::string(kHidden);
  return target.total_timeout == config::kNoDuration ? "none" : format_duration(target.total_timeout);
}

void add_removed_fields(const ProxyTarget& target, const RequestContext& context, Explanation& out) {
  for (const http::Field& field : context.head->fields) {
    const bool dropped_id = field.id != http::HeaderId::other && field.id != http::HeaderId::host &&
                            target.request_drop.contains(field.id);
    const auto& names = target.request_drop_names;
    const bool dropped_name = std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      return equals_ignore_case(name, field.name());
    });
    if (dropped_id || dropped_name) out.removed_fields.emplace_back(field.name());
  }
}

// How one of the servers is chosen, and which if that is certain while all are healthy.
std::string balance(const Snapshot& snapshot, const RequestContext& context) {
  const ProxyTarget& target = *context.endpoint->proxy;
  const config::ApiConfig& api = snapshot.config->apis[target.api];
  if (config::is_secret(*snapshot.config, "apis." + api.name + ".balance")) return std::string(kHidden);
  const std::string written = config::format_balance(api.balance);
  switch (api.balance.policy) {
    case config::BalancePolicy::round_robin:
      return written + ": one after the other";
    case config::BalancePolicy::least_requests:
      return written + ": of two at random, the one with fewer requests in flight";
    case config::BalancePolicy::random:
      return written;
    case config::BalancePolicy::consistent_hash:
      break;
  }
  const upstream::ClusterSettings& settings = snapshot.apis[target.api];
  const upstream::BalanceTables tables(settings.balance, settings.servers);
  std::array<char, 16> scratch;
  const std::string_view key = balance_key(api, target, context, scratch);
  const std::size_t chosen = tables.ring_server(tables.ring_start(upstream::hash_key(key)));
  return written + (key.empty() ? ": requests without it go to " : ": this one goes to ") +
         settings.servers[chosen].label + ", unless that is out";
}

void add_proxy(const Snapshot& snapshot, const RequestContext& context, Explanation& out) {
  const config::Config& config = *snapshot.config;
  const config::EndpointConfig& endpoint = *context.endpoint->config;
  const ProxyTarget& target = *context.endpoint->proxy;
  const config::ApiConfig& api = config.apis[target.api];
  const std::string of_api = "apis." + api.name + ".";
  const Shown shown(config, endpoint);
  out.api = api.name;
  for (const config::ServerConfig& server : api.servers) out.servers.push_back(server.label);
  out.balance = balance(snapshot, context);
  out.upstream_target =
      upstream_target(target, context, config::is_secret(config, of_api + "path_prefix"), shown);
  out.host_header = host_header(target, context, shown);
  out.total_timeout =
      total_timeout(target, config::is_secret(config, of_api + "timeout.total"), shown, endpoint);
  if (endpoint.proxy->when_unavailable && !http::is_safe(context.head->method)) {
    out.when_unavailable = shown.text("proxy.when_unavailable.flow", endpoint.proxy->when_unavailable->flow);
  }
  add_removed_fields(target, context, out);
  shown.add_lines(target.request_lines, "proxy.headers.set", target.credential_names, out.set_fields);
  shown.add_lines(target.response_lines, "proxy.response_headers.set", {}, out.response_fields);
}

void add_flow(const Snapshot& snapshot, const RequestContext& context, Explanation& out) {
  const config::EndpointConfig& endpoint = *context.endpoint->config;
  const Shown shown(*snapshot.config, endpoint);
  out.flow = shown.text("flow.flow", endpoint.flow->flow);
  out.respond_within = shown.text("flow.respond_within", format_duration(endpoint.flow->respond_within));
}

void add_answer(const Snapshot& snapshot, const Decision& decision, const RequestContext& context,
                Explanation& out) {
  if (decision.kind == Decision::Kind::respond) {
    out.status = decision.response->status;
    if (context.endpoint == nullptr) return;  // OPTIONS that Linkspan answers itself
    const Shown shown(*snapshot.config, *context.endpoint->config);
    shown.add_lines(decision.response->lines, "respond.headers", {}, out.response_fields);
  } else if (decision.kind == Decision::Kind::refuse) {
    out.status = context.refusal.kind->status;
    out.error = context.refusal.kind->slug;
    out.detail = context.refusal.detail;
  }
}

void add_near_misses(const Snapshot& snapshot, const RequestContext& context, Explanation& out) {
  const config::Config& config = *snapshot.config;
  const std::uint32_t matched = context.endpoint != nullptr ? context.endpoint->index : kNoEndpoint;
  for (NearMiss& miss : near_misses(config, route_query(context), matched, kMostNearMisses)) {
    const config::EndpointConfig& endpoint = config.endpoints[miss.endpoint];
    out.near_misses.push_back(
        {endpoint.name, config::describe(config, endpoint.origin), std::move(miss.text)});
  }
}

Decision follow(const Snapshot& snapshot, RequestContext& context, Explanation& out) {
  if (const std::optional<Decision> early = route(snapshot, context)) return *early;
  add_endpoint(snapshot, context, out);
  if (!run_chain(context, out)) return {};
  return dispatch(context);
}

// The answer to what is no valid HTTP.
Explanation unreadable(const ExplainRequest& request, const ErrorKind& kind, std::string_view detail) {
  Explanation out;
  out.method = request.method;
  out.target = request.target;
  out.client = request.client;
  out.status = kind.status;
  out.error = kind.slug;
  // The place is counted in a message that the user did not write.
  out.detail = detail.substr(0, detail.rfind(", at byte "));
  return out;
}

}  // namespace

Result<Explanation> explain(const Snapshot& snapshot, const ExplainRequest& request, MonotonicNs now_ns) {
  const std::optional<http::IpAddress> client = http::parse_ip_address(request.client);
  if (!client) return Error(errors::bad_request, "\"" + request.client + "\" is no IP address");
  Result<std::string> text = wire_text(request);
  if (!text) return unreadable(request, text.error().kind(), text.error().detail());

  const config::LimitsConfig& limits = snapshot.config->limits;
  std::vector<http::Field> storage(limits.max_headers);
  http::RequestHead head(storage);
  const http::HeadLimits head_limits{.max_header_bytes = limits.max_header_bytes,
                                     .max_target_bytes = limits.max_target_bytes,
                                     .max_fields = limits.max_headers};
  const http::ParseStatus parsed = http::parse_request_head(*text, head_limits, 0, head);
  if (parsed.state == http::ParseState::error) {
    return unreadable(request, head.error.kind(), head.error.detail());
  }
  if (parsed.state != http::ParseState::complete) {
    return unreadable(request, errors::bad_request, "the request is not complete");
  }

  WorkerScratch scratch;
  const auto context = std::make_unique<RequestContext>();
  context->start(head, *client, now_ns, scratch);
  Explanation out;
  out.method = request.method;
  out.target = head.target;
  out.host = head.authority;
  out.client = request.client;
  const Decision decision = follow(snapshot, *context, out);
  if (context->path != head.path) out.normalized_path = context->path;
  for (const ResponseField& field : context->response_fields) {
    out.response_fields.push_back({std::string(field.name), std::string(field.value)});
  }
  if (decision.kind == Decision::Kind::proxy) add_proxy(snapshot, *context, out);
  if (decision.kind == Decision::Kind::flow) add_flow(snapshot, *context, out);
  add_answer(snapshot, decision, *context, out);
  if (!context->path.empty()) add_near_misses(snapshot, *context, out);
  return out;
}

}  // namespace linkspan::gateway
