#include "io/tls_bio.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <openssl/bio.h>

namespace linkspan::io {

namespace {

int read_callback(BIO* bio, char* out, std::size_t size, std::size_t* got) {
  BIO_clear_retry_flags(bio);
  const IoResult result = TlsBio::of(bio).read({out, size});
  *got = result.bytes;
  if (result.status == IoStatus::ok) return 1;
  if (result.status == IoStatus::would_block) BIO_set_retry_read(bio);
  return result.status == IoStatus::closed ? 0 : -1;
}

int write_callback(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
  BIO_clear_retry_flags(bio);
  if (!TlsBio::of(bio).write({data, size})) return -1;
  *written = size;
  return 1;
}

long control_callback(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return TlsBio::of(bio).ended ? 1 : 0;
    default:
      return 0;
  }
}

int destroy_callback(BIO* bio) {
  delete static_cast<TlsBio*>(BIO_get_data(bio));
  return 1;
}

// OpenSSL wants the table of callbacks as an object that outlives all BIOs: one for the process, never
// changed.
const BIO_METHOD* method() {
  static const BIO_METHOD* const table = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "linkspan stream");
    if (made == nullptr) std::abort();
    BIO_meth_set_read_ex(made, read_callback);
    BIO_meth_set_write_ex(made, write_callback);
    BIO_meth_set_ctrl(made, control_callback);
    BIO_meth_set_destroy(made, destroy_callback);
    return made;
  }();
  return table;
}

}  // namespace

bio_st* TlsBio::make(Stream& stream, std::span<const char> already_read) {
  BIO* bio = BIO_new(method());
  if (bio == nullptr) return nullptr;
  auto* state = new TlsBio;
  state->stream = &stream;
  state->early.assign(already_read.begin(), already_read.end());
  BIO_set_data(bio, state);
  BIO_set_init(bio, 1);
  return bio;
}

TlsBio& TlsBio::of(bio_st* bio) {
  return *static_cast<TlsBio*>(BIO_get_data(bio));
}

IoResult TlsBio::read(std::span<char> out) {
  if (!early.empty()) {
    const std::size_t bytes = std::min(out.size(), early.size());
    std::memcpy(out.data(), early.data(), bytes);
    early.erase(early.begin(), early.begin() + static_cast<std::ptrdiff_t>(bytes));
    return {.bytes = bytes};
  }
  const IoResult result = stream->read_socket(out);
  if (result.status == IoStatus::closed) ended = true;
  if (result.status == IoStatus::failed) socket_error = result.error;
  return result;
}

bool TlsBio::write(std::span<const char> ciphertext) {
  if (batch.open) batch.cipher += ciphertext.size();
  if (!unsent.empty()) {
    if (unsent.size() - unsent_at + ciphertext.size() > kMaxUnsentBytes) return false;
    unsent.insert(unsent.end(), ciphertext.begin(), ciphertext.end());
    return true;
  }
  const std::span<char> scratch = stream->loop().cipher_scratch();
  if (gathering && ciphertext.size() <= scratch.size() - gathered) {
    std::memcpy(scratch.data() + gathered, ciphertext.data(), ciphertext.size());
    gathered += ciphertext.size();
    return true;
  }
  const iovec pieces[2] = {{scratch.data(), gathered},
                           {const_cast<char*>(ciphertext.data()), ciphertext.size()}};
  const IoResult result =
      gathered == 0 ? stream->send_socket(ciphertext) : stream->write_socket(std::span<const iovec>(pieces));
  const std::size_t held = std::exchange(gathered, 0);
  if (result.status == IoStatus::failed) {
    socket_error = result.error;
    return false;
  }
  if (result.bytes == held + ciphertext.size()) return true;
  if (result.bytes < held) {
    unsent.assign(scratch.begin() + static_cast<std::ptrdiff_t>(result.bytes),
                  scratch.begin() + static_cast<std::ptrdiff_t>(held));
  }
  const std::size_t sent_of_last = result.bytes - std::min(result.bytes, held);
  unsent.insert(unsent.end(), ciphertext.begin() + static_cast<std::ptrdiff_t>(sent_of_last),
                ciphertext.end());
  return true;
}

IoResult TlsBio::flush() {
  while (!unsent.empty()) {
    const IoResult result = stream->send_socket(std::span<const char>(unsent).subspan(unsent_at));
    if (result.status != IoStatus::ok) {
      if (result.status == IoStatus::failed) socket_error = result.error;
      return result;
    }
    unsent_at += result.bytes;
    if (unsent_at == unsent.size()) {
      unsent = {};
      unsent_at = 0;
    }
  }
  return {};
}

std::size_t TlsBio::report_sent() {
  const std::size_t waiting = unsent.size() - unsent_at;
  const std::size_t sent = batch.cipher - std::min(batch.cipher, waiting);
  const std::size_t plain =
      waiting == 0 ? batch.plain
                   : std::min(batch.plain, sent / std::max<std::size_t>(batch.record, 1) * kRecordBytes);
  const std::size_t news = plain - batch.reported;
  batch.reported = plain;
  if (waiting == 0) batch = {};
  return news;
}

}  // namespace linkspan::io
