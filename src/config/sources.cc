#include "config/sources.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error_kinds.h"

namespace linkspan::config {
namespace {

Error unreadable(int code) {
  if (code == ENOENT) return Error(errors::config_unreadable, "no such file");
  return Error(errors::config_unreadable, std::generic_category().message(code));
}

std::optional<std::string> read_environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

Result<std::string> read_open_file(int file, std::size_t max_bytes) {
  struct stat status {};
  if (fstat(file, &status) != 0) return unreadable(errno);
  if (S_ISDIR(status.st_mode)) return unreadable(EISDIR);
  std::string content;
  char buffer[64 * 1024];
  while (true) {
    const ssize_t got = read(file, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(errno);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > max_bytes) {
      return Error(errors::config_unreadable, "larger than " + std::to_string(max_bytes) + " bytes");
    }
  }
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  // Not blocking, so that a FIFO in place of a file cannot hang the load.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return unreadable(errno);
  Result<std::string> content = read_open_file(file, max_bytes);
  close(file);
  return content;
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::directory_iterator entries(path, error);
  std::vector<std::string> names;
  while (!error && entries != std::filesystem::directory_iterator()) {
    names.push_back(entries->path().filename().string());
    entries.increment(error);
  }
  if (error) return unreadable(error.value());
  return names;
}

}  // namespace

Sources system_sources() {
  return {read_environment, read_file, list_directory};
}

Sources empty_sources() {
  const auto nothing = [] { return Error(errors::config_unreadable, "no such file"); };
  return {[](std::string_view) { return std::nullopt; },
          [nothing](const std::string&, std::size_t) -> Result<std::string> { return nothing(); },
          [nothing](const std::string&) -> Result<std::vector<std::string>> { return nothing(); }};
}

}  // namespace linkspan::config
