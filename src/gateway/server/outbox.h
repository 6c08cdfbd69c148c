// Writes to a stream without waiting, and keeps what the kernel does not take until it does. Back-pressure is
// the caller's part: it offers nothing new while the outbox is not empty, so an outbox holds at most one
// offer.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/server/buffer_pool.h"
#include "io/stream.h"

namespace linkspan::gateway {

class Outbox {
 public:
  Outbox(io::Stream& stream, BufferPool& pool) : stream_(&stream), pool_(&pool) {}

  // Sends `data`, whose bytes need not outlive the call. Only when empty(). False when the stream has failed.
  bool send(std::string_view data);
  // The same for a head and what follows it, in one system call.
  bool send(std::string_view first, std::string_view second);
  // Puts more behind what is kept; only for the few bytes of a head, as nothing bounds it but the caller.
  bool append(std::string_view data);
  // Goes on with what was kept. False when the stream has failed.
  bool flush();

  // Whether the peer has taken a byte since the last write that left something here, or since this was last
  // asked. The kernel reports a socket writable only when much of its buffer is free, which a slow peer may
  // take minutes for. Only when not empty().
  bool peer_took_some();

  bool empty() const { return at_ == end_; }
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  int error() const { return error_; }  // errno of the failure, 0 if the stream was closed or TLS failed

 private:
  void keep(std::string_view rest);
  bool note(const io::IoResult& result);

  io::Stream* stream_;
  BufferPool* pool_;
  Buffer kept_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::size_t unacknowledged_ = 0;  // what the kernel held when last looked at
  int error_ = 0;
};

}  // namespace linkspan::gateway
