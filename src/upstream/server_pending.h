// A request in line for a connection to a server that has its max_connections. Lives in the frame of
// Server::open.
#pragma once

#include "upstream/server.h"

namespace linkspan::upstream {

struct Server::Pending {
  Pending(Server& s, io::Waiter& w) : server(s), waiter(w) {
    previous = server.last_pending_;
    (previous != nullptr ? previous->next : server.first_pending_) = this;
    server.last_pending_ = this;
    ++server.pending_;
    server.state_->waiting.fetch_add(1, std::memory_order_relaxed);
  }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  // Leaves the line, and gives back what was granted but not taken.
  ~Pending() {
    leave();
    if (connection != nullptr) server.release(connection, true);
    if (has_slot) server.free_slot();
  }

  bool granted() const { return connection != nullptr || has_slot; }

  void leave() {
    if (!in_line) return;
    in_line = false;
    --server.pending_;
    (previous != nullptr ? previous->next : server.first_pending_) = next;
    (next != nullptr ? next->previous : server.last_pending_) = previous;
    server.state_->waiting.fetch_sub(1, std::memory_order_relaxed);
    if (polls) server.serve_waiting_soon();  // the next in line is to take over
  }

  Server& server;
  io::Waiter& waiter;
  Pending* previous = nullptr;
  Pending* next = nullptr;
  Connection* connection = nullptr;  // granted: an idle one, counted in flight
  bool has_slot = false;             // granted: the right to open one
  bool in_line = true;
  bool polls = false;  // the first in line: looks again and again whether another worker has freed something
};

}  // namespace linkspan::upstream
