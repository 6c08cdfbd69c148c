#include "upstream/upstream_testing.h"

namespace linkspan::upstream::testing {

io::Task<Result<io::Resolution>> FakeResolver::resolve(std::string host, std::uint16_t port, io::Waiter&,
                                                       MonotonicNs) {
  io::Resolution resolution{.addresses = {}, .expires_at = io::Resolution::kForever};
  const auto found = names.find(host);
  const std::vector<std::string> hosts = found != names.end() ? found->second : std::vector{host};
  for (const std::string& numeric : hosts) {
    Result<io::SocketAddress> address = io::SocketAddress::parse(numeric, port);
    if (!address) co_return Error(errors::upstream_dns_failed, host + " does not exist");
    resolution.addresses.push_back(*address);
  }
  co_return resolution;
}

TestServer::TestServer(io::Loop& loop, Script script, std::shared_ptr<const io::ServerTls> tls)
    : loop_(loop), script_(std::move(script)), tls_(std::move(tls)) {
  listen(0);
}

std::string TestServer::label() const {
  return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
}

std::size_t TestServer::open_connections() const {
  std::size_t open = 0;
  for (const auto& peer : peers_) open += peer->stream.is_open() ? 1 : 0;
  return open;
}

void TestServer::say_on_all(std::string_view bytes) {
  for (const auto& peer : peers_) {
    if (!peer->stream.is_open()) continue;
    EXPECT_EQ(peer->stream.write({bytes.data(), bytes.size()}).bytes, bytes.size());
  }
}

void TestServer::stop() {
  acceptor_.reset();
  peers_.clear();
}

void TestServer::listen(std::uint16_t port) {
  auto fd = io::listen_tcp(*io::SocketAddress::parse("127.0.0.1", port), 64);
  ASSERT_TRUE(fd) << fd.error().detail();
  port_ = io::local_address(fd->get())->port();
  acceptor_ = std::make_unique<io::Acceptor>(loop_, std::move(*fd), *this);
  ASSERT_TRUE(acceptor_->start());
}

void TestServer::on_accept(io::UniqueFd socket, const io::SocketAddress&) {
  ++accepted_;
  peers_.push_back(std::make_unique<Peer>(loop_));
  Peer& peer = *peers_.back();
  ASSERT_TRUE(peer.stream.open(std::move(socket)));
  peer.stream.set_waiter(&peer.waiter);
  peer.job = start(serve(*this, peer));
}

io::Task<void> TestServer::serve(TestServer& server, Peer& peer) {
  if (server.tls_) {
    peer.stream.start_tls(server.tls_->accept());
    Result<void> secured = co_await io::tls_accept(peer.stream, peer.waiter, io::Waiter::kNever);
    if (!secured) co_return;
  }
  std::string input;
  char buffer[4096];
  while (true) {
    const std::size_t end = message_end(input);
    if (end != 0) {
      server.requests_.push_back(input.substr(0, end));
      input.erase(0, end);
      const Reply reply = server.script_ ? server.script_(server.requests_.back()) : Reply{};
      if (reply.hang) continue;
      if (!reply.bytes.empty()) peer.stream.write({reply.bytes.data(), reply.bytes.size()});
      if (reply.reset) peer.stream.reset();
      if (reply.close) peer.stream.close();
      if (reply.reset || reply.close) co_return;
      continue;
    }
    const io::IoResult got = peer.stream.read(buffer);
    if (got.status == io::IoStatus::ok) {
      input.append(buffer, got.bytes);
    } else if (got.status == io::IoStatus::would_block) {
      co_await peer.waiter.wait(io::Waiter::kNever);
    } else {
      peer.stream.close();
      co_return;
    }
  }
}

std::size_t TestServer::message_end(const std::string& input) {
  const std::size_t head = input.find("\r\n\r\n");
  if (head == std::string::npos) return 0;
  const std::size_t length = input.find("Content-Length: ");
  const std::size_t body = length < head ? std::stoul(input.substr(length + 16)) : 0;
  return input.size() >= head + 4 + body ? head + 4 + body : 0;
}

ServerSettings server_at(std::uint16_t port, std::uint32_t weight) {
  ServerSettings server;
  server.host = "127.0.0.1";
  server.port = port;
  server.weight = weight;
  server.label = "http://127.0.0.1:" + std::to_string(port);
  return server;
}

ClusterSettings api_of(std::vector<ServerSettings> servers, std::string name) {
  ClusterSettings settings;
  settings.name = std::move(name);
  settings.servers = std::move(servers);
  return settings;
}

UpstreamTest::UpstreamTest() : loop(std::move(*io::Loop::create(clock))), shard(&registry.add_shard()) {
  set = std::make_unique<ClusterSet>(*loop, resolver, *shard, Logger());
}

Cluster& UpstreamTest::adopt(ClusterSettings settings) {
  adopt_all({std::move(settings)});
  return *set->clusters().front();
}

void UpstreamTest::adopt_all(std::vector<ClusterSettings> settings) {
  auto built = build_clusters(std::move(settings), list.get(), clock.wall_ns());
  ASSERT_TRUE(built) << built.error().detail();
  list = *built;
  set->adopt(*list);
}

void UpstreamTest::settle() {
  for (int round = 0; round < 10; ++round) loop->run_once(1);
}

void UpstreamTest::advance(MonotonicNs by) {
  clock.advance(by);
  settle();
}

Result<Response> UpstreamTest::get(Cluster& cluster, std::string target) {
  Request request{.target = std::move(target)};
  return run(send(cluster, std::move(request), loop->now() + 10 * kNsPerSecond));
}

UpstreamTest::~UpstreamTest() = default;
TestServer::~TestServer() = default;

}  // namespace linkspan::upstream::testing
