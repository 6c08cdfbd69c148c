#include "poller.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace linkspan::loadgen {

Poller::Poller() : fd_(epoll_create1(EPOLL_CLOEXEC)) {
  if (fd_ < 0) give_up_errno("epoll_create1");
}

Poller::~Poller() {
  close(fd_);
}

void Poller::add(int fd, Pollable& pollable) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &pollable;
  if (epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event) != 0) give_up_errno("epoll_ctl");
}

void Poller::poll(int timeout_ms) {
  constexpr int kBatch = 128;
  epoll_event events[kBatch];
  const int count = epoll_wait(fd_, events, kBatch, timeout_ms);
  if (count < 0 && errno != EINTR) give_up_errno("epoll_wait");
  for (int i = 0; i < count; ++i) static_cast<Pollable*>(events[i].data.ptr)->on_ready(events[i].events);
}

void give_up(const std::string& why) {
  std::fprintf(stderr, "linkspan_loadgen: %s\n", why.c_str());
  std::exit(1);
}

void give_up_errno(const char* what) {
  give_up(std::string(what) + ": " + std::strerror(errno));
}

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

void tune_socket(int fd) {
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  constexpr std::string_view kReno = "reno";
  setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, kReno.data(), kReno.size());
}

}  // namespace linkspan::loadgen
