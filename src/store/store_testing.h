// What the tests of stores share: a folder that goes away, the engine's thread played by the test, rows.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/sqlite_store.h"
#include "store/store.h"

namespace linkspan::store {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "linkspan-store-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// The engine's thread: messages run when the test says so.
class Messages {
 public:
  std::function<void(std::function<void()>)> post() {
    return [shared = shared_](std::function<void()> message) {
      {
        std::lock_guard lock(shared->mutex);
        shared->messages.push_back(std::move(message));
      }
      shared->changed.notify_one();
    };
  }
  // Runs what was posted until `done` holds. False if nothing came for a long time.
  bool run_until(const std::function<bool()>& done) {
    while (!done()) {
      std::unique_lock lock(shared_->mutex);
      if (!shared_->changed.wait_for(lock, std::chrono::seconds(60),
                                     [this] { return !shared_->messages.empty(); })) {
        return false;
      }
      std::function<void()> message = std::move(shared_->messages.front());
      shared_->messages.pop_front();
      ++count_;
      lock.unlock();
      message();
    }
    return true;
  }
  std::size_t count() const { return count_; }

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> messages;
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::size_t count_ = 0;
};

inline RunRow run_row(RunNo run, const std::string& flow = "intake") {
  RunRow row;
  row.run = run;
  row.flow = flow;
  row.version = 1;
  row.started_at = run * kNsPerSecond;
  row.updated_at = row.started_at;
  return row;
}

inline RunRow ended_row(RunNo run, const std::string& flow = "intake") {
  RunRow row = run_row(run, flow);
  row.open = false;
  row.state = 7;
  row.ended_at = row.started_at + kNsPerSecond;
  return row;
}

// A Write that begins a run with one record.
inline Write begin_write(RunNo run, const std::string& record = "started") {
  Write write;
  write.run = run_row(run);
  write.records.push_back({run, 0, record});
  return write;
}

inline Write record_write(RunNo run, std::uint32_t seq, const std::string& record) {
  Write write;
  write.records.push_back({run, seq, record});
  return write;
}

inline SqliteOptions sqlite_options(const std::string& path, Messages& messages) {
  SqliteOptions options;
  options.file.path = path;
  options.post = messages.post();
  return options;
}

}  // namespace linkspan::store
