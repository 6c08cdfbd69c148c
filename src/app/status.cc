#include "app/status.h"

#include "app/version.h"
#include "base/json_writer.h"
#include "base/timestamp.h"

namespace linkspan::app {

namespace {

std::string timestamp(WallNs at) {
  std::string text(kTimestampBytes, '\0');
  format_timestamp(at, text.data());
  return text;
}

void write_config(const StatusView& view, JsonStringWriter& json) {
  const Generation& generation = view.generation;
  json.key("config");
  json.begin_object();
  json.member("path", view.config_path);
  json.member("generation", generation.number);
  json.member("loaded_at", timestamp(generation.loaded_at));
  json.member("apis", generation.config->apis.size());
  json.member("endpoints", generation.config->endpoints.size());
  json.member("consumers", generation.config->consumers.size());
  json.key("last_reload");
  if (view.last_reload.at == 0) {
    json.null();
  } else {
    json.begin_object();
    json.member("at", timestamp(view.last_reload.at));
    json.member("outcome", view.last_reload.ok ? "success" : "failure");
    if (!view.last_reload.ok) json.member("problem", view.last_reload.problem);
    json.end_object();
  }
  json.end_object();
}

void write_listeners(std::string_view name, const std::vector<ListenerPlan>& plans,
                     const Listeners::Addresses& addresses, JsonStringWriter& json) {
  json.key(name);
  json.begin_array();
  for (const ListenerPlan& plan : plans) {
    json.begin_object();
    json.member("url", plan.options->name);
    const auto address = addresses.find(plan.key);
    if (address != addresses.end() && !plan.address_is_secret) json.member("address", address->second);
    json.member("tls", plan.options->tls != nullptr);
    json.end_object();
  }
  json.end_array();
}

void write_server(const upstream::SharedCluster& cluster, std::size_t index, const StatusView& view,
                  JsonStringWriter& json) {
  const upstream::ServerSettings& settings = cluster.settings().servers[index];
  const upstream::ServerState& state = *cluster.state(index);
  const bool healthy = state.is_healthy();
  const bool ejected = state.is_ejected(view.loop_now);
  json.begin_object();
  json.member("server", settings.label);
  json.member("state", !healthy ? "unhealthy" : ejected ? "ejected" : "healthy");
  const std::string why = state.health_detail();
  if (!why.empty()) json.member("last_check", why);
  if (ejected) {
    const MonotonicNs left_ms =
        (state.ejected_until_ns.load(std::memory_order_relaxed) - view.loop_now) / kNsPerMs;
    json.member("ejected_for_seconds", static_cast<double>(left_ms) / 1000);
  }
  json.member("connections", view.metrics.value(settings.metrics.connections));
  json.member("idle_connections", view.metrics.value(settings.metrics.idle_connections));
  json.end_object();
}

void write_apis(const StatusView& view, JsonStringWriter& json) {
  json.key("apis");
  json.begin_array();
  for (const auto& cluster : view.generation.clusters->clusters) {
    json.begin_object();
    json.member("api", cluster->name());
    json.key("servers");
    json.begin_array();
    for (std::size_t i = 0; i < cluster->size(); ++i) write_server(*cluster, i, view, json);
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void render_status(const StatusView& view, std::string& out) {
  {
    JsonStringWriter json(out);
    json.begin_object();
    json.member("version", kVersion);
    json.member("state", view.draining ? "draining" : "serving");
    json.member("started_at", timestamp(view.started_at));
    json.member("uptime_seconds", (view.now - view.started_at) / kNsPerSecond);
    write_config(view, json);
    json.member("workers", view.workers);
    write_listeners("listeners", view.generation.listeners, view.listeners.addresses(), json);
    write_listeners("admin_listeners", view.generation.admin, view.listeners.admin_addresses(), json);
    json.member("connections", view.metrics.value(view.process.server.connections_open));
    json.member("requests_in_flight", view.metrics.value(view.in_flight));
    json.member("dropped_log_records", view.dropped_log_records);
    json.member("failed_log_bytes", view.failed_log_bytes);
    write_apis(view, json);
    json.end_object();
  }
  out += '\n';
}

}  // namespace linkspan::app
