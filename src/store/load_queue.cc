#include "store/load_queue.h"

#include <algorithm>
#include <utility>

namespace linkspan::store {
namespace {

// So many runs in one message: their records lie in memory until the engine has taken them.
constexpr std::size_t kLoadsPerMessage = 64;

}  // namespace

LoadQueue::LoadQueue(SqliteReader reader, Post post, std::shared_ptr<const bool> ended)
    : reader_(std::move(reader)), post_(std::move(post)), ended_(std::move(ended)) {}

LoadQueue::~LoadQueue() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void LoadQueue::start() {
  thread_ = std::thread([this] { loop(); });
}

void LoadQueue::push(RunNo run, Store::LoadDone done) {
  {
    std::lock_guard lock(mutex_);
    questions_.push_back({run, std::move(done)});
  }
  changed_.notify_one();
}

void LoadQueue::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (questions_.empty()) {
      changed_.wait(lock);
      continue;
    }
    lock.unlock();
    step();
    lock.lock();
  }
}

bool LoadQueue::step() {
  std::vector<Question> taken;
  {
    std::lock_guard lock(mutex_);
    const auto end =
        questions_.begin() + static_cast<std::ptrdiff_t>(std::min(questions_.size(), kLoadsPerMessage));
    taken.assign(std::make_move_iterator(questions_.begin()), std::make_move_iterator(end));
    questions_.erase(questions_.begin(), end);
  }
  if (taken.empty()) return false;
  answer(std::move(taken));
  return true;
}

void LoadQueue::answer(std::vector<Question> questions) {
  auto answers = std::make_shared<std::vector<Answer>>();
  answers->reserve(questions.size());
  for (Question& question : questions) {
    answers->push_back({std::move(question.done), reader_.read(question.run)});
  }
  post_([answers, ended = ended_] {
    for (Answer& answer : *answers) {
      if (*ended) return;
      answer.done(std::move(answer.result));
    }
  });
}

}  // namespace linkspan::store
