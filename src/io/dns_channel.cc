#include "io/dns_channel.h"

#include <algorithm>

#include <ares.h>

#include "base/error_kinds.h"

namespace linkspan::io {

namespace {

DnsAnswer::Outcome outcome_of(int status) {
  switch (status) {
    case ARES_SUCCESS:
      return DnsAnswer::Outcome::found;
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
    case ARES_ENONAME:
    case ARES_EBADNAME:
      return DnsAnswer::Outcome::no_such_name;
    default:
      return DnsAnswer::Outcome::servers_failed;
  }
}

DnsAnswer read_answer(int status, const ares_addrinfo* result) {
  DnsAnswer answer;
  answer.outcome = outcome_of(status);
  if (answer.outcome != DnsAnswer::Outcome::found) {
    answer.problem = ares_strerror(status);
    return answer;
  }
  int ttl_seconds = INT32_MAX;
  for (const ares_addrinfo_node* node = result->nodes; node != nullptr; node = node->ai_next) {
    if (node->ai_family != AF_INET && node->ai_family != AF_INET6) continue;
    answer.addresses.push_back(SocketAddress::from(node->ai_addr));
    ttl_seconds = std::min(ttl_seconds, node->ai_ttl);
  }
  for (const ares_addrinfo_cname* alias = result->cnames; alias != nullptr; alias = alias->next) {
    ttl_seconds = std::min(ttl_seconds, alias->ttl);
  }
  answer.ttl_ms = std::int64_t{ttl_seconds} * 1000;
  if (answer.addresses.empty()) {
    answer.outcome = DnsAnswer::Outcome::no_such_name;
    answer.problem = "it has no address";
  }
  return answer;
}

Error ares_failure(const std::string& doing, int status) {
  return {errors::system_error, doing + ": " + ares_strerror(status)};
}

}  // namespace

Result<std::unique_ptr<DnsChannel>> DnsChannel::create(Loop& loop, const DnsOptions& options,
                                                       OnAnswer on_answer) {
  std::unique_ptr<DnsChannel> channel(new DnsChannel(loop, std::move(on_answer)));
  Result<void> opened = channel->open(options);
  if (!opened) return std::move(opened).error();
  return channel;
}

DnsChannel::DnsChannel(Loop& loop, OnAnswer on_answer)
    : loop_(loop), on_answer_(std::move(on_answer)), timer_(*this) {}

Result<void> DnsChannel::open(const DnsOptions& options) {
  ares_options settings{};
  settings.timeout = options.query_timeout_ms;
  settings.tries = options.tries;
  settings.sock_state_cb = &on_socket_state;
  settings.sock_state_cb_data = this;
  int given = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  if (!options.servers.empty()) {
    settings.flags = ARES_FLAG_NOSEARCH;
    given |= ARES_OPT_FLAGS;
  }
  const int status = ares_init_options(&channel_, &settings, given);
  if (status != ARES_SUCCESS) return ares_failure("starting the DNS resolver", status);
  std::string servers;
  for (const std::string& server : options.servers) servers += (servers.empty() ? "" : ",") + server;
  if (servers.empty()) return {};
  const int set = ares_set_servers_ports_csv(channel_, servers.c_str());
  if (set != ARES_SUCCESS) return ares_failure("DNS servers \"" + servers + "\"", set);
  return {};
}

DnsChannel::~DnsChannel() {
  closing_ = true;
  if (channel_ != nullptr) ares_destroy(channel_);
}

void DnsChannel::ask(const std::string& name) {
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &on_result, new Query{this, name});
  settle();
}

void DnsChannel::on_result(void* argument, int status, int, ares_addrinfo* result) {
  const std::unique_ptr<Query> query(static_cast<Query*>(argument));
  DnsChannel& self = *query->channel;
  if (!self.closing_) self.answers_.emplace_back(std::move(query->name), read_answer(status, result));
  if (result != nullptr) ares_freeaddrinfo(result);
}

void DnsChannel::on_socket_state(void* argument, int fd, int readable, int writable) {
  DnsChannel& self = *static_cast<DnsChannel*>(argument);
  const auto known = self.sockets_.find(fd);
  if (known != self.sockets_.end()) self.loop_.remove(fd);
  if (readable == 0 && writable == 0) {
    if (known != self.sockets_.end()) self.sockets_.erase(known);
    return;
  }
  std::unique_ptr<Socket>& socket = self.sockets_[fd];
  if (!socket) socket = std::make_unique<Socket>(self, fd);
  const std::uint32_t events =
      (readable != 0 ? std::uint32_t{EPOLLIN} : 0U) | (writable != 0 ? EPOLLOUT : 0U);
  // A socket that cannot be watched makes its query time out, which is then tried again.
  [[maybe_unused]] const Result<void> added = self.loop_.add(fd, *socket, events);
}

void DnsChannel::on_socket_ready(Watcher& watcher, std::uint32_t events) {
  const auto& socket = static_cast<Socket&>(watcher);
  const int fd = socket.fd;
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  // `socket` may be gone once c-ares has closed the descriptor.
  socket.channel->process(broken || (events & EPOLLIN) != 0 ? fd : ARES_SOCKET_BAD,
                          (events & EPOLLOUT) != 0 ? fd : ARES_SOCKET_BAD);
}

void DnsChannel::on_timeout(Timer& timer) {
  static_cast<RetryTimer&>(timer).channel->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void DnsChannel::process(int readable_fd, int writable_fd) {
  ares_process_fd(channel_, readable_fd, writable_fd);
  settle();
}

// After any work of c-ares: when it must work again, and what it has found.
void DnsChannel::settle() {
  timeval left{};
  if (ares_timeout(channel_, nullptr, &left) != nullptr) {
    loop_.arm(timer_, loop_.now() + left.tv_sec * kNsPerSecond + left.tv_usec * kNsPerUs);
  } else {
    timer_.cancel();
  }
  std::vector<std::pair<std::string, DnsAnswer>> found;
  found.swap(answers_);
  for (auto& [name, answer] : found) on_answer_(name, std::move(answer));
}

}  // namespace linkspan::io
