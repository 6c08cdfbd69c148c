#include "io/signals.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include <pthread.h>
#include <sys/signalfd.h>

#include "base/error_kinds.h"

namespace linkspan::io {

namespace {

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, signal);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

Result<std::unique_ptr<Signals>> Signals::create(Loop& loop, std::function<void(int)> on_signal) {
  const sigset_t set = handled_signals();
  UniqueFd fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd.valid()) return Error(errors::system_error, std::string("signalfd: ") + std::strerror(errno));
  std::unique_ptr<Signals> signals(new Signals(loop, std::move(fd), std::move(on_signal)));
  Result<void> added = loop.add(signals->fd_.get(), *signals, Loop::kLevelRead);
  if (!added) return std::move(added).error();
  return signals;
}

Signals::Signals(Loop& loop, UniqueFd fd, std::function<void(int)> on_signal)
    : Watcher(&on_ready), loop_(loop), fd_(std::move(fd)), on_signal_(std::move(on_signal)) {}

Signals::~Signals() {
  loop_.remove(fd_.get());
}

void Signals::on_ready(Watcher& watcher, std::uint32_t) {
  auto& self = static_cast<Signals&>(watcher);
  // One at a time (the descriptor is watched by level), so that the callback may destroy this object.
  signalfd_siginfo info;
  if (::read(self.fd_.get(), &info, sizeof info) != sizeof info) return;
  const auto callback = self.on_signal_;
  callback(static_cast<int>(info.ssi_signo));
}

}  // namespace linkspan::io
