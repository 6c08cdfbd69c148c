#include "gateway/decide.h"

#include <algorithm>

#include "base/error_kinds.h"
#include "base/prefetch.h"
#include "http/url.h"

namespace linkspan::gateway {
namespace {

constexpr std::size_t kMaxEchoedBytes = 200;

std::string_view clipped(std::string_view text) {
  return text.substr(0, kMaxEchoedBytes);
}

void add_allow(const Router& router, MethodSet methods, RequestContext& context) {
  const std::string_view value = router.write_allow(methods, context.arena.space());
  context.response_fields.add("Allow", context.arena.take(value.size()));
}

Decision respond_options(const Snapshot& snapshot, MethodSet methods, RequestContext& context) {
  add_allow(snapshot.router, methods, context);
  return {Decision::Kind::respond, &snapshot.options_response};
}

}  // namespace

bool normalize_target(RequestContext& context) {
  const std::string_view raw = context.head->path;
  std::vector<char>& scratch = context.scratch->path;
  if (scratch.size() < raw.size()) scratch.resize(raw.size());
  http::ProtocolError error;
  const std::string_view path = http::normalize_path(raw, scratch, error);
  if (path.empty()) {
    refuse(context, error.kind(), context.arena.concat({error.detail()}));
    return false;
  }
  context.path = path;
  if (path.data() == scratch.data()) {
    context.rewritten_path = std::make_unique<char[]>(path.size());
    std::copy(path.begin(), path.end(), context.rewritten_path.get());
    context.path = {context.rewritten_path.get(), path.size()};
  }
  return true;
}

RouteQuery route_query(const RequestContext& context) {
  const http::RequestHead& head = *context.head;
  return {.host = head.host,
          .path = context.path,
          .method = head.method,
          .method_name = head.method_name,
          .fields = &head.fields};
}

std::optional<Decision> route(const Snapshot& snapshot, RequestContext& context) {
  const http::RequestHead& head = *context.head;
  if (head.target_form == http::TargetForm::asterisk) {
    return respond_options(snapshot, snapshot.router.all_methods(), context);
  }
  if (!normalize_target(context)) return Decision{};
  RouteQuery query = route_query(context);
  query.endpoints = snapshot.endpoints.data();
  const RouteMatch match = snapshot.router.find(query, context.params);
  switch (match.outcome) {
    case RouteOutcome::found:
      context.endpoint = &snapshot.endpoints[match.endpoint];
      // With many endpoints what belongs to one is seldom in the cache.
      prefetch(context.endpoint, Endpoint::kHotBytes);
      return std::nullopt;
    case RouteOutcome::options:
      return respond_options(snapshot, match.allow, context);
    case RouteOutcome::method_not_allowed:
      add_allow(snapshot.router, match.allow, context);
      refuse(
          context, errors::method_not_allowed,
          context.arena.concat({"This endpoint does not take ", clipped(head.method_name), "; see Allow."}));
      return Decision{};
    case RouteOutcome::not_found:
      break;
  }
  refuse(context, errors::endpoint_not_found,
         context.arena.concat({"No endpoint matches ", clipped(head.method_name), " ", clipped(context.path),
                               head.host.empty() ? "" : " at host ", clipped(head.host), "."}));
  return Decision{};
}

Decision dispatch(const RequestContext& context) {
  if (context.endpoint->respond != nullptr) return {Decision::Kind::respond, context.endpoint->respond.get()};
  return {context.endpoint->proxy != nullptr ? Decision::Kind::proxy : Decision::Kind::flow, nullptr};
}

bool identify(RequestContext& context) {
  const Endpoint& endpoint = *context.endpoint;
  if (endpoint.proxy != nullptr) prefetch(endpoint.proxy, ProxyTarget::kHotBytes);
  const PolicyChain& chain = endpoint.chain;
  for (const Policy* policy : chain.identifying()) {
    if (policy->apply(context) == Verdict::refuse) return false;
  }
  if (context.consumer != nullptr && chain.consumer_cells() != nullptr) {
    chain.consumer_cells()->fetch_ahead(context.rate.slot);
  }
  return true;
}

Decision admit(RequestContext& context) {
  for (const Policy* policy : context.endpoint->chain.admitting()) {
    if (policy->apply(context) == Verdict::refuse) return {};
  }
  __builtin_prefetch(context.endpoint->metrics.get());
  return dispatch(context);
}

Decision decide(const Snapshot& snapshot, RequestContext& context) {
  if (const std::optional<Decision> early = route(snapshot, context)) return *early;
  return identify(context) ? admit(context) : Decision{};
}

}  // namespace linkspan::gateway
