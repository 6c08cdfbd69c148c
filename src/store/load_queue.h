// Answers load() from a connection of its own, beside the writer.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/sqlite_reader.h"
#include "store/store.h"

namespace linkspan::store {

class LoadQueue {
 public:
  using Post = std::function<void(std::function<void()>)>;

  // Answers are posted, several in one message, and dropped once `*ended` is true.
  LoadQueue(SqliteReader reader, Post post, std::shared_ptr<const bool> ended);
  LoadQueue(const LoadQueue&) = delete;
  LoadQueue& operator=(const LoadQueue&) = delete;
  // What was not begun is dropped.
  ~LoadQueue();

  void start();  // its thread; without it, step() is to be called
  void push(RunNo run, Store::LoadDone done);
  // False: nothing was asked for.
  bool step();

 private:
  struct Question {
    RunNo run;
    Store::LoadDone done;
  };
  struct Answer {
    Store::LoadDone done;
    Result<StoredRun> result;
  };
  void loop();
  void answer(std::vector<Question> questions);

  SqliteReader reader_;
  const Post post_;
  const std::shared_ptr<const bool> ended_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Question> questions_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace linkspan::store
