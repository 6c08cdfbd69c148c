#include "gateway/server/outbox.h"

#include <array>
#include <cstring>
#include <utility>

namespace linkspan::gateway {

bool Outbox::note(const io::IoResult& result) {
  bytes_sent_ += result.bytes;
  if (result.status == io::IoStatus::ok || result.status == io::IoStatus::would_block) return true;
  error_ = result.error;
  return false;
}

bool Outbox::send(std::string_view data) {
  const io::IoResult result = stream_->write(std::span(data.data(), data.size()));
  if (!note(result)) return false;
  if (result.bytes < data.size()) keep(data.substr(result.bytes));
  return true;
}

bool Outbox::send(std::string_view first, std::string_view second) {
  const std::array<iovec, 2> pieces = {iovec{const_cast<char*>(first.data()), first.size()},
                                       iovec{const_cast<char*>(second.data()), second.size()}};
  const io::IoResult result = stream_->write(std::span<const iovec>(pieces));
  if (!note(result)) return false;
  const std::size_t total = first.size() + second.size();
  if (result.bytes == total) return true;
  kept_ = pool_->acquire(total - result.bytes);
  at_ = end_ = 0;
  if (result.bytes < first.size()) {
    const std::string_view rest = first.substr(result.bytes);
    std::memcpy(kept_.data(), rest.data(), rest.size());
    end_ = rest.size();
    std::memcpy(kept_.data() + end_, second.data(), second.size());
    end_ += second.size();
    unacknowledged_ = stream_->unacknowledged();
  } else {
    keep(second.substr(result.bytes - first.size()));
  }
  return true;
}

void Outbox::keep(std::string_view rest) {
  if (kept_.capacity() < rest.size()) kept_ = pool_->acquire(rest.size());
  std::memcpy(kept_.data(), rest.data(), rest.size());
  at_ = 0;
  end_ = rest.size();
  unacknowledged_ = stream_->unacknowledged();
}

bool Outbox::append(std::string_view data) {
  if (empty()) return data.empty() || send(data);
  const std::size_t kept = end_ - at_;
  if (kept_.capacity() - end_ < data.size()) {
    Buffer larger = pool_->acquire(kept + data.size());
    std::memcpy(larger.data(), kept_.data() + at_, kept);
    kept_ = std::move(larger);
    at_ = 0;
    end_ = kept;
  }
  if (!data.empty()) std::memcpy(kept_.data() + end_, data.data(), data.size());
  end_ += data.size();
  return true;
}

bool Outbox::peer_took_some() {
  const std::size_t before = std::exchange(unacknowledged_, stream_->unacknowledged());
  return unacknowledged_ < before;
}

bool Outbox::flush() {
  if (empty()) return true;
  const io::IoResult result = stream_->write(std::span<const char>(kept_.data() + at_, end_ - at_));
  if (!note(result)) return false;
  at_ += result.bytes;
  if (empty()) {
    kept_.release();
  } else if (result.bytes != 0) {
    unacknowledged_ = stream_->unacknowledged();
  }
  return true;
}

}  // namespace linkspan::gateway
