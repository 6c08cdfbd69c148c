#include "store/testing/sim_disk.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "base/random.h"
#include "store/sqlite_db.h"
#include "store/testing/sim_file.h"

namespace linkspan::store {

struct SimDiskState {
  std::mutex mutex;
  std::string name;
  sqlite3_vfs vfs{};
  std::map<std::string, std::shared_ptr<SimFile>> files;
  std::vector<std::unique_ptr<char[]>> lost_regions;  // dead connections may still look at them
  std::uint64_t life = 0;                             // crashes so far
  std::uint64_t operations = 0;
  std::optional<std::uint64_t> off_at;
  std::optional<std::pair<std::uint64_t, SimDisk::Failure>> failure;

  bool is_off() const { return off_at && operations >= *off_at; }

  // Counts a write or a sync; what it is to answer.
  int begin_operation(bool sync) {
    if (is_off()) return SQLITE_IOERR;
    const std::uint64_t number = operations++;
    if (!failure || number < failure->first) return SQLITE_OK;
    if (sync != (failure->second == SimDisk::Failure::sync_error))
      return SQLITE_OK;  // the next one of that sort
    const SimDisk::Failure kind = failure->second;
    failure.reset();
    if (kind == SimDisk::Failure::full) return SQLITE_FULL;
    return kind == SimDisk::Failure::sync_error ? SQLITE_IOERR_FSYNC : SQLITE_IOERR_WRITE;
  }
};

namespace {

// An open file, in memory that SQLite gives.
struct Handle {
  sqlite3_file base;
  SimDiskState* disk;
  std::shared_ptr<SimFile>* file;
  SimLocks* locks;
  std::uint64_t life;
};

}  // namespace

// What SQLite calls.
struct SimDiskCalls {
  using State = SimDiskState;

  static Handle& handle(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
  static bool dead(const Handle& open) { return open.life != open.disk->life || open.disk->is_off(); }

  static int close(sqlite3_file* file) {
    Handle& open = handle(file);
    std::lock_guard lock(open.disk->mutex);
    std::erase((*open.file)->holders, open.locks);
    delete open.file;
    delete open.locks;
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
    Handle& open = handle(file);
    std::lock_guard lock(open.disk->mutex);
    if (dead(open)) return SQLITE_IOERR_READ;
    const std::string& bytes = (*open.file)->bytes();
    const auto from = static_cast<std::size_t>(at);
    const auto wanted = static_cast<std::size_t>(size);
    const std::size_t there = from < bytes.size() ? std::min(wanted, bytes.size() - from) : 0;
    std::memcpy(out, bytes.data() + std::min(from, bytes.size()), there);
    if (there == wanted) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + there, 0, wanted - there);
    return SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    Handle& open = handle(file);
    std::lock_guard lock(open.disk->mutex);
    if (dead(open)) return SQLITE_IOERR_WRITE;
    const int code = open.disk->begin_operation(false);
    if (code != SQLITE_OK) return code;
    (*open.file)
        ->write(static_cast<std::size_t>(at), static_cast<const char*>(data), static_cast<std::size_t>(size));
    return SQLITE_OK;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Handle& open = handle(file);
    std::lock_guard lock(open.disk->mutex);
    if (dead(open)) return SQLITE_IOERR_TRUNCATE;
    const int code = open.disk->begin_operation(false);
    if (code != SQLITE_OK) return code;
    (*open.file)->truncate(static_cast<std::size_t>(size));
    return SQLITE_OK;
  }

  static int sync(sqlite3_file* file, int /*flags*/) {
    Handle& open = handle(file);
    std::lock_guard lock(open.disk->mutex);
    if (dead(open)) return SQLITE_IOERR_FSYNC;
    const int code = open.disk->begin_operation(true);
    if (code == SQLITE_OK) (*open.file)->sync();
    return code;
  }

  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    Handle& open = handle(file);
    std::lock_guard lock(open.disk->mutex);
    if (dead(open)) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>((*open.file)->bytes().size());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file* file, int level) {
    Handle& open = handle(file);
    std::lock_guard guard(open.disk->mutex);
    return dead(open) ? SQLITE_IOERR_LOCK : (*open.file)->lock(*open.locks, level);
  }

  static int unlock(sqlite3_file* file, int level) {
    Handle& open = handle(file);
    std::lock_guard guard(open.disk->mutex);
    open.locks->level = std::min(open.locks->level, level);
    return SQLITE_OK;
  }

  static int check_reserved(sqlite3_file* file, int* reserved) {
    Handle& open = handle(file);
    std::lock_guard guard(open.disk->mutex);
    if (dead(open)) return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *reserved = (*open.file)->is_reserved() ? 1 : 0;
    return SQLITE_OK;
  }

  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return static_cast<int>(kSectorBytes); }
  // As SQLite takes ordinary disks to be.
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    Handle& open = handle(file);
    std::lock_guard guard(open.disk->mutex);
    *out = nullptr;
    if (dead(open)) return SQLITE_IOERR_SHMMAP;
    open.locks->shm_open = true;
    auto& regions = (*open.file)->regions;
    while (extend != 0 && regions.size() <= static_cast<std::size_t>(region)) {
      regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
    if (regions.size() > static_cast<std::size_t>(region))
      *out = regions[static_cast<std::size_t>(region)].get();
    return SQLITE_OK;
  }

  static int shm_lock(sqlite3_file* file, int first, int count, int flags) {
    Handle& open = handle(file);
    std::lock_guard guard(open.disk->mutex);
    const unsigned bits = ((1u << count) - 1u) << first;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      open.locks->shm_shared &= ~bits;
      open.locks->shm_exclusive &= ~bits;
      return SQLITE_OK;
    }
    if (dead(open)) return SQLITE_IOERR_SHMLOCK;
    return (*open.file)->lock_shm(*open.locks, bits, (flags & SQLITE_SHM_EXCLUSIVE) != 0);
  }

  static void shm_barrier(sqlite3_file* file) {
    std::lock_guard guard(handle(file).disk->mutex);  // a barrier
  }

  static int shm_unmap(sqlite3_file* file, int /*remove*/) {
    Handle& open = handle(file);
    std::lock_guard guard(open.disk->mutex);
    open.locks->shm_shared = 0;
    open.locks->shm_exclusive = 0;
    open.locks->shm_open = false;
    for (const SimLocks* holder : (*open.file)->holders) {
      if (holder->shm_open) return SQLITE_OK;
    }
    if (!dead(open)) (*open.file)->regions.clear();
    return SQLITE_OK;
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods all = {
        2,         close,          read,    write,       truncate,        sync,    file_size, lock,
        unlock,    check_reserved, control, sector_size, characteristics, shm_map, shm_lock,  shm_barrier,
        shm_unmap, nullptr,        nullptr};
    return &all;
  }

  static State& state(sqlite3_vfs* vfs) { return *static_cast<State*>(vfs->pAppData); }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    State& disk = state(vfs);
    std::lock_guard lock(disk.mutex);
    file->pMethods = nullptr;
    if (disk.is_off()) return SQLITE_CANTOPEN;
    auto made = std::make_shared<SimFile>();
    if (name != nullptr) {  // others are temporary and nobody else's
      const auto known = disk.files.find(name);
      if (known != disk.files.end()) {
        made = known->second;
      } else if ((flags & SQLITE_OPEN_CREATE) == 0) {
        return SQLITE_CANTOPEN;
      } else {
        disk.files.emplace(name, made);
      }
    }
    auto* locks = new SimLocks;
    made->holders.push_back(locks);
    Handle& open = handle(file);
    open.disk = &disk;
    open.file = new std::shared_ptr<SimFile>(std::move(made));
    open.locks = locks;
    open.life = disk.life;
    file->pMethods = methods();
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int /*sync*/) {
    State& disk = state(vfs);
    std::lock_guard lock(disk.mutex);
    if (disk.is_off()) return SQLITE_IOERR_DELETE;
    return disk.files.erase(name) > 0 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
  }

  static int access(sqlite3_vfs* vfs, const char* name, int /*flags*/, int* found) {
    State& disk = state(vfs);
    std::lock_guard lock(disk.mutex);
    if (disk.is_off()) return SQLITE_IOERR_ACCESS;
    const auto known = disk.files.find(name);
    *found = known != disk.files.end() && !known->second->bytes().empty() ? 1 : 0;
    return SQLITE_OK;
  }

  static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
};

SimDisk::SimDisk() : state_(std::make_unique<SimDiskState>()) {
  prepare_sqlite();
  static std::atomic<int> count = 0;
  state_->name = "linkspan-sim-disk-" + std::to_string(++count);
  sqlite3_vfs& vfs = state_->vfs;
  vfs = *sqlite3_vfs_find(nullptr);  // random numbers, time and sleep are the system's
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(Handle);
  vfs.pNext = nullptr;
  vfs.zName = state_->name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = SimDiskCalls::open;
  vfs.xDelete = SimDiskCalls::remove;
  vfs.xAccess = SimDiskCalls::access;
  vfs.xFullPathname = SimDiskCalls::full_path;
  sqlite3_vfs_register(&vfs, 0);
}

SimDisk::~SimDisk() {
  sqlite3_vfs_unregister(&state_->vfs);
}

const std::string& SimDisk::vfs() const {
  return state_->name;
}

std::uint64_t SimDisk::operations() const {
  std::lock_guard lock(state_->mutex);
  return state_->operations;
}

void SimDisk::power_off_after(std::uint64_t operations) {
  std::lock_guard lock(state_->mutex);
  state_->off_at = state_->operations + operations;
}

bool SimDisk::is_off() const {
  std::lock_guard lock(state_->mutex);
  return state_->is_off();
}

void SimDisk::fail_after(std::uint64_t operations, Failure failure) {
  std::lock_guard lock(state_->mutex);
  state_->failure = {state_->operations + operations, failure};
}

void SimDisk::crash(std::uint64_t seed) {
  std::lock_guard lock(state_->mutex);
  ++state_->life;
  state_->off_at.reset();
  state_->failure.reset();
  Random random(seed);
  for (auto& [name, file] : state_->files) {
    file->holders.clear();
    for (auto& region : file->regions) state_->lost_regions.push_back(std::move(region));
    file->regions.clear();
    file->crash(random);
  }
}

std::uint64_t SimDisk::file_bytes(const std::string& name) const {
  std::lock_guard lock(state_->mutex);
  const auto known = state_->files.find(name);
  return known == state_->files.end() ? 0 : known->second->bytes().size();
}

SqliteOptions sim_options(const SimDisk& disk, Random& random, std::uint64_t most_writes) {
  SqliteOptions options;
  options.file.path = "sim.db";
  options.file.vfs = disk.vfs();
  options.file.max_check_ms = 0;
  options.threads = false;
  options.checkpoint.log_pages = static_cast<std::uint32_t>(8 + random.below(60));
  options.group.max_writes = 1 + random.below(most_writes);
  return options;
}

}  // namespace linkspan::store
