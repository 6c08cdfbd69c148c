#include "store/store_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error_kinds.h"

namespace linkspan::store {
namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

Error file_error(const std::string& path, int code) {
  return {code == ENOSPC ? errors::store_full : errors::store_failed, path + ": " + std::strerror(code)};
}

std::string holder_of(int file) {
  char text[32];
  const ssize_t size = ::pread(file, text, sizeof text, 0);
  return size > 0 ? "process " + std::string(text, static_cast<std::size_t>(size)) : "another process";
}

}  // namespace

Result<void> make_private_file(const std::string& path) {
  const io::UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  if (!file.valid()) return errno == EEXIST ? Result<void>() : file_error(path, errno);
  // The name is durable once the folder is.
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const io::UniqueFd directory(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || ::fsync(directory.get()) != 0) return file_error(folder, errno);
  return {};
}

Result<WriterLock> WriterLock::take(const std::string& path) {
  const std::string name = path + ".lock";
  io::UniqueFd file(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
  if (!file.valid()) return file_error(name, errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return file_error(name, errno);
    return Error(errors::store_in_use, path + " is written to by " + holder_of(file.get()));
  }
  const std::string pid = std::to_string(::getpid());
  // For people alone: the lock holds without it.
  if (::ftruncate(file.get(), 0) == 0) (void)!::pwrite(file.get(), pid.data(), pid.size(), 0);
  return WriterLock(std::move(file));
}

}  // namespace linkspan::store
