#include "config/container_types.h"
#include "config/describe.h"
#include "config/object_type.h"
#include "config/scalar_types.h"

namespace linkspan::config {
namespace {

// `include` is taken out of each file before its content is decoded; here it is only described.
class IncludeType final : public Type {
 public:
  bool decode(const YamlNode&, Decoder&, void*) const override { return true; }
  bool is_absent(const void*) const override { return true; }
  void show(const void*, ShowWriter&) const override {}
  void write_schema(JsonStringWriter& json) const override { paths_.type()->write_schema(json); }
  std::string form() const override { return "one or a list: path or pattern"; }

 private:
  Typed<std::vector<std::string>> paths_ = list(text(), {.or_one = true});
};

void check_config(Config& config, const ObjectView& view) {
  if (view.given("listen") && view.ok("listen") && config.listen.empty()) {
    view.problem("listen", "needs at least one URL");
  }
}

}  // namespace

Typed<Config> config_type() {
  const Typed<ListenConfig> listen = listen_type();
  return object<Config>("The whole configuration.")
      .whole("include", Typed<Config>(std::make_shared<IncludeType>()),
             "Further files, relative to this one: paths, or patterns such as `conf.d/*.yaml`.")
      .field("listen", &Config::listen, list(listen, {.or_one = true}), "Where Linkspan listens.")
      .required()
      .field("admin", &Config::admin, optional(listen),
             "Where the admin API, health checks and metrics are; nowhere if not given. Best an address that "
             "only "
             "operators reach.")
      .field("workers", &Config::workers, count32({1, 1024, "auto"}),
             "Worker threads; `auto` is one for each core.")
      .field("log", &Config::log, log_type(), "Logging.")
      .field("limits", &Config::limits, limits_type(), "Limits of connections and requests.")
      .field("trusted_proxies", &Config::trusted_proxies,
             list(network_type(), {.or_one = true, .flow = true}),
             "Proxies in front of Linkspan whose word on the client's address counts.")
      .field("forwarded", &Config::forwarded, forwarded_type(), "What the APIs are told about the caller.")
      .field("credentials", &Config::credentials, map_of("credential", credential_type()),
             "How Linkspan proves itself to other systems.")
      .field("apis", &Config::apis, map_of("api", api_type()), "The systems that Linkspan connects to.")
      .field("auth", &Config::auth, map_of("auth", auth_type()), "Ways to know a caller.")
      .field("consumers", &Config::consumers, map_of("consumer", consumer_type()), "Who calls.")
      .field("endpoints", &Config::endpoints, map_of("endpoint", endpoint_type()), "What Linkspan exposes.")
      .field("flows", &Config::flows, map_of("flow", flow_type()), "Durable integrations.")
      .field("store", &Config::store, optional(store_type()),
             "Where runs of flows are kept; with flows `sqlite:linkspan.db` if not given.")
      .field("approvals", &Config::approvals, optional(approvals_type()),
             "Links by which people answer what flows ask them; there are none if not given.")
      .check<check_config>()
      .done();
}

}  // namespace linkspan::config
