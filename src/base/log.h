// Structured logging, as the code that logs sees it.
//
//   log.info("listening", {{"address", "127.0.0.1:8080"}, {"workers", 2}});
//   if (log.enabled(Level::debug)) log.debug("route matched", {{"endpoint", name}, {"candidates", count}});
//
// A Logger is a small value (two pointers) that stands for one room on one thread: a worker takes one from
// its LogProducer, anyone else from LogSink::shared(). Logging never blocks a worker: the record is formatted
// at once into the thread's own ring; if that is full the record is dropped and counted. Fields are views and
// are copied in the call. Secrets do not belong in logs; nothing here can tell.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace linkspan {

class LogProducer;

enum class Level : unsigned char { trace, debug, info, warn, error, off };

std::string_view to_string(Level level);

// A room's name and its level, which may change at any time (config reload). Owned by the LogSink.
struct LogRoom {
  std::string name;
  std::atomic<Level> level;
};

// A key (lower case, snake_case, unit in the name) and a value. Views: to be used within the call only.
class LogField {
 public:
  enum class Type : unsigned char { text, integer, unsigned_integer, real, boolean };

  LogField(std::string_view key, std::string_view text) : key_(key), type_(Type::text), text_(text) {}
  LogField(std::string_view key, const char* text) : LogField(key, std::string_view(text)) {}
  LogField(std::string_view key, const std::string& text) : LogField(key, std::string_view(text)) {}
  LogField(std::string_view key, bool truth) : key_(key), type_(Type::boolean), boolean_(truth) {}
  template <std::floating_point T>
  LogField(std::string_view key, T number) : key_(key), type_(Type::real), real_(number) {}
  template <std::signed_integral T>
  LogField(std::string_view key, T number) : key_(key), type_(Type::integer), integer_(number) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  LogField(std::string_view key, T number) : key_(key), type_(Type::unsigned_integer), unsigned_(number) {}

  std::string_view key() const { return key_; }
  Type type() const { return type_; }
  std::string_view text() const { return text_; }
  std::int64_t integer() const { return integer_; }
  std::uint64_t unsigned_integer() const { return unsigned_; }
  double real() const { return real_; }
  bool boolean() const { return boolean_; }

 private:
  std::string_view key_;
  Type type_;
  union {
    std::string_view text_;
    std::int64_t integer_;
    std::uint64_t unsigned_;
    double real_;
    bool boolean_;
  };
};

using LogFields = std::initializer_list<LogField>;

class Logger {
 public:
  // Discards everything; for tests and for code that runs before logging is set up.
  Logger();

  bool enabled(Level level) const { return level >= room_->level.load(std::memory_order_relaxed); }

  void log(Level level, std::string_view message, LogFields fields = {}) const {
    if (enabled(level)) write(level, message, fields);
  }
  void trace(std::string_view message, LogFields fields = {}) const { log(Level::trace, message, fields); }
  void debug(std::string_view message, LogFields fields = {}) const { log(Level::debug, message, fields); }
  void info(std::string_view message, LogFields fields = {}) const { log(Level::info, message, fields); }
  void warn(std::string_view message, LogFields fields = {}) const { log(Level::warn, message, fields); }
  void error(std::string_view message, LogFields fields = {}) const { log(Level::error, message, fields); }

  // The same thread's logger of another room.
  Logger room(std::string_view name) const;

 private:
  friend class LogProducer;
  Logger(LogProducer& producer, const LogRoom& room) : producer_(&producer), room_(&room) {}
  void write(Level level, std::string_view message, LogFields fields) const;

  LogProducer* producer_;
  const LogRoom* room_;
};

}  // namespace linkspan
