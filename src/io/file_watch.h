// Tells when any of a set of files has changed: config and certificate files, as people and tools really
// change them. It sees writing in place, replacing by rename (editors), swapping of symbolic links anywhere
// on the way to the file (Kubernetes config maps), and files or directories that are missing now and appear
// later.
//
// Loop's thread. The callback is made once things have been quiet for a moment (kQuietMs), and at the latest
// kAtLatestMs after the first change; it may destroy the FileWatch or set new paths.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/loop.h"
#include "io/unique_fd.h"

namespace linkspan::io {

class FileWatch final : private Watcher {
 public:
  static constexpr int kQuietMs = 200;
  static constexpr int kAtLatestMs = 2000;

  // Errors: system_error, when inotify is exhausted (the limits are fs.inotify.max_user_instances and
  // _watches).
  static Result<std::unique_ptr<FileWatch>> create(Loop& loop, std::vector<std::string> paths,
                                                   std::function<void()> on_change);
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;
  ~FileWatch();

  // Watches these files from now on (a reloaded config names others). Changes not yet told of are still told.
  Result<void> set_paths(std::vector<std::string> paths);

 private:
  // What tells one state of a file from another; all zero when it does not exist.
  struct Fingerprint {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    bool operator==(const Fingerprint&) const = default;
  };
  struct QuietTimer : Timer {
    explicit QuietTimer(FileWatch& w) : Timer(&FileWatch::on_quiet), watch(&w) {}
    FileWatch* watch;
  };

  FileWatch(Loop& loop, UniqueFd inotify, std::function<void()> on_change);
  static void on_ready(Watcher& watcher, std::uint32_t events);
  static void on_quiet(Timer& timer);
  static Fingerprint fingerprint(const std::string& path);
  Result<void> watch_all();
  Result<void> watch_way_to(const std::string& path);
  Result<void> watch_entry(const std::string& directory, const std::string& name);
  void note_change();

  Loop& loop_;
  UniqueFd inotify_;
  std::function<void()> on_change_;
  std::map<std::string, Fingerprint> files_;
  std::map<int, std::set<std::string>> entries_;  // by inotify watch: the names in that directory that matter
  QuietTimer quiet_;
  MonotonicNs tell_by_ = 0;
};

}  // namespace linkspan::io
