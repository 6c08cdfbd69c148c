// The BIO that joins OpenSSL to a Stream: moves its bytes through the stream's socket calls, so that
// readiness stays exact and no system call is made that is known to fail. Private to this room.
//
// Writing never blocks OpenSSL: what the kernel does not take is kept here as ciphertext and sent before
// anything else. A write of many records gathers them and leaves with one system call.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <sys/uio.h>

#include "io/stream.h"

struct bio_st;

namespace linkspan::io {

struct TlsBio {
  // Largest plaintext of one record (RFC 8446 section 5.1) and how many records one write gathers at most.
  static constexpr std::size_t kRecordBytes = 16 * 1024;
  static constexpr std::size_t kGatheredRecords = 4;
  // More than a write can leave. Beyond it the peer provokes answers (key updates) without taking them.
  static constexpr std::size_t kMaxUnsentBytes = 128 * 1024;

  // A BIO with a TlsBio of its own, which lives as long as the BIO. Null when out of memory.
  static bio_st* make(Stream& stream, std::span<const char> already_read);
  static TlsBio& of(bio_st* bio);

  // For the BIO's callbacks. read: as Stream::read. write: takes all or fails.
  IoResult read(std::span<char> out);
  bool write(std::span<const char> ciphertext);
  // Sends what waits. ok with no bytes when nothing is left.
  IoResult flush();

  // What a write in progress has encrypted but not yet reported to its caller. All its records but the last
  // hold kRecordBytes, so what has been sent tells which plaintext has.
  struct Batch {
    bool open = false;         // being encrypted now
    std::size_t plain = 0;     // bytes of plaintext
    std::size_t reported = 0;  // of these, told to the caller
    std::size_t cipher = 0;    // bytes of ciphertext
    std::size_t record = 0;    // ciphertext bytes of a full record
  };
  // Plaintext whose records are wholly sent and that has not been reported.
  std::size_t report_sent();

  Stream* stream = nullptr;
  std::vector<char> early;   // bytes read from the socket before TLS began
  std::vector<char> unsent;  // ciphertext, from unsent_at on
  std::size_t unsent_at = 0;
  std::size_t gathered = 0;  // bytes in the loop's cipher scratch
  bool gathering = false;    // more records of this write follow
  Batch batch;
  bool established = false;  // the handshake is done
  bool ended = false;        // the socket's end was read
  int socket_error = 0;      // errno of the first failure
  IoResult last;             // the result that ended reading: closed or failed
  std::string failure;       // what OpenSSL said
};

}  // namespace linkspan::io
