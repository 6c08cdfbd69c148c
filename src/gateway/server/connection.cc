#include "gateway/server/connection.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error_kinds.h"
#include "gateway/server/server.h"
#include "http/proxy_protocol.h"
#include "io/tls_handshake.h"

namespace linkspan::gateway {

namespace {

// Requests answered back to back before other connections get their turn.
constexpr std::uint16_t kMaxRequestsPerBatch = 32;
constexpr std::int64_t kLingerNs = 2 * kNsPerSecond;
constexpr std::size_t kMaxLingerBytes = 1024 * 1024;

http::IpAddress to_ip_address(const io::SocketAddress& address) {
  if (address.family() == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(*address.data());
    std::array<std::uint8_t, 4> octets;
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return http::IpAddress::v4(octets);
  }
  http::IpAddress result;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(*address.data());
  std::memcpy(result.bytes.data(), &v6.sin6_addr, result.bytes.size());
  return result;
}

}  // namespace

Connection::Connection(Server& server, std::shared_ptr<const ListenerOptions> listener,
                       const io::SocketAddress& peer)
    : server_(server),
      listener_(std::move(listener)),
      stream_(server.loop()),
      waiter_(*this, server.loop()),
      idle_timer_(*this),
      peer_(to_ip_address(peer)),
      established_(listener_->tls == nullptr && !listener_->proxy_protocol) {
  stream_.set_waiter(&waiter_);
}

Connection::~Connection() = default;

bool Connection::open(io::UniqueFd socket) {
  if (!stream_.open(std::move(socket))) return false;
  server_.loop().arm(idle_timer_, server_.loop().now() + server_.limits().idle_timeout_ns);
  return true;
}

void Connection::on_wake(io::Waiter& waiter) {
  static_cast<OwnWaiter&>(waiter).connection->start();
}

void Connection::on_idle_timeout(io::Timer& timer) {
  static_cast<IdleTimer&>(timer).connection->close_idle();
}

void Connection::close_idle() {
  end();
}

void Connection::abort() {
  // Ends both directions: whatever this connection's request waits for, it is woken and finds the stream
  // broken.
  ::shutdown(stream_.fd(), SHUT_RDWR);
}

void Connection::start() {
  if (!stream_.may_read()) return;  // writable, or a late edge
  idle_timer_.cancel();
  waiter_.set_idle_callback(nullptr);
  exchange_ = server_.take_exchange();
  exchange_->connection_ = this;
  exchange_->outbox_.emplace(stream_, server_.buffers());
  head_deadline_ = server_.loop().now() + server_.limits().header_timeout_ns;
  io::spawn(serve());
}

void Connection::rest() {
  server_.give_back(exchange_);
  exchange_ = nullptr;
  waiter_.set_idle_callback(&on_wake);
  server_.loop().arm(idle_timer_, server_.loop().now() + server_.limits().idle_timeout_ns);
}

void Connection::end() {
  if (exchange_ != nullptr) server_.give_back(exchange_);
  exchange_ = nullptr;
  stream_.close();
  server_.on_closed(*this);
}

io::Task<void> Connection::serve() {
  if (!established_) {
    io::Task<bool> establishing = establish();
    established_ = co_await establishing;
    if (!established_) {
      end();
      co_return;
    }
  }
  while (true) {
    HeadState state = read_head();
    while (state == HeadState::need_more) {
      const io::Wake wake = co_await waiter_.wait(head_deadline_);
      state = wake == io::Wake::timeout ? HeadState::timeout : read_head();
    }
    if (state == HeadState::idle) {
      rest();
      co_return;
    }
    if (state == HeadState::closed) break;
    begin_request();
    if (state != HeadState::complete) {
      io::Task<void> refusing = refuse(state);
      co_await refusing;
      break;
    }
    io::Task<void> handling = server_.handler().handle(*exchange_);
    co_await handling;
    if (exchange_->response_state_ == ResponseState::none) {
      io::Task<void> failing =
          exchange_->respond_problem(errors::internal_error, "the request was accepted but not answered");
      co_await failing;
    }
    if (!finish_request()) {
      if (exchange_->response_state_ == ResponseState::complete) {
        io::Task<void> lingering = linger();
        co_await lingering;
      } else {
        stream_.reset();
      }
      break;
    }
    if (requests_in_batch_ >= kMaxRequestsPerBatch) {
      requests_in_batch_ = 0;
      co_await waiter_.wait(server_.loop().now());
    }
  }
  end();
}

void Connection::begin_request() {
  ++requests_;
  Exchange& exchange = *exchange_;
  exchange.started_ns_ = server_.loop().now();
  if (exchange.started_ns_ == batch_ns_) {
    ++requests_in_batch_;
  } else {
    batch_ns_ = exchange.started_ns_;
    requests_in_batch_ = 0;
  }
  exchange.status_ = 0;
  exchange.response_state_ = ResponseState::none;
  exchange.close_ = false;
  exchange.malformed_ = false;
  exchange.request_id_ = {};
  exchange.sent_before_ = exchange.outbox_->bytes_sent();
}

bool Connection::finish_request() {
  Exchange& exchange = *exchange_;
  if (exchange.close_ || exchange.response_state_ != ResponseState::complete || !exchange.body_.finished()) {
    return false;
  }
  exchange.body_.give_back_excess(exchange.input_);
  head_deadline_ = server_.loop().now() + server_.limits().header_timeout_ns;
  return true;
}

Connection::HeadState Connection::read_head() {
  Exchange& exchange = *exchange_;
  InputBuffer& input = exchange.input_;
  while (true) {
    if (!input.empty()) {
      const http::ParseStatus status =
          http::parse_request_head(input.unread(), server_.limits().head, exchange.scanned_, exchange.head_);
      if (status.state == http::ParseState::error) return HeadState::refused;
      if (status.state == http::ParseState::complete) {
        input.at += status.bytes;
        exchange.head_bytes_ = status.bytes;
        exchange.scanned_ = 0;
        exchange.body_at_ = input.at;
        exchange.body_.begin(exchange.head_);
        return HeadState::complete;
      }
      exchange.scanned_ = status.bytes;
    }
    make_room(input);
    const io::IoResult result =
        stream_.read({input.buffer.data() + input.end, input.buffer.capacity() - input.end});
    if (result.status == io::IoStatus::would_block)
      return input.empty() ? HeadState::idle : HeadState::need_more;
    if (result.status != io::IoStatus::ok) return HeadState::closed;
    input.end += result.bytes;
  }
}

void Connection::make_room(InputBuffer& input) const {
  if (input.buffer.empty()) input.buffer = server_.buffers().acquire();
  if (input.empty()) {
    input.at = input.end = 0;
  } else if (input.end == input.buffer.capacity()) {
    // The head did not fit behind what was before it, or at all. The parser refuses one that exceeds its
    // limit.
    const std::string_view unread = input.unread();
    if (input.at == 0) {
      Buffer larger = server_.buffers().acquire(input.buffer.capacity() * 2);
      std::memcpy(larger.data(), unread.data(), unread.size());
      input.buffer = std::move(larger);
    } else {
      std::memmove(input.buffer.data(), unread.data(), unread.size());
    }
    input.end = unread.size();
    input.at = 0;
  }
}

io::Task<void> Connection::refuse(HeadState state) {
  Exchange& exchange = *exchange_;
  exchange.malformed_ = true;
  exchange.close_ = true;
  const bool late = state == HeadState::timeout;
  const http::ProtocolError& error = exchange.head_.error;
  const ErrorKind& kind = late ? errors::request_timeout : error.kind();
  const std::string_view detail =
      late ? std::string_view("the request's header section did not arrive in time") : error.detail();
  exchange.started_ns_ = std::min(head_deadline_ - server_.limits().header_timeout_ns, exchange.started_ns_);
  exchange.head_bytes_ = exchange.input_.unread().size();
  char id_storage[Handler::kMalformedIdBytes];
  exchange.request_id_ = server_.handler().name_malformed(id_storage);
  const ResponseField id_field{"X-Request-Id", exchange.request_id_};
  const std::span<const ResponseField> fields(&id_field, exchange.request_id_.empty() ? 0 : 1);
  io::Task<void> responding = exchange.respond_problem(kind, detail, fields);
  co_await responding;
  server_.handler().on_malformed(exchange, kind, detail);
  if (exchange.response_state_ == ResponseState::complete) {
    io::Task<void> lingering = linger();
    co_await lingering;
  }
}

// RFC 9112 section 9.6: closing while the client still sends would make its system discard our answer.
io::Task<void> Connection::linger() {
  stream_.shutdown_write();
  const MonotonicNs deadline = server_.loop().now() + kLingerNs;
  std::size_t discarded = 0;
  while (discarded < kMaxLingerBytes) {
    const io::IoResult result = stream_.read(server_.loop().read_scratch());
    if (result.status == io::IoStatus::would_block) {
      const io::Wake wake = co_await waiter_.wait(deadline);
      if (wake == io::Wake::timeout) co_return;
    } else if (result.status != io::IoStatus::ok) {
      co_return;
    }
    discarded += result.bytes;
  }
}

io::Task<bool> Connection::establish() {
  const MonotonicNs deadline = head_deadline_;
  bool ok = true;
  if (listener_->proxy_protocol) {
    io::Task<bool> reading = read_proxy_header(deadline);
    ok = co_await reading;
  }
  if (ok && listener_->tls != nullptr) {
    io::Task<bool> shaking = shake_hands(deadline);
    ok = co_await shaking;
  }
  if (!ok) server_.shard_.add(server_.metrics_.handshake_failures);
  co_return ok;
}

// The header is peeked at until it is whole, and then exactly its bytes are taken: what follows belongs to
// TLS or HTTP.
io::Task<bool> Connection::read_proxy_header(MonotonicNs deadline) {
  while (true) {
    const std::span<char> space = server_.loop().read_scratch().first(http::kMaxProxyHeaderBytes);
    const ssize_t got = ::recv(stream_.fd(), space.data(), space.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got == 0) co_return false;
    if (got > 0) {
      http::ProxyHeader header;
      const http::ParseStatus status =
          http::parse_proxy_header({space.data(), static_cast<std::size_t>(got)}, header);
      if (status.state == http::ParseState::error) {
        server_.log_no_proxy_header(*listener_, header.error.detail());
        co_return false;
      }
      if (status.state == http::ParseState::complete) {
        if (header.has_addresses) peer_ = header.source;
        const io::IoResult taken = stream_.read(space.first(status.bytes));
        co_return taken.bytes == status.bytes;
      }
    }
    const io::Wake wake = co_await waiter_.wait(deadline);
    if (wake == io::Wake::timeout || stream_.peer_gone()) co_return false;
  }
}

io::Task<bool> Connection::shake_hands(MonotonicNs deadline) {
  stream_.start_tls(listener_->tls->accept());
  io::Task<Result<void>> accepting = io::tls_accept(stream_, waiter_, deadline);
  const Result<void> accepted = co_await accepting;
  if (accepted) co_return true;
  server_.log_.debug("TLS handshake failed",
                     {{"listener", listener_->name}, {"reason", accepted.error().detail()}});
  co_return false;
}

}  // namespace linkspan::gateway
