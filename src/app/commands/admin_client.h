// Asks the running process, through the admin listener of its config.
#pragma once

#include <string>

#include "base/result.h"
#include "config/config.h"
#include "http/method.h"
#include "upstream/client.h"

namespace linkspan::app {

class AdminClient {
 public:
  // `url` is that of the admin listener if it is another than the config says; it may be empty. Errors:
  // config_invalid (the config has no admin listener, or the URL is none).
  static Result<AdminClient> create(const config::Config& config, const std::string& url);

  // `body` is JSON, or empty. Errors: those of upstream::send.
  Result<upstream::Response> ask(http::Method method, std::string target, std::string body) const;

 private:
  AdminClient(upstream::ServerSettings server, bool verify) : server_(std::move(server)), verify_(verify) {}

  upstream::ServerSettings server_;
  bool verify_;
};

}  // namespace linkspan::app
