#include "io/stream.h"

#include <cerrno>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "io/system_call.h"

namespace linkspan::io {

Result<void> Stream::open(UniqueFd fd) {
  Result<void> added = loop_->add(fd.get(), *this);
  if (!added) return added;
  fd_ = fd.release();
  readable_ = writable_ = peer_gone_ = broken_ = false;
  return {};
}

void Stream::close() {
  if (fd_ < 0) return;
  if (ssl_ != nullptr) tls_close(true);
  release();
}

void Stream::reset() {
  if (fd_ < 0) return;
  // Without close_notify: a peer that reads TLS must not take the end for an orderly one either.
  if (ssl_ != nullptr) tls_close(false);
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  release();
}

void Stream::release() {
  loop_->close(fd_);
  fd_ = -1;
  readable_ = writable_ = false;
}

void Stream::on_ready(Watcher& watcher, std::uint32_t events) {
  auto& stream = static_cast<Stream&>(watcher);
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) stream.readable_ = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) stream.writable_ = true;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) stream.peer_gone_ = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) stream.broken_ = true;
  if (stream.waiter_ != nullptr) stream.waiter_->notify();
}

IoResult Stream::read(std::span<char> out) {
  return ssl_ == nullptr ? read_socket(out) : tls_read(out);
}

IoResult Stream::read_socket(std::span<char> out) {
  if (!readable_) return {.status = IoStatus::would_block};
  ssize_t got = 0;
  do {
    got = system_call::recv(fd_, out.data(), out.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    const auto bytes = static_cast<std::size_t>(got);
    // A short read has emptied the socket: the next arrival raises a new edge. The end of the stream raised
    // its edge already, so once that was seen reading goes on until it is found.
    if (bytes < out.size() && !peer_gone_) readable_ = false;
    return {.bytes = bytes};
  }
  if (got == 0) {
    peer_gone_ = true;
    return {.status = IoStatus::closed};
  }
  if (errno == EAGAIN) {
    readable_ = false;
    return {.status = IoStatus::would_block};
  }
  peer_gone_ = true;
  return {.status = IoStatus::failed, .error = errno};
}

IoResult Stream::write(std::span<const char> data) {
  const iovec piece{const_cast<char*>(data.data()), data.size()};  // it is only read from
  return ssl_ == nullptr ? send_socket(data) : tls_write({&piece, 1});
}

IoResult Stream::send_socket(std::span<const char> data) {
  if (!writable_) return {.status = IoStatus::would_block};
  ssize_t sent = 0;
  do {
    sent = system_call::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return written(sent, data.size());
}

IoResult Stream::write(std::span<const iovec> pieces) {
  return ssl_ == nullptr ? write_socket(pieces) : tls_write(pieces);
}

IoResult Stream::write_socket(std::span<const iovec> pieces) {
  if (!writable_) return {.status = IoStatus::would_block};
  std::size_t total = 0;
  for (const iovec& piece : pieces) total += piece.iov_len;
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // sendmsg does not write to it
  message.msg_iovlen = pieces.size();
  ssize_t sent = 0;
  do {
    sent = system_call::sendmsg(fd_, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return written(sent, total);
}

IoResult Stream::written(ssize_t sent, std::size_t offered) {
  if (sent >= 0) {
    const auto bytes = static_cast<std::size_t>(sent);
    if (bytes < offered) writable_ = false;
    return {.bytes = bytes};
  }
  if (errno == EAGAIN) {
    writable_ = false;
    return {.status = IoStatus::would_block};
  }
  peer_gone_ = true;
  return {.status = IoStatus::failed, .error = errno};
}

void Stream::shutdown_write() {
  if (fd_ < 0) return;
  if (ssl_ != nullptr && !tls_shutdown()) return;
  ::shutdown(fd_, SHUT_WR);
}

std::size_t Stream::unacknowledged() const {
  int bytes = 0;
  if (::ioctl(fd_, SIOCOUTQ, &bytes) != 0) return 0;
  return static_cast<std::size_t>(bytes);
}

int Stream::take_socket_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

}  // namespace linkspan::io
