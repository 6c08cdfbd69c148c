#include "base/log_output.h"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error_kinds.h"

namespace linkspan {
namespace {

constexpr int kPollMs = 100;
constexpr int kPollsBeforeGivingUp = 20;

// A descriptor of our own for stderr or stdout. Pipes and terminals are opened anew so that not blocking
// stays our affair: O_NONBLOCK on the inherited one would change it for every process that shares it.
int open_standard(int standard_fd) {
  struct stat info {};
  if (fstat(standard_fd, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode))) {
    const std::string path = "/proc/self/fd/" + std::to_string(standard_fd);
    const int fd = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0) return fd;
  }
  return fcntl(standard_fd, F_DUPFD_CLOEXEC, 3);
}

int open_output(const LogOutput& output) {
  switch (output.kind) {
    case LogOutput::Kind::standard_error:
      return open_standard(STDERR_FILENO);
    case LogOutput::Kind::standard_output:
      return open_standard(STDOUT_FILENO);
    case LogOutput::Kind::file:
      // Not blocking matters where the path is a pipe or a terminal.
      return ::open(output.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY,
                    0640);
    case LogOutput::Kind::discard:
      return -1;
  }
  return -1;
}

std::string_view name_of(const LogOutput& output) {
  switch (output.kind) {
    case LogOutput::Kind::standard_error:
      return "standard error";
    case LogOutput::Kind::standard_output:
      return "standard output";
    case LogOutput::Kind::file:
      return output.path;
    case LogOutput::Kind::discard:
      return "nothing";
  }
  return "";
}

// A socket (as services get for stdout) may be shared like a terminal, but send() can refuse to wait by
// itself.
ssize_t write_some(int fd, std::span<const char> bytes) {
  const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0 || errno != ENOTSOCK) return sent;
  return ::write(fd, bytes.data(), bytes.size());
}

}  // namespace

LogOutputFile::~LogOutputFile() {
  if (fd_ >= 0) close(fd_);
}

Result<void> LogOutputFile::open() {
  if (output_.kind == LogOutput::Kind::discard) return {};
  const int fd = open_output(output_);
  if (fd < 0) {
    std::string detail = "cannot open the log ";
    detail.append(name_of(output_)).append(": ").append(std::strerror(errno));
    return Error(errors::system_error, std::move(detail));
  }
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
  given_up_ = false;
  return {};
}

bool LogOutputFile::is_terminal() const {
  return fd_ >= 0 && isatty(fd_) == 1;
}

std::size_t LogOutputFile::write(std::span<const char> bytes) {
  if (output_.kind == LogOutput::Kind::discard) return 0;
  while (!bytes.empty() && !given_up_) {
    const ssize_t written = write_some(fd_, bytes);
    if (written > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (written < 0 && errno == EINTR) {
      continue;
    } else if (written < 0 && errno == EAGAIN) {
      if (!wait_until_writable()) given_up_ = true;
    } else {
      break;
    }
  }
  return bytes.size();
}

bool LogOutputFile::wait_until_writable() {
  for (int polls_while_stopping = 0; polls_while_stopping < kPollsBeforeGivingUp;) {
    pollfd waited{fd_, POLLOUT, 0};
    if (poll(&waited, 1, kPollMs) > 0) return true;
    if (stopping_.load(std::memory_order_relaxed)) ++polls_while_stopping;
  }
  return false;
}

}  // namespace linkspan
