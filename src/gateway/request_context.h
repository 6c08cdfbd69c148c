// Everything that decide() and the policies know about one request, and what they say about its answer.
//
// One object for each request in flight, made by its connection (reused from request to request), touched by
// the worker's thread only. It neither clears nor allocates: texts made on the way go into the context's
// arena, whatever else it points to is owned by the read buffer (the head), the snapshot or the worker, and
// must stay until the answer is sent and logged.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "auth/consumer.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "gateway/response_field.h"
#include "gateway/router.h"
#include "http/h1_request.h"
#include "http/ip_address.h"

namespace linkspan::gateway {

struct Endpoint;

// Fields that policies add to the answer, whatever the answer will be. Views: constants, the snapshot's or
// the arena's.
class ResponseFields {
 public:
  static constexpr std::size_t kCapacity = 16;
  ResponseFields() {}  // NOLINT: items_ stays as it is
  ResponseFields(const ResponseFields&) = delete;
  ResponseFields& operator=(const ResponseFields&) = delete;

  // Beyond the capacity fields are left out; no chain of policies adds as many (config::kMaxAuthWays).
  void add(std::string_view name, std::string_view value) {
    if (count_ < kCapacity) items_[count_++] = {name, value};
  }
  void clear() { count_ = 0; }
  std::size_t size() const { return count_; }
  const ResponseField* begin() const { return items_; }
  const ResponseField* end() const { return items_ + count_; }
  operator std::span<const ResponseField>() const { return {items_, count_}; }  // NOLINT: implicit by design

 private:
  std::size_t count_ = 0;
  union {
    ResponseField items_[kCapacity];
  };
};

// Small texts of one request. What does not fit is cut off.
class TextArena {
 public:
  static constexpr std::size_t kCapacity = 2048;
  void clear() { used_ = 0; }
  std::span<char> space() { return {bytes_ + used_, kCapacity - used_}; }
  // Takes the first bytes of space(); the view of them.
  std::string_view take(std::size_t bytes) {
    const std::string_view text{bytes_ + used_, bytes};
    used_ += bytes;
    return text;
  }
  std::string_view concat(std::initializer_list<std::string_view> parts) {
    const std::size_t start = used_;
    for (std::string_view part : parts) {
      const std::size_t bytes = std::min(part.size(), kCapacity - used_);
      if (bytes != 0) std::memcpy(bytes_ + used_, part.data(), bytes);
      used_ += bytes;
    }
    return {bytes_ + start, used_ - start};
  }

 private:
  std::size_t used_ = 0;
  char bytes_[kCapacity];  // left as it is until written
};

// Why a request is not served; rendered elsewhere as a problem document with the context's response fields.
struct Refusal {
  const ErrorKind* kind = nullptr;
  std::string_view detail;
};

// What decide() needs of its thread: one per worker.
struct WorkerScratch {
  Sha256 sha256;
  std::vector<char> path;  // grows to the longest target that had to be normalised
};

struct RequestContext {
  // Starts a new request, which the caller names (request_id). The head is parsed and complete; `client` is
  // the address behind trusted proxies; `now_ns` is the worker's current time.
  void start(const http::RequestHead& request_head, const http::IpAddress& client_address, MonotonicNs now,
             WorkerScratch& worker_scratch) {
    head = &request_head;
    client = client_address;
    now_ns = now;
    scratch = &worker_scratch;
    path = {};
    endpoint = nullptr;
    consumer = nullptr;
    key_id = {};
    refusal = {};
    params.clear();
    response_fields.clear();
    arena.clear();
  }

  const http::RequestHead* head = nullptr;
  http::IpAddress client;
  std::string_view request_id;
  MonotonicNs now_ns = 0;
  WorkerScratch* scratch = nullptr;

  // Set on the way through decide().
  std::string_view path;  // normalised; a view into the head unless it had to be rewritten
  PathParams params;
  const Endpoint* endpoint = nullptr;        // null until one is found
  const auth::Consumer* consumer = nullptr;  // null: not identified
  auth::RateKey rate;                        // the consumer's, where there is one
  std::string_view key_id;                   // of the accepted key
  Refusal refusal;
  ResponseFields response_fields;
  TextArena arena;
  std::unique_ptr<char[]> rewritten_path;  // storage of `path` where it is no view into the head
};

}  // namespace linkspan::gateway
