// The TLS half of Stream.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "io/stream.h"
#include "io/tls_bio.h"

namespace linkspan::io {

namespace {

// SSL_get_error looks at this thread's error queue, so nothing old may be in it.
void clear_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

// Hands out the bytes of several pieces record by record, contiguous; copies only where a record spans
// pieces.
class Records {
 public:
  explicit Records(std::span<const iovec> pieces) : pieces_(pieces) { skip(0); }

  bool empty() const { return pieces_.empty(); }

  void skip(std::size_t bytes) {
    offset_ += bytes;
    while (!pieces_.empty() && offset_ >= pieces_.front().iov_len) {
      offset_ -= pieces_.front().iov_len;
      pieces_ = pieces_.subspan(1);
    }
  }

  std::span<const char> next() {
    const std::size_t left = pieces_.front().iov_len - offset_;
    if (left >= TlsBio::kRecordBytes || pieces_.size() == 1) {
      const std::span<const char> record{static_cast<const char*>(pieces_.front().iov_base) + offset_,
                                         std::min(left, TlsBio::kRecordBytes)};
      skip(record.size());
      return record;
    }
    std::size_t filled = 0;
    while (!pieces_.empty() && filled < joined_.size()) {
      const std::size_t bytes = std::min(pieces_.front().iov_len - offset_, joined_.size() - filled);
      std::memcpy(joined_.data() + filled, static_cast<const char*>(pieces_.front().iov_base) + offset_,
                  bytes);
      filled += bytes;
      skip(bytes);
    }
    return {joined_.data(), filled};
  }

 private:
  std::span<const iovec> pieces_;
  std::size_t offset_ = 0;
  std::array<char, TlsBio::kRecordBytes> joined_;  // uninitialised on purpose: only what was joined is read
};

// Encrypts the next few records, which leave together. False when TLS or the socket failed.
bool encrypt_batch(SSL* ssl, TlsBio& bio, Records& records) {
  bio.batch.open = true;
  for (std::size_t i = 1; i <= TlsBio::kGatheredRecords && !records.empty(); ++i) {
    const std::span<const char> record = records.next();
    bio.gathering = i < TlsBio::kGatheredRecords && !records.empty();
    std::size_t written = 0;
    if (SSL_write_ex(ssl, record.data(), record.size(), &written) != 1) {
      bio.gathering = bio.batch.open = false;
      return false;
    }
    bio.batch.plain += written;
    if (bio.batch.record == 0) bio.batch.record = bio.batch.cipher;
  }
  bio.batch.open = false;
  return true;
}

// In words, what ended a TLS connection.
std::string describe_failure(const SSL* ssl, const TlsBio& bio) {
  const unsigned long code = ERR_peek_last_error();
  if (code != 0 && ERR_GET_LIB(code) == ERR_LIB_SSL &&
      ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    return std::string("the peer's certificate is not accepted: ") +
           X509_verify_cert_error_string(SSL_get_verify_result(ssl));
  }
  if (bio.socket_error != 0) return std::strerror(bio.socket_error);
  if (bio.ended) {
    return bio.established ? "the connection ended without close_notify, so data may be missing"
                           : "the peer closed the connection during the handshake";
  }
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "TLS failed" : reason;
}

}  // namespace

void Stream::start_tls(ssl_st* ssl, std::span<const char> already_read) {
  BIO* bio = TlsBio::make(*this, already_read);
  if (bio == nullptr) std::abort();  // out of memory
  SSL_set_bio(ssl, bio, bio);
  ssl_ = ssl;
  tls_ = &TlsBio::of(bio);
  tls_pending_ = !already_read.empty();
}

IoResult Stream::handshake() {
  if (tls_->last.status != IoStatus::ok) return tls_->last;
  clear_errors();
  const int returned = SSL_do_handshake(ssl_);
  if (returned != 1) {
    const IoResult stopped = tls_result(returned);
    if (stopped.status != IoStatus::would_block) return stopped;
  }
  // OpenSSL believes that all it wrote is under way; the peer must get it before it can go on.
  const IoResult flushed = tls_->flush();
  if (flushed.status == IoStatus::failed) return end_tls(flushed.error);
  if (returned != 1 || flushed.status == IoStatus::would_block) return {.status = IoStatus::would_block};
  tls_->established = true;
  tls_pending_ = SSL_has_pending(ssl_) == 1;
  return {};
}

IoResult Stream::tls_read(std::span<char> out) {
  if (tls_->last.status != IoStatus::ok) return tls_->last;
  if (!may_read()) return {.status = IoStatus::would_block};
  // What reading made OpenSSL answer earlier; a failure shows in reading too.
  if (!tls_->unsent.empty()) tls_->flush();
  clear_errors();
  std::size_t total = 0;
  do {
    std::size_t got = 0;
    const int returned = SSL_read_ex(ssl_, out.data() + total, out.size() - total, &got);
    if (returned != 1) {
      const IoResult stopped = tls_result(returned);
      if (total == 0) return stopped;
      tls_pending_ = stopped.status != IoStatus::would_block;  // the end is reported by the next read
      return {.bytes = total};
    }
    total += got;
  } while (total < out.size() && SSL_has_pending(ssl_) == 1);
  tls_pending_ = SSL_has_pending(ssl_) == 1;
  return {.bytes = total};
}

IoResult Stream::tls_write(std::span<const iovec> pieces) {
  if (tls_->last.status == IoStatus::failed) return tls_->last;
  std::size_t done = 0;
  if (tls_->batch.plain != 0 || !tls_->unsent.empty()) {
    const IoResult flushed = tls_->flush();
    if (flushed.status == IoStatus::failed) return end_tls(flushed.error);
    done = tls_->report_sent();
  }
  Records records(pieces);
  records.skip(done);
  if (records.empty()) return {.bytes = done};
  clear_errors();
  while (!records.empty() && writable_ && tls_->unsent.empty()) {
    if (!encrypt_batch(ssl_, *tls_, records)) {
      const IoResult stopped = tls_result(-1);
      // What has left must be told; the next call tells of the failure.
      return done != 0 ? IoResult{.bytes = done} : stopped;
    }
    done += tls_->report_sent();
  }
  if (done == 0) return {.status = IoStatus::would_block};
  return {.bytes = done};
}

IoResult Stream::tls_result(int returned) {
  switch (SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      tls_pending_ = false;
      return {.status = IoStatus::would_block};
    case SSL_ERROR_ZERO_RETURN:
      tls_->last = {.status = IoStatus::closed};
      break;
    default:
      return end_tls(tls_->socket_error);
  }
  peer_gone_ = true;
  return tls_->last;
}

IoResult Stream::end_tls(int error) {
  tls_->failure = describe_failure(ssl_, *tls_);
  tls_->last = {.status = IoStatus::failed, .error = error};
  ERR_clear_error();
  peer_gone_ = true;
  return tls_->last;
}

bool Stream::tls_shutdown() {
  if (tls_->last.status == IoStatus::failed || !tls_->established) return true;
  if (tls_->flush().status != IoStatus::ok) return false;
  clear_errors();
  SSL_shutdown(ssl_);
  ERR_clear_error();
  return tls_->unsent.empty();
}

void Stream::tls_close(bool notify) {
  if (notify && writable_) tls_shutdown();
  // Else OpenSSL would take its session for a bad one and never resume it; what ends badly is the connection
  // only.
  SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
  ssl_ = nullptr;
  tls_ = nullptr;
  tls_pending_ = false;
}

std::string Stream::tls_error() const {
  return tls_ == nullptr ? std::string() : tls_->failure;
}

}  // namespace linkspan::io
