// Errors as values. An Error says what went wrong (a kind from error_kinds.h), whose fault it is, whether
// trying again may help, and in words what a person should know and do. Nothing on the data plane throws;
// exceptions of libraries stop at the wrapper that calls the library.
//
// Any thread may use these types; an Error is owned by whoever holds it and is cheap to move (one pointer).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace linkspan {

// Who would have to act so that the error does not happen again.
enum class ErrorSource : unsigned char { client, linkspan, upstream };

std::string_view to_string(ErrorSource source);

// One entry of the error catalogue. Kinds are constants with static lifetime, declared in error_kinds.h, and
// each has a section of the same name in docs/errors.md.
struct ErrorKind {
  std::string_view slug;  // stable, lower case, hyphens: "upstream-connect-refused"
  int status;  // HTTP status that a caller sees (RFC 9110 section 15); 0 where no caller is involved
  ErrorSource source;
  bool retryable;          // whether the same request may succeed later or at another server
  std::string_view title;  // short, the same for every occurrence (RFC 9457 section 3.1.3)
};

class Error {
 public:
  // `detail` is for a person: what is wrong with this occurrence, where, and what to do. Never a secret.
  // Cold: the compiler moves what leads here out of the way of what goes well.
  [[gnu::cold]] Error(const ErrorKind& kind, std::string detail);

  const ErrorKind& kind() const { return *data_->kind; }
  std::string_view slug() const { return data_->kind->slug; }
  const std::string& detail() const { return data_->detail; }

  // Adds what the caller was doing, in front: "opening api \"stock\": connection refused". Returns itself.
  Error context(std::string_view what) &&;

  // "slug: detail", for logs and command lines.
  std::string to_string() const;

 private:
  struct Data {
    const ErrorKind* kind;
    std::string detail;
  };
  std::unique_ptr<Data> data_;
};

}  // namespace linkspan
