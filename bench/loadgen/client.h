// The client side: keep-alive connections that each send the next request as soon as the previous answer is
// complete. One thread, that of its Poller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <openssl/types.h>

#include "histogram.h"
#include "poller.h"
#include "request_source.h"

namespace linkspan::loadgen {

// What the clients saw since it was last cleared.
struct ClientStatistics {
  std::uint64_t requests = 0;  // complete answers, right or wrong
  std::uint64_t errors = 0;    // wrong status or length, malformed answers, lost connections
  std::string first_error;
  Histogram latency;
};

struct ClientSettings {
  std::uint16_t port = 0;
  std::size_t connections = 1;
  std::size_t expected_body_bytes = 0;
  bool tls = false;
};

class ClientGroup {
 public:
  // Opens all connections (and completes their TLS handshakes), blocking; ends the process if one cannot be
  // had.
  ClientGroup(Poller& poller, const ClientSettings& settings, RequestSource& requests);
  ~ClientGroup();
  ClientGroup(const ClientGroup&) = delete;
  ClientGroup& operator=(const ClientGroup&) = delete;

  // Sends the first request on every connection.
  void start();
  // From now on, nobody sends a further request; answers under way are still read.
  void stop() { stopping_ = true; }
  std::size_t in_flight() const { return in_flight_; }
  std::size_t alive() const { return alive_; }

  ClientStatistics& statistics() { return statistics_; }

 private:
  class Connection;

  void record(const Connection& connection, std::uint64_t now);
  void count_error(const std::string& what);

  ClientSettings settings_;
  RequestSource& requests_;
  SSL_CTX* tls_ = nullptr;
  std::vector<std::unique_ptr<Connection>> connections_;
  ClientStatistics statistics_;
  std::size_t in_flight_ = 0;
  std::size_t alive_ = 0;
  bool stopping_ = false;
};

}  // namespace linkspan::loadgen
