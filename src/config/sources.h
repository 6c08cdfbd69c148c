// Where a config comes from besides its own text: environment variables and files. Passed in, so that tests
// and the fuzzer decide what exists.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace linkspan::config {

struct Sources {
  // The value of an environment variable; nullopt if it is not set.
  std::function<std::optional<std::string>(std::string_view name)> environment;
  // A whole file. Fails with errors::config_unreadable if it cannot be read or is larger than max_bytes; the
  // detail says why without the path ("no such file").
  std::function<Result<std::string>(const std::string& path, std::size_t max_bytes)> read_file;
  // Names of the files in a directory, without "." and "..", in any order. Fails likewise, also if it is
  // none.
  std::function<Result<std::vector<std::string>>(const std::string& path)> list_directory;
};

// The process's environment and the file system.
Sources system_sources();

// Has no variable, no file and no directory.
Sources empty_sources();

}  // namespace linkspan::config
