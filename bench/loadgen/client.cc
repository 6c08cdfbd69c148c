#include "client.h"

#include <cerrno>

#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "response_reader.h"

namespace linkspan::loadgen {
namespace {

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    give_up_errno("connecting to the proxy");
  tune_socket(fd);
  return fd;
}

// One cipher for all, the one that browsers prefer, so that every proxy does the same cryptography. The
// certificate is not verified: it is the benchmark's own, on the loopback interface.
SSL_CTX* make_tls_context() {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1) {
    give_up("setting up TLS");
  }
  SSL_CTX_set_read_ahead(context, 1);
  return context;
}

}  // namespace

class ClientGroup::Connection final : public Pollable {
 public:
  Connection(int fd, ClientGroup& group) : fd_(fd), group_(group) {
    if (group_.tls_ == nullptr) return;
    ssl_ = SSL_new(group_.tls_);
    if (ssl_ == nullptr || SSL_set_fd(ssl_, fd_) != 1 || SSL_connect(ssl_) != 1)
      give_up("TLS handshake with the proxy");
  }
  ~Connection() {
    SSL_free(ssl_);
    close(fd_);
  }

  void on_ready(std::uint32_t) override {
    if (lost_ || !awaiting_) return;
    const ResponseReader::Progress progress = ssl_ == nullptr ? read_plain() : read_tls();
    if (progress == ResponseReader::Progress::incomplete) return;
    awaiting_ = false;
    --group_.in_flight_;
    if (progress == ResponseReader::Progress::malformed) return lose();
    const std::uint64_t now = now_ns();
    group_.record(*this, now);
    if (!group_.stopping_) send_request(now);
  }

  void send_request(std::uint64_t now) {
    const std::string_view request = group_.requests_.next();
    const ssize_t sent = ssl_ == nullptr
                             ? send(fd_, request.data(), request.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                             : SSL_write(ssl_, request.data(), static_cast<int>(request.size()));
    if (sent != static_cast<ssize_t>(request.size())) return lose();
    sent_at_ns_ = now;
    awaiting_ = true;
    ++group_.in_flight_;
  }

  std::uint64_t sent_at_ns() const { return sent_at_ns_; }
  const ResponseReader& response() const { return response_; }

 private:
  using Progress = ResponseReader::Progress;

  // The rest of a known length is discarded in the kernel (MSG_TRUNC, tcp(7)): checking a body's length needs
  // no copy.
  Progress read_plain() {
    for (;;) {
      char buffer[16 * 1024];
      const std::size_t skippable = response_.skippable_bytes();
      const std::size_t wanted = skippable > 0 ? skippable : sizeof buffer;
      const ssize_t size = recv(fd_, buffer, wanted, MSG_DONTWAIT | (skippable > 0 ? MSG_TRUNC : 0));
      if (size < 0 && errno == EAGAIN) return Progress::incomplete;
      if (size <= 0) return Progress::malformed;
      const auto count = static_cast<std::size_t>(size);
      const Progress progress = skippable > 0 ? response_.skip(count) : response_.take({buffer, count});
      if (progress != Progress::incomplete || count < wanted) return progress;
    }
  }

  Progress read_tls() {
    for (;;) {
      char buffer[16 * 1024];
      const int size = SSL_read(ssl_, buffer, sizeof buffer);
      if (size <= 0) {
        return SSL_get_error(ssl_, size) == SSL_ERROR_WANT_READ ? Progress::incomplete : Progress::malformed;
      }
      const Progress progress = response_.take({buffer, static_cast<std::size_t>(size)});
      if (progress != Progress::incomplete) return progress;
    }
  }

  void lose() {
    lost_ = true;
    --group_.alive_;
    shutdown(fd_, SHUT_RDWR);
    group_.count_error("a connection was closed or its answer was malformed");
  }

  int fd_;
  ClientGroup& group_;
  SSL* ssl_ = nullptr;
  ResponseReader response_;
  std::uint64_t sent_at_ns_ = 0;
  bool awaiting_ = false;
  bool lost_ = false;
};

ClientGroup::ClientGroup(Poller& poller, const ClientSettings& settings, RequestSource& requests)
    : settings_(settings), requests_(requests) {
  if (settings_.tls) tls_ = make_tls_context();
  for (std::size_t i = 0; i < settings_.connections; ++i) {
    const int fd = connect_to(settings_.port);
    connections_.push_back(std::make_unique<Connection>(fd, *this));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    poller.add(fd, *connections_.back());
  }
  alive_ = connections_.size();
}

ClientGroup::~ClientGroup() {
  connections_.clear();
  SSL_CTX_free(tls_);
}

void ClientGroup::start() {
  const std::uint64_t now = now_ns();
  for (const auto& connection : connections_) connection->send_request(now);
}

void ClientGroup::record(const Connection& connection, std::uint64_t now) {
  ++statistics_.requests;
  statistics_.latency.record(now - connection.sent_at_ns());
  const ResponseReader& response = connection.response();
  if (response.status() != 200) {
    count_error("status " + std::to_string(response.status()));
  } else if (response.body_bytes() != settings_.expected_body_bytes) {
    count_error("a body of " + std::to_string(response.body_bytes()) + " bytes");
  }
}

void ClientGroup::count_error(const std::string& what) {
  if (statistics_.errors++ == 0) statistics_.first_error = what;
}

}  // namespace linkspan::loadgen
