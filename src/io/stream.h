// A connected TCP socket on a loop, plain or TLS: non-blocking reads and writes that remember readiness, so
// that no system call is made that is known to fail. It holds no buffer; an idle stream costs this object and
// the kernel's socket.
//
// Used by the loop's thread. Not movable while open; owned by its connection. Errors are values: `closed` is
// an orderly end by the peer, `failed` carries errno (or 0 where TLS failed; tls_error() then says why).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <sys/uio.h>

#include "base/result.h"
#include "io/loop.h"
#include "io/waiter.h"

struct ssl_st;

namespace linkspan::io {

struct TlsBio;

enum class IoStatus : std::uint8_t { ok, would_block, closed, failed };

struct IoResult {
  IoStatus status = IoStatus::ok;
  int error = 0;          // errno when failed
  std::size_t bytes = 0;  // moved when ok; more than zero
};

class Stream final : private Watcher {
 public:
  explicit Stream(Loop& loop) : Watcher(&Stream::on_ready), loop_(&loop) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { close(); }

  // Takes over a connected (or connecting) non-blocking socket and watches it.
  Result<void> open(UniqueFd fd);
  // Closes at once; a TLS stream sends close_notify first if it can. Harmless when closed already.
  void close();
  // As close(), but the peer sees a reset: for answers that must not be taken for complete.
  void reset();
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  Loop& loop() const { return *loop_; }

  // Whom to tell of readiness; null tells nobody (readiness is remembered all the same).
  void set_waiter(Waiter* waiter) {
    waiter_ = waiter;
    needs = waiter;
  }

  // Up to out.size() bytes. `would_block` until the waiter is notified.
  IoResult read(std::span<char> out);
  // Writes what the kernel takes; `ok` may be a part. What was not taken must come first in the next write: a
  // TLS stream may have encrypted it already.
  IoResult write(std::span<const char> data);
  // The same for up to 16 pieces; TLS streams join small pieces into one record.
  IoResult write(std::span<const iovec> pieces);
  // Half-closes the sending side (TLS: sends close_notify first). Reading goes on.
  void shutdown_write();

  // False when a read is known to find nothing. True may still end in would_block.
  bool may_read() const { return readable_ || tls_pending_; }
  bool may_write() const { return writable_; }
  // The peer has ended its side or the connection broke; data may still be waiting to be read.
  bool peer_gone() const { return peer_gone_; }
  // Both directions have ended: reset, failed, or shut down here. Nothing can reach the peer any more.
  bool broken() const { return broken_; }
  // Bytes that the kernel holds for the peer: sent or not, but not acknowledged yet (SIOCOUTQ).
  std::size_t unacknowledged() const;
  // Connect or transport error noticed by the kernel (SO_ERROR), 0 if none. Clears it.
  int take_socket_error() const;

  // TLS. The stream takes over the SSL object (of ServerTls::accept or ClientTls::connect) and drives it over
  // the socket; nothing may be read or written until the handshake is done. `already_read` are bytes that the
  // caller took from the socket and that belong to TLS (what followed a PROXY protocol header); they are
  // copied.
  void start_tls(ssl_st* ssl, std::span<const char> already_read = {});
  // Progresses the handshake: ok when done, would_block to be called again after a notification.
  // tls_handshake.h has it as a task.
  IoResult handshake();
  bool is_tls() const { return ssl_ != nullptr; }
  ssl_st* tls() const { return ssl_; }
  // What OpenSSL said about the last TLS failure, for logs.
  std::string tls_error() const;

 private:
  friend struct TlsBio;  // moves the bytes of a TLS stream (tls_stream.cc)

  static void on_ready(Watcher& watcher, std::uint32_t events);
  IoResult read_socket(std::span<char> out);
  IoResult send_socket(std::span<const char> data);
  IoResult write_socket(std::span<const iovec> pieces);
  IoResult written(ssize_t sent, std::size_t offered);
  IoResult tls_read(std::span<char> out);
  IoResult tls_write(std::span<const iovec> pieces);
  IoResult tls_result(int returned);
  IoResult end_tls(int error);
  bool tls_shutdown();
  void tls_close(bool notify);
  void release();

  Loop* loop_;
  Waiter* waiter_ = nullptr;
  ssl_st* ssl_ = nullptr;
  TlsBio* tls_ = nullptr;  // owned by ssl_
  int fd_ = -1;
  bool readable_ = false;
  bool writable_ = false;
  bool peer_gone_ = false;
  bool broken_ = false;
  bool tls_pending_ = false;  // decrypted or undecrypted bytes wait inside the SSL object
};

}  // namespace linkspan::io
