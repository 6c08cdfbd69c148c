#include "app/listeners.h"

#include <gtest/gtest.h>

#include "app/test_support.h"
#include "base/error_kinds.h"
#include "io/tcp.h"

namespace linkspan::app {
namespace {

std::string with_port(std::string_view yaml, std::string_view port) {
  std::string text(yaml);
  return text.replace(text.find("PORT"), 4, port);
}

std::string_view port_of(std::string_view address) {
  return address.substr(address.rfind(':') + 1);
}

class ListenersTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Generation> generation(std::string_view yaml) {
    Result<std::shared_ptr<const Generation>> built = generations_.build(yaml);
    EXPECT_TRUE(built) << built.error().to_string();
    return *built;
  }
  // Prepares and commits; the sockets stay open for the test's duration.
  const Listeners::Change& use(std::string_view yaml) {
    Result<Listeners::Change> change = listeners.prepare(*generation(yaml));
    EXPECT_TRUE(change) << change.error().to_string();
    listeners.commit(*change);
    return kept_.emplace_back(std::move(*change));
  }

  Listeners listeners{2};

 private:
  TestGenerations generations_;
  std::vector<Listeners::Change> kept_;
};

TEST_F(ListenersTest, every_worker_gets_a_socket_on_the_same_port) {
  const Listeners::Change& change = use("listen: http://127.0.0.1:0\nadmin: http://127.0.0.1:0");
  ASSERT_EQ(change.workers.size(), 2u);
  for (const ListenerChange& worker : change.workers) {
    ASSERT_EQ(worker.added.size(), 1u);
    EXPECT_EQ(io::local_address(worker.added[0].socket.get())->to_string(),
              listeners.addresses().at("127.0.0.1:0"));
  }
  ASSERT_EQ(change.admin.added.size(), 1u);
  EXPECT_NE(listeners.admin_addresses().at("127.0.0.1:0"), listeners.addresses().at("127.0.0.1:0"));
}

TEST_F(ListenersTest, addresses_that_stay_keep_their_sockets) {
  use("listen: http://127.0.0.1:0");
  const Listeners::Addresses before = listeners.addresses();
  const Listeners::Change& again = use("listen: http://127.0.0.1:0");
  EXPECT_TRUE(again.workers[0].added.empty());
  EXPECT_EQ(again.workers[0].updated.size(), 1u);
  EXPECT_EQ(listeners.addresses(), before);
}

TEST_F(ListenersTest, addresses_that_are_gone_are_given_up) {
  use("listen: [http://127.0.0.1:0, http://127.0.0.2:0]");
  const Listeners::Change& change = use("listen: http://127.0.0.2:0");
  EXPECT_EQ(change.workers[1].removed, std::vector<std::string>{"127.0.0.1:0"});
  EXPECT_FALSE(listeners.addresses().contains("127.0.0.1:0"));
}

TEST_F(ListenersTest, an_address_of_another_process_is_refused_and_nothing_changes) {
  use("listen: http://127.0.0.1:0");
  const Listeners::Addresses before = listeners.addresses();
  Result<io::UniqueFd> other = io::listen_tcp(*io::SocketAddress::parse("127.0.0.1", 0), 1);
  ASSERT_TRUE(other);
  const std::string taken = io::local_address(other->get())->to_string();

  // The new worker address could be had, the admin's cannot.
  Result<Listeners::Change> change = listeners.prepare(
      *generation(with_port("listen: http://127.0.0.3:0\nadmin: http://127.0.0.1:PORT", port_of(taken))));
  ASSERT_FALSE(change);
  EXPECT_EQ(&change.error().kind(), &errors::listen_failed);
  EXPECT_NE(change.error().detail().find(taken), std::string::npos) << change.error().detail();
  EXPECT_EQ(listeners.addresses(), before);
  EXPECT_TRUE(listeners.admin_addresses().empty());
}

TEST_F(ListenersTest, a_port_may_move_from_the_workers_to_the_admin_at_once) {
  use("listen: http://127.0.0.1:0");
  const std::string address = listeners.addresses().at("127.0.0.1:0");
  const Listeners::Change& change =
      use(with_port("listen: http://127.0.0.1:0\nadmin: http://127.0.0.1:PORT", port_of(address)));
  EXPECT_EQ(change.admin.added.size(), 1u);
  EXPECT_EQ(listeners.admin_addresses().at(address), address);
}

}  // namespace
}  // namespace linkspan::app
