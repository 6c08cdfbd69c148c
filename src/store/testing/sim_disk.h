// A disk for tests, as an SQLite VFS: files in memory that remember what was synced, so that a power cut can
// take the rest.
//
//   SimDisk disk;
//   SqliteOptions options = sim_options(disk, random, 6);
//   ...
//   disk.power_off_after(17);   // writes and syncs; from then on nothing works
//   store.reset();
//   disk.crash(seed);           // what a new process finds
//
// What was written and not synced is kept or lost sector by sector (512 bytes, each as one of the writes
// since the sync left it), as the seed says. Names are simpler than on a real disk: a file that was deleted
// stays deleted, one that was made stays there, if empty. Any thread may use the files; crash() is for
// moments in which nobody does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/random.h"
#include "store/sqlite_store.h"

namespace linkspan::store {

struct SimDiskState;

class SimDisk {
 public:
  enum class Failure : unsigned char { full, write_error, sync_error };

  SimDisk();
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;
  // After everything that uses it.
  ~SimDisk();

  const std::string& vfs() const;

  // Writes and syncs (and cuts of files) so far.
  std::uint64_t operations() const;
  // So many more succeed. Then every call fails, without effect, until crash().
  void power_off_after(std::uint64_t operations);
  bool is_off() const;
  // The write or sync after `operations` more operations fails once, without effect.
  void fail_after(std::uint64_t operations, Failure failure);
  // Power is back. Whatever was open before stays dead.
  void crash(std::uint64_t seed);

  std::uint64_t file_bytes(const std::string& name) const;  // 0: there is none

 private:
  std::unique_ptr<SimDiskState> state_;
};

// A store on the disk that works on the test's thread, step by step, with a short log and groups of at most
// `most_writes`: checkpoints and ends of groups come often. `post` is the caller's.
SqliteOptions sim_options(const SimDisk& disk, Random& random, std::uint64_t most_writes);

}  // namespace linkspan::store
