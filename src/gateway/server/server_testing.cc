#include "gateway/server/server_testing.h"

namespace linkspan::gateway::testing {

io::Task<void> TestHandler::handle(Exchange& exchange) {
  ++requests;
  const std::string_view path = exchange.request().path;
  if (path == "/silent") co_return;
  if (path == "/broken") {
    exchange.set_response_state(ResponseState::broken);
    co_return;
  }
  if (path == "/fields") {
    const std::string value(10'000, 'v');
    const ResponseField fields[] = {{"First", value}, {"Second", value}};
    io::Task<void> responding = exchange.respond({.fields = fields, .body = "x"});
    co_await responding;
    co_return;
  }
  if (path == "/echo") {
    io::Task<void> echoing = echo(exchange);
    co_await echoing;
    co_return;
  }
  if (path == "/wait") {
    waiting.push_back(&exchange);
    while (!released && !exchange.client().broken()) co_await exchange.waiter().wait(io::Waiter::kNever);
    std::erase(waiting, &exchange);
  }
  io::Task<void> responding = answer(exchange, path);
  co_await responding;
}

void TestHandler::on_malformed(Exchange&, const ErrorKind& kind, std::string_view) {
  malformed.push_back(kind.slug);
}

void TestHandler::release() {
  released = true;
  const std::vector<Exchange*> all = waiting;
  for (Exchange* exchange : all) exchange->waiter().notify();
}

io::Task<void> TestHandler::echo(Exchange& exchange) {
  io::Task<Result<std::string>> reading = exchange.read_body(kMaxEchoBytes);
  const Result<std::string> body = co_await reading;
  if (!body) {
    io::Task<void> refusing = exchange.respond_problem(body.error().kind(), body.error().detail());
    co_await refusing;
    co_return;
  }
  io::Task<void> responding = exchange.respond({.content_type = "text/plain", .body = *body});
  co_await responding;
}

io::Task<void> TestHandler::answer(Exchange& exchange, std::string_view path) {
  constexpr std::string_view kLong = "/long/";
  std::string text(path.substr(1));
  if (path.starts_with(kLong)) {
    text.assign(static_cast<std::size_t>(*parse_u64(path.substr(kLong.size()))), 'x');
  } else if (path == "/peer") {
    char buffer[http::kMaxIpAddressText];
    text = http::format_ip_address(exchange.peer(), buffer);
  } else if (path != "/hello" && path != "/ignore" && path != "/wait") {
    exchange.set_request_id("r-1");
    io::Task<void> refusing = exchange.respond_problem(errors::endpoint_not_found, "no <such> path");
    co_await refusing;
    co_return;
  }
  io::Task<void> responding = exchange.respond({.content_type = "text/plain", .body = text});
  co_await responding;
}

Client::Client(const io::SocketAddress& address, int receive_buffer_bytes)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer_bytes != 0) {
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connected_ = ::connect(fd_.get(), address.data(), address.size()) == 0;
}

bool Client::send(std::string_view bytes) {
  return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(bytes.size());
}

std::size_t Client::send_some(std::string_view bytes) {
  const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

void Client::close_with_reset() {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  fd_.reset();
}

void Client::read() {
  char buffer[65536];
  while (!ended && !reset) {
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got > 0) received.append(buffer, static_cast<std::size_t>(got));
    if (got == 0) ended = true;
    if (got < 0 && errno == EAGAIN) return;
    if (got < 0) reset = true;
  }
}

void Client::read_some() {
  char buffer[4096];
  const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got > 0) received.append(buffer, static_cast<std::size_t>(got));
}

void LoopServerTest::TearDown() {
  if (server_ == nullptr) return;
  server_->abort_all();
  EXPECT_TRUE(run_until([this] { return server_->open_connections() == 0; }));
  server_.reset();  // before the handler, which is the derived class's
}

void LoopServerTest::listen(ListenerOptions options) {
  Result<io::UniqueFd> listening = io::listen_tcp(*io::SocketAddress::parse("127.0.0.1", 0), 128);
  ASSERT_TRUE(listening);
  address_ = *io::local_address(listening->get());
  options.name = "test";
  ASSERT_TRUE(server_->add_listener("test", std::move(*listening),
                                    std::make_shared<const ListenerOptions>(std::move(options))));
}

bool LoopServerTest::run_until(const std::function<bool()>& done) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    loop_->run_once(1);
  }
  return true;
}

bool LoopServerTest::ends(Client& client) {
  return run_until([&] {
    client.read();
    return client.ended || client.reset;
  });
}

void ServerTest::start(const ServerLimits& limits, ListenerOptions options) {
  server_ =
      std::make_unique<Server>(*loop_, handler_, limits, Logger(), metrics_.add_shard(), ServerMetrics{});
  listen(std::move(options));
}

void ServerTest::settle() {
  for (int i = 0; i < 10; ++i) loop_->run_once(0);
}

void ServerTest::pass_ms(std::int64_t ms) {
  clock_.advance(ms * kNsPerMs);
  settle();
}

Message ServerTest::next(Client& client, bool bodiless) {
  Message message;
  run_until([&] {
    client.read();
    return take(client.received, message, bodiless) || client.ended || client.reset;
  });
  return message;
}

bool ServerTest::accepted(std::size_t count) {
  return run_until([&] { return server_->open_connections() == count; });
}

bool ServerTest::take(std::string& received, Message& message, bool bodiless) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::string_view head = std::string_view(received).substr(0, end + 4);
  std::size_t length = 0;
  const std::string_view field = "\r\nContent-Length: ";
  if (const std::size_t at = head.find(field); at != std::string_view::npos && !bodiless) {
    const std::string_view digits = head.substr(at + field.size());
    length = static_cast<std::size_t>(*parse_u64(digits.substr(0, digits.find('\r'))));
  }
  if (received.size() < head.size() + length) return false;
  message.status = static_cast<int>(*parse_u64(head.substr(9, 3)));
  message.head = head;
  message.body = received.substr(head.size(), length);
  received.erase(0, head.size() + length);
  return true;
}

std::string get(std::string_view path, std::string_view fields) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view path, std::string_view fields, std::string_view body) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n" +
         std::string(body);
}

LoopServerTest::LoopServerTest() = default;
LoopServerTest::~LoopServerTest() = default;
ServerTest::ServerTest() = default;
ServerTest::~ServerTest() = default;

}  // namespace linkspan::gateway::testing
