// The file of a store as a file: who may read it, and who writes to it.
#pragma once

#include <string>

#include "base/result.h"
#include "io/unique_fd.h"

namespace linkspan::store {

// Makes an empty file that only its owner may read and write, if there is none of that name; SQLite gives the
// files that it makes beside it the same mode. Errors: store_failed, store_full.
Result<void> make_private_file(const std::string& path);

// Says that this process is the one which writes to the store at `path`, until the lock is destroyed or the
// process ends in whatever way. It is held on a file of its own, PATH.lock, which stays: closing any
// descriptor of the database itself would end SQLite's locks on it.
class WriterLock {
 public:
  // Errors: store_in_use with the number of the process that has it; store_failed.
  static Result<WriterLock> take(const std::string& path);

  WriterLock() = default;

 private:
  explicit WriterLock(io::UniqueFd file) : file_(std::move(file)) {}
  io::UniqueFd file_;
};

}  // namespace linkspan::store
