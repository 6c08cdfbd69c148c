#include "store/testing/sim_file.h"

#include <algorithm>

#include <sqlite3.h>

namespace linkspan::store {

std::string SimFile::sector(std::size_t number) const {
  const std::size_t at = number * kSectorBytes;
  return at < bytes_.size() ? bytes_.substr(at, kSectorBytes) : std::string();
}

// Before a change of the bytes from..to.
void SimFile::remember(std::size_t from, std::size_t to) {
  for (std::size_t i = from / kSectorBytes; i * kSectorBytes < to; ++i) {
    std::vector<std::string>& versions = versions_[i];
    if (versions.empty()) versions.push_back(sector(i));
  }
}

// After it.
void SimFile::note(std::size_t from, std::size_t to) {
  for (std::size_t i = from / kSectorBytes; i * kSectorBytes < to; ++i) versions_[i].push_back(sector(i));
}

void SimFile::write(std::size_t at, const char* data, std::size_t size) {
  const std::size_t from = std::min(at, bytes_.size());  // a gap is written too, as zeros
  remember(from, at + size);
  if (bytes_.size() < at + size) bytes_.resize(at + size);
  std::copy_n(data, size, bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  note(from, at + size);
}

void SimFile::truncate(std::size_t size) {
  if (size >= bytes_.size()) return;
  const std::size_t before = bytes_.size();
  remember(size, before);
  bytes_.resize(size);
  note(size, before);
}

void SimFile::sync() {
  versions_.clear();
  synced_bytes_ = bytes_.size();
}

void SimFile::crash(Random& random) {
  const std::uint64_t mood = random.below(4);  // 0: all is lost, 1: all is kept, else as it comes
  std::size_t size = synced_bytes_;
  if (bytes_.size() < size && mood != 0 && (mood == 1 || random.below(2) == 0)) size = bytes_.size();
  std::string found = bytes_;
  found.resize(std::max(bytes_.size(), synced_bytes_));
  for (const auto& [number, versions] : versions_) {
    std::size_t choice = random.below(versions.size());
    if (mood == 0) choice = 0;
    if (mood == 1) choice = versions.size() - 1;
    std::string content = versions[choice];
    const std::size_t at = number * kSectorBytes;
    if (bytes_.size() >= synced_bytes_ && !content.empty()) size = std::max(size, at + content.size());
    content.resize(std::min(kSectorBytes, found.size() - std::min(at, found.size())));
    found.replace(at, content.size(), content);
  }
  found.resize(size);
  bytes_ = std::move(found);
  sync();
}

int SimFile::lock(SimLocks& own, int level) {
  if (own.level >= level) return SQLITE_OK;
  int others = 0;
  for (const SimLocks* holder : holders) {
    if (holder != &own) others = std::max(others, holder->level);
  }
  if (level == SQLITE_LOCK_SHARED && others >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
  if (level >= SQLITE_LOCK_RESERVED && others >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
  if (level == SQLITE_LOCK_EXCLUSIVE && others >= SQLITE_LOCK_SHARED) {
    own.level = std::max(own.level, SQLITE_LOCK_PENDING);
    return SQLITE_BUSY;
  }
  own.level = level;
  return SQLITE_OK;
}

bool SimFile::is_reserved() const {
  return std::any_of(holders.begin(), holders.end(),
                     [](const SimLocks* holder) { return holder->level >= SQLITE_LOCK_RESERVED; });
}

int SimFile::lock_shm(SimLocks& own, unsigned bits, bool exclusive) {
  for (const SimLocks* holder : holders) {
    if (holder == &own) continue;
    if ((holder->shm_exclusive & bits) != 0) return SQLITE_BUSY;
    if (exclusive && (holder->shm_shared & bits) != 0) return SQLITE_BUSY;
  }
  (exclusive ? own.shm_exclusive : own.shm_shared) |= bits;
  return SQLITE_OK;
}

}  // namespace linkspan::store
