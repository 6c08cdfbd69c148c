#include "options.h"

#include <cstdio>
#include <cstdlib>

#include <getopt.h>

namespace linkspan::loadgen {
namespace {

constexpr char kUsage[] =
    "usage: linkspan_loadgen --target PORT [--upstream PORT] [options]\n"
    "  --target PORT       the proxy, on 127.0.0.1\n"
    "  --upstream PORT     also answer as the upstream on this port\n"
    "  --connections N     keep-alive client connections (64)\n"
    "  --warmup SECONDS    load before the measured window (0.5)\n"
    "  --duration SECONDS  the measured window (3)\n"
    "  --body BYTES        size of the upstream's answer (256)\n"
    "  --keys FILE         API keys to cycle through, one a line\n"
    "  --paths FILE        paths to cycle through, one a line\n"
    "  --tls               TLS 1.3 to the proxy\n"
    "  --block             sleep when idle instead of polling\n"
    "  --watch PID         report this process's CPU time over the window; may be repeated\n";

[[noreturn]] void refuse(const char* why) {
  std::fprintf(stderr, "linkspan_loadgen: %s\n%s", why, kUsage);
  std::exit(2);
}

double number(const char* text, double least, double most) {
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0' || !(value >= least && value <= most))
    refuse("a number is missing or out of range");
  return value;
}

}  // namespace

Options parse_options(int argc, char** argv) {
  static const option kLong[] = {{"target", required_argument, nullptr, 't'},
                                 {"upstream", required_argument, nullptr, 'u'},
                                 {"connections", required_argument, nullptr, 'c'},
                                 {"warmup", required_argument, nullptr, 'w'},
                                 {"duration", required_argument, nullptr, 'd'},
                                 {"body", required_argument, nullptr, 'b'},
                                 {"keys", required_argument, nullptr, 'k'},
                                 {"paths", required_argument, nullptr, 'p'},
                                 {"watch", required_argument, nullptr, 'W'},
                                 {"tls", no_argument, nullptr, 'T'},
                                 {"block", no_argument, nullptr, 'B'},
                                 {nullptr, 0, nullptr, 0}};
  Options options;
  for (int flag = 0; (flag = getopt_long(argc, argv, "", kLong, nullptr)) != -1;) {
    switch (flag) {
      case 't':
        options.target_port = static_cast<std::uint16_t>(number(optarg, 1, 65535));
        break;
      case 'u':
        options.upstream_port = static_cast<std::uint16_t>(number(optarg, 1, 65535));
        break;
      case 'c':
        options.connections = static_cast<std::size_t>(number(optarg, 1, 10000));
        break;
      case 'w':
        options.warmup_seconds = number(optarg, 0, 60);
        break;
      case 'd':
        options.duration_seconds = number(optarg, 0.05, 600);
        break;
      case 'b':
        options.body_bytes = static_cast<std::size_t>(number(optarg, 0, 16 << 20));
        break;
      case 'k':
        options.keys_file = optarg;
        break;
      case 'p':
        options.paths_file = optarg;
        break;
      case 'W':
        options.watch.push_back(static_cast<pid_t>(number(optarg, 1, 1 << 22)));
        break;
      case 'T':
        options.tls = true;
        break;
      case 'B':
        options.block = true;
        break;
      default:
        refuse("option not understood");
    }
  }
  if (optind != argc) refuse("unexpected argument");
  if (options.target_port == 0) refuse("--target is required");
  return options;
}

}  // namespace linkspan::loadgen
