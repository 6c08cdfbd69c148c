// Writes message heads into the caller's memory, bounds-checked, never allocating. If the space does not
// suffice nothing is written past it, ok() turns false and stays so; check it once, at the end. One thread at
// a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "http/fields.h"

namespace linkspan::http {

class HeadWriter {
 public:
  explicit HeadWriter(std::span<char> space)
      : begin_(space.data()), at_(begin_), end_(begin_ + space.size()) {}

  // "GET /path HTTP/1.1\r\n"
  void request_line(std::string_view method, std::string_view target);
  // "HTTP/1.1 200 OK\r\n"; the reason is the registered one (empty if there is none).
  void status_line(int status);

  // "Name: value\r\n". The caller answers for both: constants, or values that a parser of ours has seen.
  void field(std::string_view name, std::string_view value);
  void field(std::string_view name, std::uint64_t value);
  // The same for text from elsewhere (mappings, config): false and nothing written if it is no valid name or
  // value, so that no text can split a message.
  bool checked_field(std::string_view name, std::string_view value);
  // "Name: " and then the value by raw(), closed by end_line().
  void begin_field(std::string_view name);
  void end_line() { raw("\r\n"); }

  void content_length(std::uint64_t bytes) { field("Content-Length", bytes); }
  void number(std::uint64_t value);
  void raw(std::string_view bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes.size()) {
      overflow();
      return;
    }
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  // The empty line that ends the head.
  void end() { raw("\r\n"); }

  bool ok() const { return ok_; }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }
  std::size_t space_left() const { return static_cast<std::size_t>(end_ - at_); }
  std::string_view written() const { return {begin_, size()}; }

 private:
  [[gnu::cold]] void overflow() {
    ok_ = false;
    end_ = at_;
  }

  char* begin_;
  char* at_;
  char* end_;
  bool ok_ = true;
};

// Which fields of a received head go on to the next hop. A request is sent as HTTP/1.1 whatever it came as:
// drop Expect and write it anew where the head's expect_continue is set, as what an HTTP/1.0 client put there
// was not looked at.
struct CopyRules {
  HeaderSet drop;                                // besides kHopByHop and what Connection named
  std::span<const std::string_view> drop_names;  // names without an id, in any case
  // Drops also what becomes one of these names, or Content-Length, where '_' is read as '-': servers that
  // follow CGI (RFC 3875 section 4.1.18) cannot tell them apart.
  bool drop_lookalikes = false;
};

// Whether a field of an id, or `other`, stays behind. For trailers; copy_end_to_end() does it by itself.
bool is_dropped(std::string_view name, HeaderId id, const CopyRules& rules);

// Copies the end-to-end fields (RFC 9110 section 7.6.1) in their order; neighbours that stay are one memcpy.
void copy_end_to_end(const Fields& fields, const CopyRules& rules, HeadWriter& out);

// RFC 9110 section 5.6.2 (token) and section 5.5 (field value: visible, obs-text, inner SP and HTAB).
bool is_token(std::string_view text);
bool is_field_value(std::string_view text);

}  // namespace linkspan::http
