// The attempts of one proxied request: which server is next, how to send it the request, and what to do about
// a failure. Plain code; the waiting is in GatewayHandler::forward. Used by the worker's thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "gateway/proxy/request_state.h"
#include "gateway/server/exchange.h"
#include "http/h1_response.h"
#include "upstream/cluster.h"
#include "upstream/retry.h"

namespace linkspan::gateway {

class Attempts {
 public:
  Attempts(Exchange& exchange, RequestState& state);
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;

  // The server for the next attempt; null: none, and failure() is set.
  upstream::Server* choose();
  // How long to wait before asking the chosen server, which has failed already and is the only one left; 0:
  // no need.
  MonotonicNs pause_ns();
  // After a pause: true if the total timeout has passed, and with it the chance of this attempt; failure() is
  // set.
  bool give_up_if_late();
  // Whether a pooled connection will do. Not after one was found dead: the others may be as old.
  bool may_reuse() const { return !facts_.free_retry_used; }
  // How long it took to get a connection, and how much of that was waiting in line for one; -1: there was no
  // line. Whether it was got or not.
  void note_opened(std::int64_t took_ns, std::int64_t waited_ns);
  // Loop time until which a connection may take to be opened.
  MonotonicNs connect_deadline() const;

  // Sends the request and begins to relay. False: it does not fit, and failure() is set.
  bool start(upstream::Connection& connection, http::ResponseHead& head_space);

  enum class Next : std::uint8_t {
    done,    // answered
    again,   // choose another server
    refuse,  // answer with failure()
    abandon  // nothing can be answered any more; failure() is for the record
  };
  // After a connection could not be opened, and after the relay ended (its connection is given back here).
  Next on_connect_failed(Error error);
  // The client has left while a connection was waited for: nothing is sent, and the connection stays good.
  Next on_client_gone(upstream::Connection& connection);
  Next on_relayed(upstream::Connection* connection);

  const Error& failure() const { return *failure_; }
  // With Next::refuse: no server could be asked, so that the request can still be given to something else.
  bool nobody_asked() const;

 private:
  static bool accept_status(void* owner, int status);
  bool late() const;
  bool within_rate();
  bool may_retry();
  void note_progress();
  void prepare_again(bool tried);

  Exchange& exchange_;
  RequestState& state_;
  const ProxyTarget& target_;
  upstream::Cluster& cluster_;
  upstream::AttemptFacts facts_;
  upstream::PickInput pick_;
  MonotonicNs total_deadline_ns_;
  std::optional<Error> failure_;
  bool is_sent_ = false;  // a server may have seen something of it
};

}  // namespace linkspan::gateway
