#include "canned_upstream.h"

#include <cerrno>
#include <ctime>

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

namespace linkspan::loadgen {
namespace {

constexpr std::size_t kSendfileFromBytes = 16 * 1024;
constexpr int kLargeSendBufferBytes = 1 << 20;

std::string make_answer(std::size_t body_bytes) {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char date[64];
  const std::size_t date_size = std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  std::string answer = "HTTP/1.1 200 OK\r\nServer: loadgen\r\nDate: ";
  answer.append(date, date_size);
  answer +=
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n\r\n";
  answer.append(body_bytes, 'x');
  return answer;
}

int in_memory_file(const std::string& content) {
  const int fd = memfd_create("answer", MFD_CLOEXEC);
  if (fd < 0 || write(fd, content.data(), content.size()) != static_cast<ssize_t>(content.size()))
    give_up_errno("memfd");
  return fd;
}

int listen_on(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    give_up_errno("bind of the upstream's port");
  if (listen(fd, 4096) != 0) give_up_errno("listen");
  return fd;
}

}  // namespace

class CannedUpstream::Connection final : public Pollable {
 public:
  Connection(int fd, const CannedUpstream& server) : fd_(fd), server_(server) {}
  ~Connection() {
    if (fd_ >= 0) close(fd_);
  }

  bool closed() const { return fd_ < 0; }

  void on_ready(std::uint32_t) override {
    if (fd_ < 0) return;
    if (sent_ != kNothingToSend && !send_answer()) return;
    char buffer[16 * 1024];
    const ssize_t size = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return hang_up();
    for (ssize_t i = size > 4 ? size - 4 : 0; i < size; ++i) {
      last_four_ = last_four_ << 8 | static_cast<unsigned char>(buffer[i]);
    }
    constexpr std::uint32_t kBlankLine = 0x0d0a0d0a;
    if (last_four_ != kBlankLine) return;
    last_four_ = 0;
    sent_ = 0;
    send_answer();
  }

 private:
  static constexpr std::size_t kNothingToSend = ~std::size_t{0};

  // Whether the connection is ready for the next request.
  bool send_answer() {
    const std::string& answer = server_.answer_;
    while (sent_ < answer.size()) {
      auto offset = static_cast<off_t>(sent_);
      const std::size_t left = answer.size() - sent_;
      const ssize_t size = server_.answer_file_ >= 0
                               ? sendfile(fd_, server_.answer_file_, &offset, left)
                               : send(fd_, answer.data() + sent_, left, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (size < 0 && errno == EAGAIN) return false;
      if (size <= 0) {
        hang_up();
        return false;
      }
      sent_ += static_cast<std::size_t>(size);
    }
    sent_ = kNothingToSend;
    return true;
  }

  void hang_up() {
    close(fd_);
    fd_ = -1;
  }

  int fd_;
  const CannedUpstream& server_;
  std::size_t sent_ = kNothingToSend;
  std::uint32_t last_four_ = 0;
};

CannedUpstream::CannedUpstream(Poller& poller, std::uint16_t port, std::size_t body_bytes)
    : poller_(poller), listener_(listen_on(port)), answer_(make_answer(body_bytes)) {
  if (body_bytes >= kSendfileFromBytes) answer_file_ = in_memory_file(answer_);
  poller_.add(listener_, *this);
}

CannedUpstream::~CannedUpstream() {
  close(listener_);
  if (answer_file_ >= 0) close(answer_file_);
}

void CannedUpstream::on_ready(std::uint32_t) {
  // Safe here: a closed connection has no event left, not even in the batch under way.
  std::erase_if(connections_, [](const auto& connection) { return connection->closed(); });
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno == EAGAIN || errno == ECONNABORTED) return;
      give_up_errno("accept");
    }
    tune_socket(fd);
    if (answer_file_ >= 0) {
      setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kLargeSendBufferBytes, sizeof kLargeSendBufferBytes);
    }
    connections_.push_back(std::make_unique<Connection>(fd, *this));
    poller_.add(fd, *connections_.back());
  }
}

}  // namespace linkspan::loadgen
