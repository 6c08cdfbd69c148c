// DNS queries by c-ares, driven by a loop: its sockets are watchers, its timeouts a timer. Private to this
// room.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/loop.h"
#include "io/resolver.h"
#include "io/socket_address.h"

struct ares_channeldata;
struct ares_addrinfo;

namespace linkspan::io {

struct DnsAnswer {
  enum class Outcome : std::uint8_t { found, no_such_name, servers_failed };
  Outcome outcome = Outcome::servers_failed;
  std::vector<SocketAddress> addresses;  // A and AAAA, in order of preference, without a port
  std::int64_t ttl_ms = 0;               // the least of all records
  std::string problem;                   // in words, unless found
};

class DnsChannel {
 public:
  // Never called from within c-ares, so it may ask again.
  using OnAnswer = std::function<void(const std::string& name, DnsAnswer answer)>;

  static Result<std::unique_ptr<DnsChannel>> create(Loop& loop, const DnsOptions& options,
                                                    OnAnswer on_answer);
  DnsChannel(const DnsChannel&) = delete;
  DnsChannel& operator=(const DnsChannel&) = delete;
  // Answers that are still due are not given.
  ~DnsChannel();

  // The answer may come before this returns (/etc/hosts).
  void ask(const std::string& name);

 private:
  struct Query {
    DnsChannel* channel;
    std::string name;
  };
  struct Socket : Watcher {
    explicit Socket(DnsChannel& c, int f) : Watcher(&on_socket_ready), channel(&c), fd(f) {}
    DnsChannel* channel;
    int fd;
  };
  struct RetryTimer : Timer {
    explicit RetryTimer(DnsChannel& c) : Timer(&on_timeout), channel(&c) {}
    DnsChannel* channel;
  };

  DnsChannel(Loop& loop, OnAnswer on_answer);
  Result<void> open(const DnsOptions& options);
  static void on_socket_state(void* self, int fd, int readable, int writable);
  static void on_socket_ready(Watcher& watcher, std::uint32_t events);
  static void on_timeout(Timer& timer);
  static void on_result(void* query, int status, int timeouts, ares_addrinfo* result);
  void process(int readable_fd, int writable_fd);
  void settle();

  Loop& loop_;
  OnAnswer on_answer_;
  ares_channeldata* channel_ = nullptr;
  bool closing_ = false;
  std::map<int, std::unique_ptr<Socket>> sockets_;
  std::vector<std::pair<std::string, DnsAnswer>> answers_;
  RetryTimer timer_;
};

}  // namespace linkspan::io
