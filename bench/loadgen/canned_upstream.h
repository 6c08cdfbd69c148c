// The upstream side: an HTTP/1.1 keep-alive server that gives every request the same answer. It reads
// requests just far enough to know that one ended (no bodies, no pipelining: no proxy sends either for a
// GET). One thread, that of its Poller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "poller.h"

namespace linkspan::loadgen {

class CannedUpstream final : public Pollable {
 public:
  // Listens on 127.0.0.1:`port` with answers of `body_bytes`; ends the process if that cannot be had.
  CannedUpstream(Poller& poller, std::uint16_t port, std::size_t body_bytes);
  ~CannedUpstream();
  CannedUpstream(const CannedUpstream&) = delete;
  CannedUpstream& operator=(const CannedUpstream&) = delete;

  void on_ready(std::uint32_t events) override;

 private:
  class Connection;

  Poller& poller_;
  int listener_;
  std::string answer_;
  int answer_file_ = -1;  // the same bytes in memory, for sendfile: set only where copying them would cost
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace linkspan::loadgen
