#include "base/log_sink.h"

#include <algorithm>
#include <chrono>
#include <csignal>

#include "base/log_format.h"
#include "base/log_output.h"

namespace linkspan {
namespace {

constexpr std::chrono::seconds kFlushPatience{2};
constexpr std::string_view kOwnRoom = "log";

}  // namespace

LogProducer::LogProducer(LogSink& sink, std::size_t ring_bytes, bool shared)
    : sink_(sink),
      general_(ring_bytes, sink.wakeup_),
      access_(ring_bytes, sink.wakeup_),
      mutex_(shared ? std::make_unique<std::mutex>() : nullptr) {}

Logger LogProducer::room(std::string_view name) {
  return Logger(*this, sink_.room(name));
}

void LogProducer::write(const LogRoom& room, Level level, std::string_view message, LogFields fields) {
  std::unique_lock<std::mutex> lock;
  if (mutex_) lock = std::unique_lock(*mutex_);
  if (char* out = general_.reserve(kMaxLogRecordBytes)) {
    general_.commit(sink_.format(room, level, message, fields, timestamp_, out));
  }
}

LogSink::LogSink(const LogSinkOptions& options, const Clock& clock)
    : options_(options), clock_(clock), default_level_(options.level) {
  general_ = std::make_unique<LogOutputFile>(options_.general, stopping_);
  if (options_.general != options_.access) {
    access_ = std::make_unique<LogOutputFile>(options_.access, stopping_);
  }
  producers_.push_back(std::make_unique<LogProducer>(*this, options_.ring_bytes, true));
  shared_ = producers_.front().get();
}

Result<std::unique_ptr<LogSink>> LogSink::open(const LogSinkOptions& options, const Clock& clock) {
  std::unique_ptr<LogSink> sink(new LogSink(options, clock));
  if (Result<void> started = sink->start(); !started) return std::move(started).error();
  return sink;
}

Result<void> LogSink::start() {
  if (Result<void> opened = general_->open(); !opened) return opened;
  if (access_) {
    if (Result<void> opened = access_->open(); !opened) return opened;
  }
  human_ = options_.format == LogFormat::human ||
           (options_.format == LogFormat::automatic && general_->is_terminal());
  coloured_ = human_ && general_->is_terminal();

  // The writer takes no signals: they are for the main thread, and a closed pipe is an error here, not a
  // SIGPIPE.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  writer_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return {};
}

LogSink::~LogSink() {
  stopping_.store(true, std::memory_order_release);
  wakeup_.notify();
  if (writer_.joinable()) writer_.join();
}

LogProducer& LogSink::add_producer() {
  auto producer = std::make_unique<LogProducer>(*this, options_.ring_bytes, false);
  const std::lock_guard lock(mutex_);
  producers_.push_back(std::move(producer));
  return *producers_.back();
}

LogSink::Room& LogSink::find_room(std::string_view name) {
  const auto found = std::find_if(rooms_.begin(), rooms_.end(),
                                  [name](const Room& entry) { return entry.room.name == name; });
  if (found != rooms_.end()) return *found;
  return rooms_.emplace_back(name, default_level_);
}

const LogRoom& LogSink::room(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return find_room(name).room;
}

void LogSink::set_default_level(Level level) {
  const std::lock_guard lock(mutex_);
  default_level_ = level;
  for (Room& entry : rooms_) {
    if (!entry.own_level) entry.room.level.store(level, std::memory_order_relaxed);
  }
}

void LogSink::set_room_level(std::string_view name, Level level) {
  const std::lock_guard lock(mutex_);
  Room& entry = find_room(name);
  entry.own_level = true;
  entry.room.level.store(level, std::memory_order_relaxed);
}

void LogSink::clear_room_levels() {
  const std::lock_guard lock(mutex_);
  for (Room& entry : rooms_) {
    entry.own_level = false;
    entry.room.level.store(default_level_, std::memory_order_relaxed);
  }
}

void LogSink::request_reopen() {
  reopen_.store(true, std::memory_order_relaxed);
  wakeup_.notify();
}

void LogSink::flush() {
  std::unique_lock lock(mutex_);
  // The round under way may have passed a ring already; the one after it has not.
  const std::uint64_t wanted = rounds_done_ + 2;
  const auto deadline = std::chrono::steady_clock::now() + kFlushPatience;
  while (rounds_done_ < wanted && std::chrono::steady_clock::now() < deadline) {
    wakeup_.notify();
    round_done_.wait_until(lock, deadline);
  }
}

std::uint64_t LogSink::dropped_records() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t dropped = 0;
  for (const auto& producer : producers_) {
    dropped += producer->general_.dropped_records() + producer->access_.dropped_records();
  }
  return dropped;
}

std::size_t LogSink::format(const LogRoom& room, Level level, std::string_view message, LogFields fields,
                            TimestampFormatter& timestamp, char* out) const {
  const LogRecord record{
      timestamp.format(clock_.wall_ns()), level, room.name, message, {fields.begin(), fields.size()}};
  return human_ ? format_log_human(record, coloured_, out) : format_log_json(record, out);
}

void LogSink::run() {
  for (bool last_round = false; !last_round;) {
    wakeup_.wait_ms(options_.drain_interval_ms);
    // Read before draining: what was committed before the stop is then seen by this round.
    last_round = stopping_.load(std::memory_order_acquire);
    if (reopen_.exchange(false, std::memory_order_relaxed)) reopen_outputs();
    drain_all();
    report_losses();
    {
      const std::lock_guard lock(mutex_);
      ++rounds_done_;
    }
    round_done_.notify_all();
  }
}

void LogSink::drain_all() {
  std::size_t count;
  {
    const std::lock_guard lock(mutex_);
    count = producers_.size();
  }
  for (std::size_t i = 0; i < count; ++i) {
    LogProducer* producer;
    {
      const std::lock_guard lock(mutex_);
      producer = producers_[i].get();
    }
    drain(producer->general_, *general_);
    drain(producer->access_, access_ ? *access_ : *general_);
  }
}

void LogSink::drain(LogRing& ring, LogOutputFile& output) {
  // What lies in the ring now is at most two pieces; more would let one busy worker keep the others waiting.
  for (int piece = 0; piece < 2; ++piece) {
    const std::span<const char> bytes = ring.readable();
    if (bytes.empty()) return;
    const std::size_t failed = output.write(bytes);
    if (failed > 0) failed_bytes_.fetch_add(failed, std::memory_order_relaxed);
    ring.consume(bytes.size());
  }
}

void LogSink::report_losses() {
  const std::uint64_t dropped = dropped_records() - reported_drops_;
  const std::uint64_t failed = failed_bytes() - reported_failed_bytes_;
  if (dropped == 0 && failed == 0) return;
  const MonotonicNs now = clock_.monotonic_ns();
  const bool stopping = stopping_.load(std::memory_order_relaxed);
  const bool is_first = reported_drops_ == 0 && reported_failed_bytes_ == 0;
  if (!is_first && now - reported_at_ < kNsPerSecond && !stopping) return;
  reported_drops_ += dropped;
  reported_at_ = now;
  if (dropped > 0) {
    write_own(Level::warn, "dropped " + std::to_string(dropped) + " log records: the output is too slow",
              {{"dropped", dropped}});
  }
  if (failed > 0) {
    write_own(Level::warn,
              "lost " + std::to_string(failed) + " bytes of the logs: an output cannot be written",
              {{"lost_bytes", failed}});
  }
  reported_failed_bytes_ = failed_bytes();  // with those of the lines just written
}

void LogSink::reopen_outputs() {
  for (LogOutputFile* output : {general_.get(), access_.get()}) {
    if (output == nullptr) continue;
    if (const Result<void> opened = output->open(); !opened) {
      write_own(Level::error, "log not reopened", {{"error", opened.error().to_string()}});
    }
  }
}

void LogSink::write_own(Level level, std::string_view message, LogFields fields) {
  const LogRoom& own = room(kOwnRoom);
  if (level < own.level.load(std::memory_order_relaxed)) return;
  char line[kMaxLogRecordBytes];
  const std::size_t size = format(own, level, message, fields, timestamp_, line);
  const std::size_t failed = general_->write({line, size});
  if (failed > 0) failed_bytes_.fetch_add(failed, std::memory_order_relaxed);
}

}  // namespace linkspan
