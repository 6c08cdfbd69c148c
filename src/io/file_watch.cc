#include "io/file_watch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <sys/inotify.h>
#include <sys/stat.h>

#include "base/error_kinds.h"

namespace linkspan::io {

namespace {

// Not IN_MODIFY: what is written counts when it is closed, and a file beside it that is written to all the
// time (a log, a store) must not wake anybody.
constexpr std::uint32_t kChanges = IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE |
                                   IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr int kMaxLinks = 40;  // as the kernel allows on the way to a file

Error inotify_failure(const char* call) {
  return {errors::system_error, std::string(call) + ": " + std::strerror(errno)};
}

}  // namespace

Result<std::unique_ptr<FileWatch>> FileWatch::create(Loop& loop, std::vector<std::string> paths,
                                                     std::function<void()> on_change) {
  UniqueFd inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify.valid()) return inotify_failure("inotify_init1");
  std::unique_ptr<FileWatch> watch(new FileWatch(loop, std::move(inotify), std::move(on_change)));
  Result<void> added = loop.add(watch->inotify_.get(), *watch, Loop::kLevelRead);
  if (!added) return std::move(added).error();
  Result<void> watching = watch->set_paths(std::move(paths));
  if (!watching) return std::move(watching).error();
  return watch;
}

FileWatch::FileWatch(Loop& loop, UniqueFd inotify, std::function<void()> on_change)
    : Watcher(&on_ready),
      loop_(loop),
      inotify_(std::move(inotify)),
      on_change_(std::move(on_change)),
      quiet_(*this) {}

FileWatch::~FileWatch() {
  loop_.remove(inotify_.get());
}

Result<void> FileWatch::set_paths(std::vector<std::string> paths) {
  std::map<std::string, Fingerprint> before;
  before.swap(files_);
  for (const std::string& path : paths) {
    std::error_code failure;
    const std::filesystem::path absolute = std::filesystem::absolute(path, failure);
    files_.emplace(failure ? path : absolute.lexically_normal().string(), Fingerprint{});
  }
  Result<void> watching = watch_all();
  if (!watching) return watching;
  // After watching: a change in between is told once too often rather than missed. A file that was watched
  // already keeps the state last told of.
  for (auto& [path, state] : files_) {
    const auto known = before.find(path);
    state = known != before.end() ? known->second : fingerprint(path);
  }
  return {};
}

FileWatch::Fingerprint FileWatch::fingerprint(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec * kNsPerSecond + info.st_mtim.tv_nsec};
}

// Watches follow inodes, so after a change the way to each file is walked anew. Directories no longer on the
// way lose their watch.
Result<void> FileWatch::watch_all() {
  std::map<int, std::set<std::string>> before;
  before.swap(entries_);
  for (const auto& [path, state] : files_) {
    Result<void> watching = watch_way_to(path);
    if (!watching) return watching;
  }
  for (const auto& [watch, names] : before) {
    if (!entries_.contains(watch)) ::inotify_rm_watch(inotify_.get(), watch);
  }
  return {};
}

// Every component of the path can be what changes: it may be missing, or a symbolic link that is swapped.
Result<void> FileWatch::watch_way_to(const std::string& path) {
  std::filesystem::path rest(path);
  std::filesystem::path at("/");
  rest = rest.relative_path();
  for (int links = 0; !rest.empty() && links <= kMaxLinks;) {
    const std::filesystem::path name = *rest.begin();
    Result<void> watching = watch_entry(at.string(), name.string());
    if (!watching) return watching;
    std::error_code failure;
    const std::filesystem::path entry = at / name;
    const std::filesystem::path after = rest.lexically_relative(name);
    const bool is_last = after.empty() || after == ".";
    if (std::filesystem::is_symlink(entry, failure)) {
      std::filesystem::path target = std::filesystem::read_symlink(entry, failure);
      if (failure) return {};
      if (target.is_relative()) target = at / target;
      if (!is_last) target /= after;
      rest = target.lexically_normal().relative_path();
      at = "/";
      ++links;
      continue;
    }
    if (is_last || !std::filesystem::is_directory(entry, failure)) return {};
    at = entry;
    rest = after;
  }
  return {};
}

Result<void> FileWatch::watch_entry(const std::string& directory, const std::string& name) {
  const int watch = ::inotify_add_watch(inotify_.get(), directory.c_str(), kChanges | IN_ONLYDIR);
  if (watch < 0) {
    // Gone again, or not ours to look into: what is above it is watched.
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) return {};
    return inotify_failure("inotify_add_watch");
  }
  entries_[watch].insert(name);
  return {};
}

void FileWatch::on_ready(Watcher& watcher, std::uint32_t) {
  auto& self = static_cast<FileWatch&>(watcher);
  alignas(inotify_event) char buffer[16 * 1024];
  bool changed = false;
  ssize_t got = 0;
  while ((got = ::read(self.inotify_.get(), buffer, sizeof buffer)) > 0) {
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      const auto found = self.entries_.find(event->wd);
      const bool of_directory = event->len == 0;  // the directory itself went, or events were lost
      if (of_directory || (found != self.entries_.end() && found->second.contains(event->name)))
        changed = true;
    }
  }
  if (changed) self.note_change();
}

void FileWatch::note_change() {
  const MonotonicNs now = loop_.now();
  if (!quiet_.armed()) tell_by_ = now + kAtLatestMs * kNsPerMs;
  loop_.arm(quiet_, std::min(now + kQuietMs * kNsPerMs, tell_by_));
}

void FileWatch::on_quiet(Timer& timer) {
  FileWatch& self = *static_cast<QuietTimer&>(timer).watch;
  // Out of watches is not fatal here: what could be watched is, and the callback's reload tries again.
  if (!self.watch_all()) self.note_change();
  bool changed = false;
  for (auto& [path, state] : self.files_) {
    const Fingerprint now = fingerprint(path);
    changed |= now != state;
    state = now;
  }
  if (!changed) return;
  const auto callback = self.on_change_;
  callback();
}

}  // namespace linkspan::io
