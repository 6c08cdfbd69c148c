// linkspan-systems: plays the systems of the demo over HTTP. When all ports are open it prints them as one
// line of JSON on standard output; SIGTERM or SIGINT ends it.
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/error_kinds.h"
#include "base/strings.h"
#include "io/signals.h"
#include "systems/demo.h"

namespace linkspan::systems {
namespace {

struct Options {
  std::vector<std::pair<std::string, std::string>> ports;  // system (or "control") and addresses
  std::size_t max_effects = EffectLog::kDefaultMaxEntries;
};

Result<io::SocketAddress> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string_view::npos ? std::nullopt : parse_u64(text.substr(colon + 1));
  if (!port || *port > 65535) {
    return Error(errors::config_invalid,
                 "\"" + std::string(text) + "\": an address such as 127.0.0.1:7001 is expected");
  }
  return io::SocketAddress::parse(text.substr(0, colon), static_cast<std::uint16_t>(*port));
}

Result<void> open_ports(Demo& demo, const Options& options) {
  for (const auto& [name, addresses] : options.ports) {
    PlayedSystem* system = demo.find(name);  // null for control
    for (const std::string_view text : split(addresses, ',')) {
      const Result<io::SocketAddress> address = parse_address(text);
      if (!address) return Error(errors::config_invalid, address.error().detail());
      Result<void> opened = demo.listen(system, *address);
      if (!opened) return opened;
    }
  }
  return {};
}

int fail(const Error& error) {
  std::fprintf(stderr, "linkspan-systems: %s\n", error.to_string().c_str());
  return 1;
}

int run(const Options& options) {
  io::block_signals();
  RealClock clock;
  const Result<std::unique_ptr<io::Loop>> created = io::Loop::create(clock);
  if (!created) return fail(created.error());
  io::Loop& loop = **created;
  Demo demo(loop, options.max_effects);
  const Result<void> opened = open_ports(demo, options);
  if (!opened) return fail(opened.error());
  bool ending = false;
  const auto signals = io::Signals::create(loop, [&](int signal) {
    if (signal != SIGTERM && signal != SIGINT) return;
    if (!std::exchange(ending, true)) demo.drain([&loop] { loop.stop(); });
    demo.abort();  // nothing here is worth waiting for
  });
  if (!signals) return fail(signals.error());
  std::printf("%s\n", demo.to_json().c_str());
  std::fflush(stdout);
  loop.run();
  return 0;
}

}  // namespace
}  // namespace linkspan::systems

int main(int argc, char** argv) {
  using linkspan::systems::Options;
  CLI::App app(
      "Plays the demo systems over HTTP. Each option takes one or several addresses (HOST:PORT,...; port 0 "
      "takes a free "
      "one); without any, all systems listen on free ports of 127.0.0.1. The open ports are printed as JSON.",
      "linkspan-systems");
  const char* const names[] = {"shop", "customers", "stock", "payments", "crm", "mail", "control"};
  std::vector<std::string> addresses(std::size(names));
  for (std::size_t i = 0; i < std::size(names); ++i) {
    app.add_option(std::string("--") + names[i], addresses[i], "addresses of this system")
        ->type_name("ADDRESSES");
  }
  app.get_option("--control")
      ->description("addresses that have the control API alone (every system has it too)");
  Options options;
  app.add_option("--max-effects", options.max_effects,
                 "effects to remember; the oldest are forgotten beyond it")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  for (std::size_t i = 0; i < std::size(names); ++i) {
    if (!addresses[i].empty()) options.ports.emplace_back(names[i], addresses[i]);
  }
  if (options.ports.empty()) {
    for (const char* name : names) options.ports.emplace_back(name, "127.0.0.1:0");
  }
  return linkspan::systems::run(options);
}
