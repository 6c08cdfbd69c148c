// The listening sockets across reloads: what a new generation needs besides those that are open, and what it no longer
// needs. Sockets of addresses that stay are never closed, as their backlogs would be lost. Control thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/generation.h"
#include "base/result.h"
#include "gateway/server/server.h"
#include "io/unique_fd.h"

namespace linkspan::app {

// What one server (a worker's, or the admin's) has to do to listen as a generation says.
struct ListenerChange {
  struct Added {
    std::string key;
    io::UniqueFd socket;
    std::shared_ptr<const gateway::ListenerOptions> options;
  };
  struct Updated {
    std::string key;
    std::shared_ptr<const gateway::ListenerOptions> options;
  };
  std::vector<Added> added;
  std::vector<Updated> updated;
  std::vector<std::string> removed;

  void apply(gateway::Server& server, const Logger& log);
};

class Listeners {
 public:
  explicit Listeners(std::size_t servers) : servers_(servers) {}

  // One change a server. Opens all new sockets first: on failure (listen_failed) nothing has changed. A port of 0 is
  // chosen by the system and the same for all servers.
  Result<std::vector<ListenerChange>> change_to(const std::vector<ListenerPlan>& plans);

  // Where it really listens: "127.0.0.1:43211" by key.
  const std::map<std::string, std::string>& addresses() const { return addresses_; }

 private:
  std::size_t servers_;
  std::map<std::string, std::string> addresses_;
};

}  // namespace linkspan::app
