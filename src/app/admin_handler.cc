#include "app/admin_handler.h"

#include "app/runtime.h"
#include "base/error_kinds.h"

namespace linkspan::app {

namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";

MetricsFormat metrics_format(const http::RequestHead& request) {
  const bool open = request.fields.value(http::HeaderId::accept).find("application/openmetrics-text") !=
                    std::string_view::npos;
  return open ? MetricsFormat::openmetrics : MetricsFormat::prometheus;
}

}  // namespace

io::Task<void> AdminHandler::handle(gateway::Exchange& exchange) {
  const http::RequestHead& request = exchange.request();
  gateway::Response response;
  std::string body;
  if (request.path == "/healthz") {
    response.content_type = kText;
    body = "ok\n";
  } else if (request.path == "/readyz") {
    response.status = runtime_.ready() ? 200 : 503;
    response.content_type = kText;
    body = runtime_.ready() ? "ready\n" : "draining\n";
  } else if (request.path == "/metrics") {
    const MetricsFormat format = metrics_format(request);
    response.content_type = content_type(format);
    runtime_.metrics().render(format, body);
  } else {
    io::Task<void> refusing = exchange.respond_problem(
        errors::endpoint_not_found, "the admin listener has /healthz, /readyz, /metrics and /status");
    co_await refusing;
    co_return;
  }
  response.body = body;
  io::Task<void> responding = exchange.respond(response);
  co_await responding;
}

}  // namespace linkspan::app
