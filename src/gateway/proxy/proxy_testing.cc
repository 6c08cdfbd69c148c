#include "gateway/proxy/proxy_testing.h"

namespace linkspan::gateway::testing {

io::Task<Result<io::Resolution>> NumericResolver::resolve(std::string host, std::uint16_t port, io::Waiter&,
                                                          MonotonicNs) {
  Result<io::SocketAddress> address = io::SocketAddress::parse(host, port);
  if (!address) co_return std::move(address).error();
  co_return io::Resolution{.addresses = {*address}, .expires_at = io::Resolution::kForever};
}

std::string Backend::url() const {
  return "http://127.0.0.1:" + std::to_string(io::local_address(listening_.get())->port());
}

std::unique_ptr<Client> Backend::accept() {
  io::UniqueFd fd(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  return fd.valid() ? std::make_unique<Client>(std::move(fd)) : nullptr;
}

io::Task<void> TakingIntake::handle(Exchange& exchange, FlowRequest& request) {
  io::Task<Result<std::string>> reading = exchange.read_body(1 << 20);
  Result<std::string> body = co_await reading;
  const std::string text = "taken: " + (body ? *body : body.error().to_string());
  const Response response{.status = 202,
                          .content_type = "text/plain",
                          .fields = request.context.response_fields,
                          .lines = {},
                          .body = text};
  io::Task<void> responding = exchange.respond(response);
  co_await responding;
}

void ProxyTest::start(std::string_view yaml) {
  const config::LoadResult loaded = config::load_text(
      "test.yaml", "listen: http://127.0.0.1:0\n" + std::string(yaml), config::empty_sources());
  for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
  ASSERT_TRUE(loaded.ok());
  metrics_.begin_generation();
  auto snapshot = build_snapshot(loaded.config, state_, 1);
  ASSERT_TRUE(snapshot) << snapshot.error().to_string();
  auto clusters = upstream::build_clusters((*snapshot)->apis, nullptr, clock_.wall_ns());
  ASSERT_TRUE(clusters) << clusters.error().to_string();
  cluster_list_ = *clusters;
  handler_ = std::make_unique<GatewayHandler>(clusters_, shard_, GaugeId{}, access_ring_, flows_, Logger());
  handler_->adopt(*snapshot, *cluster_list_);
  const config::LimitsConfig& limits = loaded.config->limits;
  ServerLimits server_limits;
  server_limits.head.max_header_bytes = limits.max_header_bytes;
  server_limits.head.max_fields = limits.max_headers;
  server_limits.max_buffer_bytes = limits.max_buffer_bytes;
  server_limits.body_timeout_ns = limits.body_timeout.count();
  server_limits.send_timeout_ns = limits.send_timeout.count();
  server_ = std::make_unique<Server>(*loop_, *handler_, server_limits, Logger(), shard_, ServerMetrics{});
  ListenerOptions options;
  options.trusted_proxies = (*snapshot)->trusted_proxies.front();
  listen(std::move(options));
}

std::string ProxyTest::simple(const std::vector<const Backend*>& backends, std::string_view api,
                              std::string_view more, std::string_view endpoint) {
  std::string servers;
  for (const Backend* backend : backends) servers += (servers.empty() ? "" : ", ") + backend->url();
  return "apis:\n  backend:\n    servers: [" + servers + "]\n    " + std::string(api) +
         "\nendpoints:\n  all:\n    path: /{rest...}\n    proxy: { api: backend }\n    " +
         std::string(endpoint) + "\n" + std::string(more) + "\n";
}

void ProxyTest::settle() {
  for (int i = 0; i < 10; ++i) loop_->run_once(1);
}

void ProxyTest::pass_ms(std::int64_t ms) {
  clock_.advance(ms * kNsPerMs);
  settle();
  clock_.advance(2 * kNsPerMs);
  settle();
}

std::unique_ptr<Client> ProxyTest::accepted(Backend& backend) {
  std::unique_ptr<Client> peer;
  EXPECT_TRUE(run_until([&] { return (peer = backend.accept()) != nullptr; })) << "no connection came";
  return peer;
}

std::unique_ptr<Client> ProxyTest::asked(Backend& backend) {
  std::unique_ptr<Client> peer = accepted(backend);
  EXPECT_TRUE(peer != nullptr && receives(*peer, "\r\n\r\n"));
  return peer;
}

bool ProxyTest::receives(Client& client, std::string_view text) {
  return run_until([&] {
           client.read();
           return client.received.find(text) != std::string::npos || client.ended || client.reset;
         }) &&
         client.received.find(text) != std::string::npos;
}

bool ProxyTest::send_all(Client& client, std::string_view bytes) {
  return run_until([&] {
    bytes.remove_prefix(client.send_some(bytes));
    return bytes.empty();
  });
}

const std::string& ProxyTest::log() {
  for (auto bytes = access_ring_.readable(); !bytes.empty(); bytes = access_ring_.readable()) {
    log_.append(bytes.data(), bytes.size());
    access_ring_.consume(bytes.size());
  }
  return log_;
}

const std::string& ProxyTest::log_lines(std::ptrdiff_t count) {
  EXPECT_TRUE(run_until([&] {
    const std::string& text = log();
    return std::ranges::count(text, '\n') >= count;
  })) << "no access-log line";
  return log_;
}

const upstream::ServerState& ProxyTest::server_state(std::size_t index) const {
  return *cluster_list_->clusters.front()->state(index);
}

ProxyTest::ProxyTest() = default;
ProxyTest::~ProxyTest() = default;

}  // namespace linkspan::gateway::testing
