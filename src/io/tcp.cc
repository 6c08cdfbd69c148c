#include "io/tcp.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iterator>

#include <linux/filter.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/error_kinds.h"

namespace linkspan::io {

namespace {

constexpr int kMaxDrained = 65'536;  // the longest backlog; an end even while connections keep coming

void set_option(int fd, int level, int option) {
  const int on = 1;
  ::setsockopt(fd, level, option, &on, sizeof on);
}

// What this process or machine lacks, whatever server is asked. Without an IPv6 address of its own a machine
// also says EADDRNOTAVAIL, which is no want of ports.
bool is_own_want(const SocketAddress& address, int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == ENOSPC ||
         (error == EADDRNOTAVAIL && address.family() == AF_INET);
}

const ErrorKind& connect_error_kind(const SocketAddress& address, int error) {
  if (error == ECONNREFUSED) return errors::upstream_connect_refused;
  return is_own_want(address, error) ? errors::out_of_sockets : errors::upstream_connect_failed;
}

Error connect_error(const SocketAddress& address, int error) {
  const ErrorKind& kind = connect_error_kind(address, error);
  return {kind, address.to_string() + ": " + std::strerror(error)};
}

Error listen_error(const SocketAddress& address, const char* call) {
  return {errors::listen_failed, address.to_string() + ": " + call + ": " + std::strerror(errno)};
}

// Lets a listening socket lose what would open further connections, as a network may. A client tries again
// after a second and then finds whoever listens by then, or nobody. Without it, who comes between the last
// accept() and close() is connected and then reset.
void put_off_attempts(int fd) {
  constexpr unsigned kFlagsOffset = 13;  // in a segment (RFC 9293 section 3.1), which is what the filter sees
  constexpr unsigned kSyn = 0x02;
  sock_filter program[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlagsOffset),
                           BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kSyn, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
                           BPF_STMT(BPF_RET | BPF_K, UINT32_MAX)};
  const sock_fprog filter{std::size(program), program};
  ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

}  // namespace

Task<Result<void>> connect(Stream& stream, Waiter& waiter, SocketAddress address, MonotonicNs deadline) {
  UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) co_return connect_error(address, errno);
  set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY);
  if (::connect(fd.get(), address.data(), address.size()) != 0 && errno != EINPROGRESS) {
    co_return connect_error(address, errno);
  }
  Result<void> opened = stream.open(std::move(fd));
  if (!opened) co_return Error(errors::out_of_sockets, opened.error().detail());
  while (!stream.may_write()) {
    const Wake wake = co_await waiter.wait(deadline);
    if (wake == Wake::timeout) {
      stream.close();
      co_return Error(errors::upstream_timeout_connect,
                      address.to_string() + ": no answer to the connection attempt");
    }
  }
  const int error = stream.take_socket_error();
  if (error != 0) {
    stream.close();
    co_return connect_error(address, error);
  }
  co_return Result<void>();
}

Result<UniqueFd> listen_tcp(const SocketAddress& address, int backlog) {
  UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return listen_error(address, "socket");
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR);
  set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT);
  if (address.family() == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  // Accepted sockets inherit it.
  set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY);
  if (::bind(fd.get(), address.data(), address.size()) != 0) return listen_error(address, "bind");
  if (::listen(fd.get(), backlog) != 0) return listen_error(address, "listen");
  return fd;
}

Result<void> check_not_listened_to(const SocketAddress& address) {
  const UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return listen_error(address, "socket");
  // Connections of a process that has ended are no hindrance; a listening socket is, without SO_REUSEPORT
  // here.
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR);
  if (address.family() == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  if (::bind(fd.get(), address.data(), address.size()) != 0) return listen_error(address, "bind");
  return {};
}

Result<SocketAddress> local_address(int fd) {
  SocketAddress address;
  socklen_t size = SocketAddress::kCapacity;
  if (::getsockname(fd, address.data(), &size) != 0) {
    return Error(errors::system_error, std::string("getsockname: ") + std::strerror(errno));
  }
  return address;
}

Acceptor::Acceptor(Loop& loop, UniqueFd listening, Handler& handler)
    : Watcher(&on_ready), loop_(loop), listening_(std::move(listening)), handler_(handler), retry_(*this) {}

Acceptor::~Acceptor() {
  if (listening_.valid()) loop_.remove(listening_.get());
}

Result<void> Acceptor::start() {
  return loop_.add(listening_.get(), *this, Loop::kLevelRead);
}

void Acceptor::on_ready(Watcher& watcher, std::uint32_t) {
  // Level-triggered with a bound, so that a flood of connections does not starve the requests in flight.
  static_cast<Acceptor&>(watcher).accept_some(64);
}

void Acceptor::accept_some(int at_most) {
  for (int i = 0; i < at_most && listening_.valid(); ++i) {
    SocketAddress peer;
    socklen_t size = SocketAddress::kCapacity;
    UniqueFd fd(::accept4(listening_.get(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.valid()) {
      handler_.on_accept(std::move(fd), peer);
      continue;
    }
    switch (errno) {
      case EAGAIN:
        return;
      // This one connection failed before we took it (accept(2)).
      case ECONNABORTED:
      case EINTR:
      case EPERM:
      case EPROTO:
      case ENETDOWN:
      case ENETUNREACH:
      case EHOSTDOWN:
      case EHOSTUNREACH:
      case ENOPROTOOPT:
      case EOPNOTSUPP:
        break;
      default:
        back_off(errno);
        return;  // EMFILE, ENFILE, ENOBUFS, ENOMEM
    }
  }
}

void Acceptor::back_off(int error) {
  loop_.remove(listening_.get());
  loop_.arm(retry_, loop_.now() + MonotonicNs{kBackoffMs} * 1'000'000);
  handler_.on_backoff(error);
}

void Acceptor::on_retry(Timer& timer) {
  Acceptor& self = *static_cast<RetryTimer&>(timer).acceptor;
  if (!self.loop_.add(self.listening_.get(), self, Loop::kLevelRead)) self.back_off(ENOMEM);
}

void Acceptor::drain_and_close() {
  if (!listening_.valid()) return;
  put_off_attempts(listening_.get());
  accept_some(kMaxDrained);
  if (!retry_.armed()) loop_.remove(listening_.get());
  retry_.cancel();
  listening_.reset();
}

}  // namespace linkspan::io
