// What a demo system is: a name, a table of operations, and state in memory. No I/O here: an operation takes
// a call and returns an answer, so that its rules can be tested without a socket. One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/method.h"

namespace linkspan::systems {

struct Call {
  std::string_view id;     // what stands for {id} in the operation's pattern, decoded
  std::string_view query;  // as sent, without the '?'
  std::string_view body;
};

struct Answer {
  int status = 200;
  std::string body = {};
  std::string_view content_type = "application/json";
  std::string location = {};  // of what was made
  bool changed = false;       // the call had an effect
};

struct Operation {
  http::Method method;
  std::string_view pattern;  // "/charges/{id}/refund": at most one parameter
  std::string_view name;     // "refund", as the API's description calls it
  std::function<Answer(const Call&)> run;
};

class System {
 public:
  explicit System(std::string_view name);
  System(const System&) = delete;
  System& operator=(const System&) = delete;
  virtual ~System() = default;

  std::string_view name() const { return name_; }

  struct Match {
    const Operation* operation = nullptr;
    std::string id;
    std::string allow;  // methods of the path, when it exists but not with this method
  };
  // HEAD finds what GET finds.
  Match find(http::Method method, std::string_view path) const;

  // A refusal in the format that the system speaks.
  virtual Answer refusal(int status, std::string_view code, std::string_view message) const;

  // Back to the state of the start.
  virtual void reset() = 0;

 protected:
  template <typename Derived>
  void add(http::Method method, std::string_view pattern, std::string_view name,
           Answer (Derived::*run)(const Call&)) {
    auto* self = static_cast<Derived*>(this);
    operations_.push_back(
        {method, pattern, name, [self, run](const Call& call) { return (self->*run)(call); }});
  }

  Answer not_found(std::string_view what, std::string_view id) const;

 private:
  Answer health(const Call& call);

  std::string_view name_;
  std::vector<Operation> operations_;
};

// The decoded value of a query parameter.
std::optional<std::string> query_value(std::string_view query, std::string_view name);
// `limit` of the query: 1 to 1000, else 100.
std::size_t query_limit(std::string_view query);

}  // namespace linkspan::systems
