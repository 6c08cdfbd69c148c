#include "app/admin_handler.h"

#include <array>
#include <optional>

#include "base/error_kinds.h"
#include "http/accept.h"

namespace linkspan::app {

namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kIndex =
    "Linkspan admin\n"
    "\n"
    "/healthz   alive\n"
    "/readyz    ready for requests; 503 while draining\n"
    "/metrics   for Prometheus, also as OpenMetrics\n"
    "/status    config, listeners, connections and servers, as JSON\n";
constexpr std::string_view kFlowIndex =
    "/runs      runs of flows, as JSON; ?flow= and ?status= choose\n"
    "/runs/ID   one run with its journal\n"
    "/flows     what starts each flow, and how its polls do\n";

struct Page {
  int status = 200;
  std::string_view content_type = kText;
  std::string body;
};

MetricsFormat wanted_format(const http::RequestHead& request) {
  static constexpr std::array<std::string_view, 2> kOffers = {"text/plain", "application/openmetrics-text"};
  const std::string_view accept = request.fields.value(http::HeaderId::accept);
  return http::preferred_media_type(accept, kOffers) == 1 ? MetricsFormat::openmetrics
                                                          : MetricsFormat::prometheus;
}

std::optional<Page> make_page(const http::RequestHead& request, const AdminPages& pages, bool has_flows) {
  Page page;
  if (request.path == "/") {
    page.body = kIndex;
    if (has_flows) page.body += kFlowIndex;
  } else if (request.path == "/healthz") {
    page.body = "ok\n";
  } else if (request.path == "/readyz") {
    const bool ready = pages.ready();
    page.status = ready ? 200 : 503;
    page.body = ready ? "ready\n" : "draining\n";
  } else if (request.path == "/metrics") {
    const MetricsFormat format = wanted_format(request);
    page.content_type = content_type(format);
    pages.metrics(format, page.body);
  } else if (request.path == "/status") {
    page.content_type = kJson;
    pages.status(page.body);
  } else {
    return std::nullopt;
  }
  return page;
}

}  // namespace

io::Task<void> AdminHandler::handle(gateway::Exchange& exchange) {
  const http::RequestHead& request = exchange.request();
  if (FlowAdmin::takes(request.path)) {
    io::Task<void> handling = flows_.handle(exchange);
    co_await handling;
    co_return;
  }
  const bool reads = request.method == http::Method::get || request.method == http::Method::head;
  const std::optional<Page> page = reads ? make_page(request, pages_, flows_.has_flows()) : std::nullopt;
  if (page) {
    const gateway::Response response{.status = page->status,
                                     .content_type = page->content_type,
                                     .fields = {},
                                     .lines = {},
                                     .body = page->body};
    io::Task<void> responding = exchange.respond(response);
    co_await responding;
  } else if (!reads) {
    static constexpr std::array<gateway::ResponseField, 1> kAllow = {{{"Allow", "GET, HEAD"}}};
    io::Task<void> refusing = exchange.respond_problem(
        errors::method_not_allowed, "the admin listener is read with GET and HEAD", kAllow);
    co_await refusing;
  } else {
    io::Task<void> refusing =
        exchange.respond_problem(errors::endpoint_not_found,
                                 "the admin listener has /, /healthz, /readyz, /metrics, /status and /runs");
    co_await refusing;
  }
}

}  // namespace linkspan::app
