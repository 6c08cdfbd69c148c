// The listening sockets across reloads: what a new generation needs besides those that are open, and what it
// no longer needs. Sockets of addresses that stay are never closed, as their backlogs would be lost. Control
// thread.
//
//   Result<Listeners::Change> change = listeners.prepare(generation);   // opens all new sockets, or fails
//   if (!change) -> nothing has changed
//   listeners.commit(*change);
//   ... each server applies its part of the change ...
#pragma once

#include <cstdint>
#include <map>
#include <set>
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

  // On the server's thread.
  void apply(gateway::Server& server, const Logger& log);
};

class Listeners {
 public:
  // Where it really listens: "127.0.0.1:43211" by the key of the plan.
  using Addresses = std::map<std::string, std::string>;

  struct Change {
    std::vector<ListenerChange> workers;  // one each
    ListenerChange admin;
    Addresses addresses;
    Addresses admin_addresses;
  };

  explicit Listeners(std::size_t workers) : workers_(workers) {}

  // Opens the sockets that `generation` needs and that are not open yet. A port of 0 is chosen by the system
  // and the same for all workers. Errors: listen_failed, also if another process listens there.
  Result<Change> prepare(const Generation& generation) const;
  // `change` is what the last prepare() gave; from now on it counts as done.
  void commit(const Change& change);

  const Addresses& addresses() const { return addresses_; }
  const Addresses& admin_addresses() const { return admin_addresses_; }

 private:
  std::size_t workers_;
  Addresses addresses_;
  Addresses admin_addresses_;
  // Every port that was ever listened to here. A socket that is being given up may be open for a moment yet,
  // so on these ports others are not looked for.
  std::set<std::string> own_ports_;
};

}  // namespace linkspan::app
