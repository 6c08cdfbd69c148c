#include "upstream/connection.h"

#include <utility>

#include "upstream/server.h"

namespace linkspan::upstream {

Connection::Connection(io::Loop& loop) : stream(loop), idle_waiter_(loop, *this) {}

bool Connection::is_quiet() {
  if (!stream.is_open() || stream.peer_gone()) return false;
  if (!stream.may_read()) return true;
  // Nothing may come on an idle connection but what TLS keeps to itself, as session tickets.
  char byte = 0;
  const io::IoResult got = stream.read({&byte, 1});
  return got.status == io::IoStatus::would_block;
}

void Connection::on_idle_event(io::Waiter& waiter) {
  Connection& connection = *static_cast<IdleWaiter&>(waiter).connection;
  if (!connection.is_quiet()) connection.server_->drop_idle(&connection);
}

ConnectionStore::~ConnectionStore() {
  while (spare_ != nullptr) delete std::exchange(spare_, spare_->older_);
}

Connection* ConnectionStore::make() {
  if (spare_ == nullptr) return new Connection(loop_);
  Connection* connection = std::exchange(spare_, spare_->older_);
  --spares_;
  connection->older_ = nullptr;
  connection->exchanges_ = 0;
  return connection;
}

void ConnectionStore::recycle(Connection* connection) {
  connection->stream.set_waiter(nullptr);
  connection->server_ = nullptr;
  if (spares_ >= kMaxSpare) {
    delete connection;
    return;
  }
  connection->older_ = std::exchange(spare_, connection);
  ++spares_;
}

}  // namespace linkspan::upstream
