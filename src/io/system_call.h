// The system calls of the request path, straight. In a process with threads glibc makes each of them a
// cancellation point, which costs two locked instructions (some 40 ns a call); no thread of ours is ever
// cancelled. Same arguments, results and errno as the functions of the same names. Private to this room.
#pragma once

#include <cstddef>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sanitizer.h"

namespace linkspan::io::system_call {

#if LINKSPAN_TSAN

// ThreadSanitizer learns from the functions which thread waits for which.
using ::epoll_wait;
using ::recv;
using ::send;
using ::sendmsg;

#else

inline ssize_t recv(int fd, void* out, std::size_t bytes, int flags) {
  return ::syscall(SYS_recvfrom, fd, out, bytes, flags, nullptr, nullptr);
}

inline ssize_t send(int fd, const void* data, std::size_t bytes, int flags) {
  return ::syscall(SYS_sendto, fd, data, bytes, flags, nullptr, 0);
}

inline ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  return ::syscall(SYS_sendmsg, fd, message, flags);
}

inline int epoll_wait(int epoll, epoll_event* events, int capacity, int timeout_ms) {
  // epoll_wait itself does not exist on all architectures.
  return static_cast<int>(
      ::syscall(SYS_epoll_pwait, epoll, events, capacity, timeout_ms, nullptr, std::size_t{8}));
}

#endif

}  // namespace linkspan::io::system_call
