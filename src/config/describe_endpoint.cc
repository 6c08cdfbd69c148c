#include <algorithm>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/container_types.h"
#include "config/describe.h"
#include "config/header_types.h"
#include "config/names.h"
#include "config/object_type.h"
#include "config/scalar_types.h"

namespace linkspan::config {
namespace {

using namespace std::chrono_literals;

std::string format_pattern(const PathPattern& pattern) {
  return pattern.text;
}

Typed<PathPattern> path_pattern_type() {
  return parsed<PathPattern>({.form = "path pattern",
                              .expected = "a path such as /customers/{id}",
                              .pattern = "/[^?#]*",
                              .explained = true},
                             parse_path_pattern, format_pattern);
}

Result<std::string> parse_host(std::string_view text) {
  std::string host = to_lower_ascii(text);
  const std::string_view name = std::string_view(host).substr(host.starts_with("*.") ? 2 : 0);
  if (is_host_name(name)) return host;
  if (host.starts_with('[') && host.ends_with(']') && is_ipv6_address(name.substr(1, name.size() - 2)))
    return host;
  return Error(errors::config_invalid, {});
}

Result<std::string> parse_method(std::string_view text) {
  if (!is_method(text)) return Error(errors::config_invalid, "a method is a word such as GET or POST");
  for (std::string_view method : kStandardMethods) {
    if (text != method && equals_ignore_case(text, method)) {
      return Error(errors::config_invalid,
                   "methods are case-sensitive; did you mean \"" + std::string(method) + "\"?");
    }
  }
  if (text == "CONNECT") return Error(errors::config_invalid, "CONNECT is always refused");
  return std::string(text);
}

Typed<HeaderRules> header_rules_type(HeaderOf message) {
  return object<HeaderRules>(
             message == HeaderOf::request
                 ? "Changes to the header of the request that the API gets: first `remove`, then `set`. What "
                   "Linkspan writes itself (`Host`, `X-Request-Id`, `Via`, `X-Forwarded-For`, `traceparent` "
                   "and "
                   "the like) cannot be changed here; see `forwarded`."
                 : "Changes to the header of the API's answer: first `remove`, then `set`. What Linkspan "
                   "writes "
                   "itself (`Date`, `X-Request-Id`, `Via` and the like) cannot be changed here; see "
                   "`forwarded`.")
      .field("remove", &HeaderRules::remove,
             list(removable_header_name(message), {.or_one = true, .flow = true}),
             "Header fields that are taken away.")
      .field("set", &HeaderRules::set, header_map(message),
             "Header fields that get this value, whatever was there.")
      .done();
}

bool is_host_and_port(std::string_view text) {
  const auto [host, port] = split_once(text, ':');
  return is_host_name(host) && (!port || (parse_u64(*port) && parse_u64(*port) <= 65535U));
}

Typed<EndpointFlowConfig> endpoint_flow_type() {
  return object<EndpointFlowConfig>(
             "Starts a run of a flow, whose input is the request's body, and answers with what it gives. The "
             "name of a flow alone will do.")
      .scalar("flow")
      .field("flow", &EndpointFlowConfig::flow, name_of("flow"), "The flow.")
      .required()
      .field(
          "respond_within", &EndpointFlowConfig::respond_within, duration({0s, 24h}),
          "How long the caller waits; after that it gets 202, and the URL of the run's status. With `0` at "
          "once.")
      .field("idempotency_header", &EndpointFlowConfig::idempotency_header, header_name(),
             "The header field by which callers say that two requests are the same: they start one run only.")
      .done();
}

void answer_at_once(EndpointFlowConfig& flow, const ObjectView&) {
  flow.respond_within = kNoDuration;
}

Typed<EndpointFlowConfig> when_unavailable_type() {
  return object<EndpointFlowConfig>(
             "Starts a run of a flow in place of an error, if a request that changes something finds no "
             "server "
             "of the API that takes it. The run's input is the request's body, and the answer 202 with the "
             "URL "
             "of the run's status. The name of a flow alone will do.")
      .scalar("flow")
      .field("flow", &EndpointFlowConfig::flow, name_of("flow"), "The flow.")
      .required()
      .field("idempotency_header", &EndpointFlowConfig::idempotency_header, header_name(),
             "The header field by which callers say that two requests are the same: they start one run only.")
      .check<answer_at_once>()
      .done();
}

void check_proxy(ProxyConfig&, const ObjectView& view) {
  if (view.given("path") && view.given("strip_prefix")) {
    view.problem("strip_prefix", "path already says what path the api gets; leave one out");
  }
}

Typed<ProxyConfig> proxy_type() {
  return object<ProxyConfig>("Passes the request on to an API. The name of an API alone will do.")
      .scalar("api")
      .field("api", &ProxyConfig::api, name_of("api"), "The API.")
      .required()
      .field("path", &ProxyConfig::path, path_pattern_type(),
             "The path that the API gets, with the parameters of the endpoint's path: `/contacts/{id}`. The "
             "request's own "
             "path if not given.")
      .field("strip_prefix", &ProxyConfig::strip_prefix, path_prefix_type(),
             "Taken off the front of the request's path.")
      .field("headers", &ProxyConfig::headers, header_rules_type(HeaderOf::request),
             "Changes to the request's header.")
      .field("response_headers", &ProxyConfig::response_headers, header_rules_type(HeaderOf::answer),
             "Changes to the answer's header.")
      .field("host", &ProxyConfig::host,
             text({.form = "host name",
                   .expected = "a host name, with or without a port",
                   .pattern = "[A-Za-z0-9_.-]+(:\\d+)?"},
                  is_host_and_port),
             "The `Host` that is sent, whatever the API's `host_header` says.")
      .field("when_unavailable", &ProxyConfig::when_unavailable, optional(when_unavailable_type()),
             "A flow that takes the request if no server does.")
      .check<check_proxy>()
      .done();
}

void check_respond(RespondConfig& respond, const ObjectView& view) {
  const bool no_body = respond.status == 204 || respond.status == 304;
  if (no_body && view.ok("status") && !respond.body.empty()) {
    view.problem("body", "an answer with this status has no body");
  }
}

Result<std::uint16_t> parse_status(std::string_view text) {
  const std::optional<std::uint64_t> status = parse_u64(text);
  if (!status || *status < 200 || *status > 599) return Error(errors::config_invalid, {});
  return static_cast<std::uint16_t>(*status);
}

std::string format_status(const std::uint16_t& status) {
  return std::to_string(status);
}

Typed<RespondConfig> respond_type() {
  return object<RespondConfig>("A fixed answer. A status alone will do.")
      .scalar("status")
      .field("status", &RespondConfig::status,
             parsed<std::uint16_t>(
                 {.form = "status", .expected = "a status from 200 to 599", .pattern = "[2-5][0-9][0-9]"},
                 parse_status, format_status),
             "Its status.")
      .field("body", &RespondConfig::body, free_text(), "Its body.")
      .field("headers", &RespondConfig::headers, header_map(HeaderOf::answer), "Its header fields.")
      .check<check_respond>()
      .done();
}

void check_parameters(const EndpointConfig& endpoint, const ObjectView& view) {
  using Kind = PathSegment::Kind;
  if (!endpoint.proxy || !view.ok("path") || !view.given("path")) return;
  for (const PathSegment& segment : endpoint.proxy->path.segments) {
    if (segment.kind == Kind::literal) continue;
    const auto& own = endpoint.path.segments;
    const auto found = std::find_if(own.begin(), own.end(), [&](const PathSegment& candidate) {
      return candidate.kind != Kind::literal && candidate.text == segment.text;
    });
    if (view.from_reference("proxy.path")) {
      if (found == own.end() || found->kind != segment.kind) {
        view.problem("proxy.path", "holds a parameter that the endpoint's path does not have");
      }
      continue;
    }
    const std::string written = "{" + segment.text + (segment.kind == Kind::rest ? "...}" : "}");
    if (found == own.end()) {
      view.problem("proxy.path", written + " is no parameter of the endpoint's path");
    } else if (found->kind != segment.kind) {
      view.problem("proxy.path", written + " is written {" + segment.text +
                                     (found->kind == Kind::rest ? "...}" : "}") + " in the endpoint's path");
    }
  }
}

void check_strip_prefix(const EndpointConfig& endpoint, const ObjectView& view) {
  if (!endpoint.proxy || endpoint.proxy->strip_prefix.empty() || !view.ok("path")) return;
  const std::string& prefix = endpoint.proxy->strip_prefix;
  std::string path;  // as requests have it; a parameter is no part of a prefix
  for (const PathSegment& segment : endpoint.path.segments) {
    path += "/" + (segment.kind == PathSegment::Kind::literal ? segment.text : "{}");
  }
  const bool begins =
      path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
  if (!begins) view.problem("proxy.strip_prefix", "the endpoint's path does not begin with it");
}

// An empty list reads like a restriction and is none: taking the last name out of `auth` would open the
// endpoint.
void check_lists(const EndpointConfig& endpoint, const ObjectView& view) {
  const auto check = [&](std::string_view key, bool is_empty, std::string_view message) {
    if (view.given(key) && view.ok(key) && is_empty) view.problem(key, message);
  };
  check("auth", endpoint.auth.empty(), "needs a name; leave the key out if everybody may call");
  if (endpoint.auth.size() > kMaxAuthWays) {
    view.problem("auth", "at most " + std::to_string(kMaxAuthWays) + " ways to know a caller can be given");
  }
  check("host", endpoint.hosts.empty(), "needs a host name; leave the key out for all hosts");
  check("methods", endpoint.methods.empty(), "needs a method; leave the key out for all methods");
}

void check_endpoint(EndpointConfig& endpoint, const ObjectView& view) {
  std::string_view first;
  for (std::string_view key : {"proxy", "respond", "flow"}) {
    if (!view.given(key)) continue;
    if (!first.empty())
      view.problem(key, "an endpoint has " + std::string(first) + " or " + std::string(key) + ", not both");
    if (first.empty()) first = key;
  }
  if (first.empty() && !view.has_unknown_keys()) view.problem("needs proxy, respond or flow");
  if (endpoint.rate && endpoint.rate->per == RatePer::automatic) {
    endpoint.rate->per = endpoint.auth.empty() ? RatePer::address : RatePer::consumer;
  } else if (endpoint.rate && endpoint.rate->per == RatePer::consumer && !view.given("auth")) {
    view.problem("rate.per", "without auth no consumer is known");
  }
  check_lists(endpoint, view);
  check_parameters(endpoint, view);
  check_strip_prefix(endpoint, view);
}

}  // namespace

Typed<std::string> path_prefix_type() {
  return parsed_text({.form = "path",
                      .expected = "a path such as /v1, without a slash at its end",
                      .pattern = "/.*[^/]",
                      .explained = true},
                     parse_path_prefix);
}

Typed<EndpointConfig> endpoint_type() {
  const ScalarText host{.form = "host name",
                        .expected = "a host name such as shop.example or *.example",
                        .pattern = R"((\*\.)?[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])"};
  const ScalarText method{.form = "method",
                          .expected = "a method such as GET",
                          .pattern = "[!#$%&'*+.^_`|~0-9A-Za-z-]+",
                          .explained = true};
  return object<EndpointConfig>("What Linkspan exposes: which requests, and what becomes of them.")
      .field("path", &EndpointConfig::path, path_pattern_type(),
             "`/customers/{id}`: a parameter is one segment. `/files/{path...}`: it is all that follows.")
      .required()
      .field("host", &EndpointConfig::hosts,
             list(parsed_text(host, parse_host), {.or_one = true, .flow = true}),
             "Only for these hosts: a name, or `*.example` for all below it.")
      .field("methods", &EndpointConfig::methods,
             list(parsed_text(method, parse_method), {.or_one = true, .flow = true}),
             "Only these methods; all but `TRACE` if not given. `GET` brings `HEAD`. An endpoint whose API "
             "gets a "
             "credential cannot take `TRACE`, which would show it to the caller.")
      .field("headers", &EndpointConfig::headers, header_matches(), "Only requests with these header fields.")
      .field("auth", &EndpointConfig::auth, list(name_of("auth"), {.or_one = true, .flow = true}),
             "Ways to know the caller, any of which will do; without it everybody may call.")
      .field("rate", &EndpointConfig::rate, optional(endpoint_rate_type()), "How often it may be called.")
      .field("max_body_bytes", &EndpointConfig::max_body_bytes, optional(size({1, kAnyCount, "unlimited"})),
             "In place of `limits.max_body_bytes`.")
      .field("timeout", &EndpointConfig::timeout, optional(duration({1ms, 24h, "none"})),
             "In place of the API's `timeout.total`.")
      .field("proxy", &EndpointConfig::proxy, optional(proxy_type()), "Passes the request on to an API.")
      .field("respond", &EndpointConfig::respond, optional(respond_type()), "Gives a fixed answer.")
      .field("flow", &EndpointConfig::flow, optional(endpoint_flow_type()), "Starts a run of a flow.")
      .check<check_endpoint>()
      .done();
}

}  // namespace linkspan::config
