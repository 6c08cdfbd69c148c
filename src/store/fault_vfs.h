// In builds with fault points: an SQLite VFS which is the system's, with the points store:before-sync and
// store:after-sync around the sync of a write-ahead log, where no code of ours is.
#pragma once

#include <string>

namespace linkspan::store {

// Its name, registered; empty in builds without fault points, which is the system's VFS itself.
std::string vfs_with_fault_points();

}  // namespace linkspan::store
