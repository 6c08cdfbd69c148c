// One file of a SimDisk: its bytes, what of them is synced, and the locks on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"

namespace linkspan::store {

inline constexpr std::size_t kSectorBytes = 512;
inline constexpr std::size_t kShmLocks = 8;

// What one connection holds of a file.
struct SimLocks {
  int level = 0;            // SQLITE_LOCK_*
  unsigned shm_shared = 0;  // bits
  unsigned shm_exclusive = 0;
  bool shm_open = false;
};

class SimFile {
 public:
  const std::string& bytes() const { return bytes_; }
  void write(std::size_t at, const char* data, std::size_t size);
  void truncate(std::size_t size);
  void sync();
  // Keeps or loses what is not synced.
  void crash(Random& random);

  // SQLITE_OK or SQLITE_BUSY, by the rules of SQLite's locks.
  int lock(SimLocks& own, int level);
  bool is_reserved() const;
  int lock_shm(SimLocks& own, unsigned bits, bool exclusive);

  std::vector<SimLocks*> holders;
  std::vector<std::unique_ptr<char[]>> regions;  // of shared memory

 private:
  void remember(std::size_t from, std::size_t to);
  void note(std::size_t from, std::size_t to);
  std::string sector(std::size_t number) const;

  std::string bytes_;
  std::size_t synced_bytes_ = 0;
  // What a sector held since the last sync, the oldest (which is synced) first; of sectors written since
  // then.
  std::map<std::size_t, std::vector<std::string>> versions_;
};

}  // namespace linkspan::store
