#include "store/fault_vfs.h"

#ifdef LINKSPAN_FAULTS

#include <sqlite3.h>

#include "base/fault_point.h"

namespace linkspan::store {
namespace {

constexpr const char* kName = "linkspan-fault-points";

// All logs have the same methods, those of the system's VFS with another xSync.
struct Methods {
  const sqlite3_io_methods* of_system = nullptr;
  sqlite3_io_methods with_points;
};
Methods& methods() {
  static Methods shared;
  return shared;
}

int sync_with_points(sqlite3_file* file, int flags) {
  LINKSPAN_FAULT_POINT("store:before-sync");
  const int code = methods().of_system->xSync(file, flags);
  LINKSPAN_FAULT_POINT("store:after-sync");
  return code;
}

int open_with_points(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* system = sqlite3_vfs_find("unix");
  const int code = system->xOpen(vfs, name, file, flags, out_flags);
  if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return code;
  static const bool once = [file] {
    methods().of_system = file->pMethods;
    methods().with_points = *file->pMethods;
    methods().with_points.xSync = sync_with_points;
    return true;
  }();
  if (once && file->pMethods == methods().of_system) file->pMethods = &methods().with_points;
  return code;
}

}  // namespace

std::string vfs_with_fault_points() {
  static const bool registered = [] {
    static sqlite3_vfs vfs = *sqlite3_vfs_find("unix");
    vfs.zName = kName;
    vfs.pNext = nullptr;
    vfs.xOpen = open_with_points;
    return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
  }();
  return registered ? kName : "";
}

}  // namespace linkspan::store

#else

namespace linkspan::store {

std::string vfs_with_fault_points() {
  return {};
}

}  // namespace linkspan::store

#endif
